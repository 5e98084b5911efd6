import { collectionKey } from '../../edgestore/index.ts';
import type { ResourceRequest } from '../request-info.ts';

export type QueuedVerb = 'create' | 'update' | 'patch' | 'delete';

/** A whole collection waits as the deletions of the objects that it holds. */
export type AskedVerb = QueuedVerb | 'deletecollection';

/** One entry of `metamanager.offline-writes`. */
export interface OfflineWriteRule {
  /** The core group is the empty string; `*` means all. */
  readonly group: string;
  /** `configmaps`, `pods/status`, `*`. */
  readonly resource: string;
  readonly verbs: readonly (AskedVerb | '*')[];
}

/** The verb of a write that could wait; undefined for what never can: evictions, bindings, tokens, scales and the like. */
export function askedVerb(method: string, request: ResourceRequest): AskedVerb | undefined {
  const { name, subresource } = request;
  if (subresource !== undefined && subresource !== 'status') return undefined;
  if (method === 'POST') return name === undefined ? 'create' : undefined;
  if (name === undefined) return method === 'DELETE' ? 'deletecollection' : undefined;
  if (method === 'PUT') return 'update';
  if (method === 'PATCH') return 'patch';
  return method === 'DELETE' && subresource === undefined ? 'delete' : undefined;
}

/** Whether the configuration lets such a write wait for the API. */
export function mayWait(rules: readonly OfflineWriteRule[], verb: AskedVerb, request: ResourceRequest): boolean {
  const { collection, subresource } = request;
  const resource = subresource === undefined ? collection.plural : `${collection.plural}/${subresource}`;
  return rules.some(
    (rule) =>
      [collection.group, '*'].includes(rule.group) &&
      [resource, '*'].includes(rule.resource) &&
      (rule.verbs.includes(verb) || rule.verbs.includes('*')),
  );
}

/** Names one object in all its writes. */
export function writeKey(write: { readonly collection: ResourceRequest['collection'] } & ObjectName): string {
  return `${collectionKey(write.collection)}/${write.namespace}/${write.name}`;
}

export interface ObjectName {
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
}
