/** `serviceaccounts/token`: a token on request. `pkg/registry/core/serviceaccount/storage/token.go`. */
import { randomUUID } from 'node:crypto';
import { type FieldError, invalid, invalidObject } from '../../../api/field-error.ts';
import type { Pod } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';
import { badRequest, conflict, notFound } from '../../../api/status-error.ts';
import type { TokenObjects } from '../../../auth/index.ts';
import type { ObjectIdentity, TokenIssuer, TokenSpec } from '../tokens/token-issuer.ts';

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const DEFAULT_SECONDS = 3600;

interface BoundObject {
  readonly kind?: string;
  readonly apiVersion?: string;
  readonly name?: string;
  readonly uid?: string;
}

interface RequestSpec {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number | null;
  readonly boundObjectRef?: BoundObject | null;
}

export interface TokenTarget {
  readonly namespace: string;
  readonly name: string;
}

/** What a client leaves out counts as asked for. */
export function withTokenDefaults(request: KubeObject): void {
  const spec = (request['spec'] ?? {}) as RequestSpec;
  request['spec'] = { ...spec, expirationSeconds: spec.expirationSeconds ?? DEFAULT_SECONDS };
}

/** The request with its token. Rejects with NotFound, Invalid, BadRequest or Conflict. */
export async function requestToken(
  request: KubeObject,
  target: TokenTarget,
  objects: TokenObjects,
  issuer: TokenIssuer,
  now: number,
): Promise<KubeObject> {
  const { namespace, name } = target;
  const spec = (request['spec'] ?? {}) as RequestSpec;
  const expirationSeconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
  const errors = durationErrors(expirationSeconds);
  if (errors.length > 0) throw invalidObject({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors);
  const account = await objects.get('serviceaccounts', namespace, name);
  if (account === undefined) throw notFound({ group: '', plural: 'serviceaccounts' }, name);
  const boundObjectRef = spec.boundObjectRef ?? null;
  const binding = boundObjectRef === null ? {} : await boundTo(boundObjectRef, target, objects);
  const audiences = (spec.audiences ?? []).length === 0 ? issuer.audiences : (spec.audiences ?? []);
  const serviceAccount = { name, uid: account.metadata?.uid ?? '' };
  const issued = issuer.issue({ namespace, serviceAccount, audiences, expirationSeconds, ...binding });
  const creationTimestamp = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return {
    ...request,
    metadata: { ...request.metadata, name, namespace, uid: randomUUID(), creationTimestamp },
    spec: { audiences, expirationSeconds, boundObjectRef },
    status: { token: issued.token, expirationTimestamp: issued.expirationTimestamp },
  };
}

function durationErrors(seconds: number): FieldError[] {
  const field = 'spec.expirationSeconds';
  if (seconds < MIN_SECONDS) return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
  if (seconds > MAX_SECONDS) return [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')];
  return [];
}

async function boundTo(
  ref: BoundObject,
  target: TokenTarget,
  objects: TokenObjects,
): Promise<Pick<TokenSpec, 'bound' | 'node'>> {
  const { kind = '', apiVersion = '', name = '' } = ref;
  if (apiVersion === 'v1' && kind === 'Pod') {
    const pod: Pod = await existing(ref, 'pods', target.namespace, objects);
    if ((pod.spec?.serviceAccountName ?? '') !== target.name) {
      throw badRequest(
        `cannot bind token for serviceaccount ${JSON.stringify(target.name)} to pod running with different serviceaccount name.`,
      );
    }
    const node = pod.spec?.nodeName ?? '';
    const running = node === '' ? undefined : await objects.get('nodes', '', node);
    return {
      bound: { kind: 'pod', object: identityOf(pod, name) },
      node: running === undefined ? undefined : identityOf(running, node),
    };
  }
  if (apiVersion === 'v1' && kind === 'Secret') {
    const secret = await existing(ref, 'secrets', target.namespace, objects);
    return { bound: { kind: 'secret', object: identityOf(secret, name) } };
  }
  if (apiVersion === 'v1' && kind === 'Node') {
    const node = await existing(ref, 'nodes', '', objects);
    return { bound: { kind: 'node', object: identityOf(node, name) } };
  }
  throw badRequest(`cannot bind token to object of type ${apiVersion === 'v1' ? '/v1' : apiVersion}, Kind=${kind}`);
}

async function existing(
  { name = '', uid = '' }: BoundObject,
  plural: string,
  namespace: string,
  objects: TokenObjects,
): Promise<KubeObject> {
  const object = await objects.get(plural, namespace, name);
  const resource = { group: '', plural };
  if (object === undefined) throw notFound(resource, name);
  if (uid !== '' && uid !== object.metadata?.uid) {
    throw conflict(
      resource,
      name,
      `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    );
  }
  return object;
}

function identityOf(object: KubeObject, name: string): ObjectIdentity {
  return { name, uid: object.metadata?.uid ?? '' };
}
