/** `pods/binding` and `bindings`: gives a pod its node. */
import { notSupported, required, type FieldError } from '../../../api/field-error.ts';
import type { Pod } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';
import { conflict, StatusError } from '../../../api/status-error.ts';
import type { ApiResponse } from '../../../client/index.ts';
import { decodeBody } from '../body.ts';
import type { ResourceCall } from '../call.ts';
import { contextOf } from '../endpoint.ts';
import { timestamp } from '../metadata.ts';
import { writeOptions } from '../write-options.ts';
import { admitCreation } from './admit.ts';
import { created, podsOf, type SubresourceParts } from './parts.ts';

const BINDING = { group: '', version: 'v1', kind: 'Binding' };
const PODS_BINDING = { group: '', plural: 'pods/binding' };

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string };
}

export async function bindPod(parts: SubresourceParts, call: ResourceCall, now: number): Promise<ApiResponse> {
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'] ?? '');
  const binding: Binding = decodeBody(parts.decoder, call, BINDING, options.fieldValidation);
  const errors = targetErrors(binding);
  if (errors.length > 0) {
    const texts = errors.map(({ field, message }) => `${field}: ${message}`);
    throw new StatusError('', texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`);
  }
  const name = call.info.name === '' ? (binding.metadata?.name ?? '') : call.info.name;
  const context = contextOf({ ...call, served: podsOf(parts, call) }, options, 'CreateOptions');
  await admitCreation(parts.admission, call, binding, context);
  const transform = (current: KubeObject): KubeObject => bound(current, binding, name, now);
  await parts.writer.update(context, name, transform, { raw: true });
  return created(call);
}

function targetErrors({ target }: Binding): FieldError[] {
  const errors: FieldError[] = [];
  const kind = target?.kind ?? '';
  if (kind !== '' && kind !== 'Node') {
    const { type, field } = notSupported('target.kind', kind, []);
    const message = `Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`;
    errors.push({ type, field, message });
  }
  if ((target?.name ?? '') === '') errors.push(required('target.name'));
  return errors;
}

function bound(pod: Pod, binding: Binding, name: string, now: number): KubeObject {
  const { uid } = binding.metadata ?? {};
  if (uid !== undefined && uid !== '' && uid !== pod.metadata?.uid) {
    throw conflict(
      PODS_BINDING,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata?.uid ?? ''}`,
    );
  }
  if (pod.metadata?.deletionTimestamp !== undefined) {
    throw conflict(PODS_BINDING, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  }
  const assigned = pod.spec?.nodeName ?? '';
  if (assigned !== '') {
    throw conflict(PODS_BINDING, name, `pod ${name} is already assigned to node ${JSON.stringify(assigned)}`);
  }
  if ((pod.spec?.schedulingGates ?? []).length > 0) {
    throw conflict(PODS_BINDING, name, `pod ${name} has non-empty .spec.schedulingGates`);
  }
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: timestamp(now) };
  const others = (pod.status?.conditions ?? []).filter(({ type }) => type !== 'PodScheduled');
  const annotations = { ...pod.metadata?.annotations, ...binding.metadata?.annotations };
  const labels = { ...pod.metadata?.labels, ...binding.metadata?.labels };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
    },
    spec: { ...pod.spec, nodeName: binding.target?.name ?? '' },
    status: { ...pod.status, conditions: [...others, scheduled] },
  };
}
