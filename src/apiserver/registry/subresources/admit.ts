/** Admission of what is not stored: objects posted to a subresource, and connections. */
import type { KubeObject } from '../../../api/object.ts';
import type { AdmissionChain, AdmissionOperation } from '../../admission/admission.ts';
import type { ResourceCall } from '../call.ts';
import type { WriteContext } from '../write-context.ts';

/** Plug-ins may change the object. */
export async function admitCreation(
  admission: AdmissionChain,
  call: ResourceCall,
  object: KubeObject,
  { dryRun, options }: Pick<WriteContext, 'dryRun' | 'options'>,
): Promise<void> {
  const name = call.info.name === '' ? (object.metadata?.name ?? '') : call.info.name;
  await admit(admission, 'CREATE', { ...call, info: { ...call.info, name } }, object, { dryRun, options });
}

/** Of exec, attach, port-forward and proxy: the options stand in the query. */
export async function admitConnection(admission: AdmissionChain, call: ResourceCall): Promise<void> {
  const { info, served, query } = call;
  const kind = served.info.subresources?.find(({ name }) => name === info.subresource)?.kind?.kind ?? '';
  const object: KubeObject = { kind, apiVersion: 'v1', ...connectOptions(query) };
  await admit(admission, 'CONNECT', call, object, { dryRun: false, options: {} });
}

const FLAGS = new Set(['stdin', 'stdout', 'stderr', 'tty']);

function connectOptions(query: URLSearchParams): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const name of new Set(query.keys())) {
    const values = query.getAll(name);
    if (name === 'command') options[name] = values;
    else if (name === 'ports') options[name] = values.flatMap((text) => text.split(',')).map(Number);
    else options[name] = FLAGS.has(name) ? values[0] === 'true' || values[0] === '1' : values[0];
  }
  return options;
}

async function admit(
  admission: AdmissionChain,
  operation: AdmissionOperation,
  { info, served, caller, warn, annotate, signal }: ResourceCall,
  object: KubeObject,
  { dryRun, options }: Pick<WriteContext, 'dryRun' | 'options'>,
): Promise<void> {
  const { namespace, name, subresource } = info;
  const about = { operation, resource: served.info, subresource, namespace, name };
  const request = { ...about, object, oldObject: undefined, options, caller, dryRun, warn, annotate };
  await admission.admit(request, signal);
  await admission.validate(request, signal);
}
