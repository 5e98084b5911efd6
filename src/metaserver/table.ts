/** Tables out of the edge store: name and age, as kube-apiserver prints kinds that it has no columns for. Pure. */
import type { KubeObject } from '../api/object.ts';
import { StatusError } from '../api/status-error.ts';

const NAME_HELP =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a ' +
  'client to request the generation of an appropriate name automatically. Name is primarily intended for creation ' +
  'idempotence and configuration definition. Cannot be updated. More info: ' +
  'https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
const AGE_HELP =
  'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed ' +
  'to be set in happens-before order across separate operations. Clients may not set this value. It is represented ' +
  'in RFC3339 form and is in UTC.';

export const TABLE_COLUMNS = [
  { name: 'Name', type: 'string', format: 'name', description: NAME_HELP, priority: 0 },
  { name: 'Created At', type: 'date', format: '', description: AGE_HELP, priority: 0 },
];

export type AnswerForm = { readonly as: 'object' } | { readonly as: 'table'; readonly version: string };

/** The form that the client likes best of those that the store can give. Throws NotAcceptable where there is none. */
export function answerForm(accept: string | undefined): AnswerForm {
  if (accept === undefined || accept.trim() === '') return { as: 'object' };
  for (const media of accept.split(',')) {
    const [type = '', ...parameters] = media.split(';').map((each) => each.trim().toLowerCase());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const values = new Map(parameters.map((each) => each.split('=') as [string, string]));
    if (values.get('as') === 'table') return { as: 'table', version: values.get('v') ?? 'v1' };
    if (!values.has('as')) return { as: 'object' };
  }
  throw new StatusError(
    'NotAcceptable',
    'only the following media types are accepted while the API is away: application/json, application/json;as=Table',
  );
}

/** `includeObject` as in `meta.k8s.io` TableOptions: None, Metadata (the default) or Object. */
export function tableRow(object: KubeObject, includeObject: string, version: string): object {
  const cells = [object.metadata?.name ?? '', object.metadata?.creationTimestamp ?? '<unknown>'];
  if (includeObject === 'None') return { cells };
  if (includeObject === 'Object') return { cells, object };
  const apiVersion = `meta.k8s.io/${version}`;
  return { cells, object: { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata } };
}

export function tableOf(rows: readonly object[], metadata: object, version: string): object {
  return { kind: 'Table', apiVersion: `meta.k8s.io/${version}`, metadata, columnDefinitions: TABLE_COLUMNS, rows };
}
