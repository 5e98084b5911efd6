/** In which form the edge store answers: objects, their metadata alone, or Tables. Pure. */
import type { KubeObject } from '../api/object.ts';
import { StatusError } from '../api/status-error.ts';

export type AnswerForm =
  | { readonly as: 'object' }
  /** `version` is that of `meta.k8s.io`. */
  | { readonly as: 'table' | 'metadata'; readonly version: string };

const FORMS: Readonly<Record<string, 'table' | 'metadata'>> = {
  table: 'table',
  partialobjectmetadata: 'metadata',
  partialobjectmetadatalist: 'metadata',
};

/** The form that the client likes best of those that the store can give. Throws NotAcceptable where there is none. */
export function answerForm(accept: string | undefined): AnswerForm {
  if (accept === undefined || accept.trim() === '') return { as: 'object' };
  for (const media of accept.split(',')) {
    const [type = '', ...parameters] = media.split(';').map((each) => each.trim().toLowerCase());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const values = new Map(parameters.map((each) => each.split('=') as [string, string]));
    const as = FORMS[values.get('as') ?? ''];
    if (as !== undefined) return { as, version: values.get('v') ?? 'v1' };
    if (!values.has('as')) return { as: 'object' };
  }
  throw new StatusError(
    'NotAcceptable',
    'only the following media types are accepted while the API is away: application/json, application/json;as=Table, ' +
      'application/json;as=PartialObjectMetadata',
  );
}

export function partialOf({ metadata }: KubeObject, apiVersion: string): object {
  return { kind: 'PartialObjectMetadata', apiVersion, metadata };
}
