/** What a request asks for, told by where its answer may come from. Pure. */
import { badRequest } from '../api/status-error.ts';
import { type Attributes, parseTarget, requestAttributes, requestInfo as readRequest } from '../auth/index.ts';
import type { Collection, Scope } from '../edgestore/index.ts';

interface Asked {
  /** What the caller must be allowed to do: the same reading of the same path. */
  readonly attributes: Attributes;
  readonly query: URLSearchParams;
}

export interface ResourceRequest extends Asked {
  readonly kind: 'resource';
  readonly verb: 'get' | 'list' | 'watch' | 'write';
  readonly collection: Collection;
  /** Absent: all namespaces, or a cluster-scoped collection. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Discovery, OpenAPI, `/version`, health: answers that are kept whole. */
export interface DocumentRequest extends Asked {
  readonly kind: 'document';
  readonly verb: 'get' | 'write';
  readonly path: string;
}

export type RequestInfo = ResourceRequest | DocumentRequest;

const MAX_TARGET_BYTES = 64 * 1024;
const READS = ['get', 'list', 'watch'] as const;

/** Throws BadRequest where the target is not a clean path. */
export function requestInfo(method: string, target: string): RequestInfo {
  assertClean(target);
  const parsed = parseTarget(target);
  const { query } = parsed;
  const info = readRequest(method, parsed);
  const attributes = requestAttributes(info, query);
  if (!info.isResource) {
    const reads = method === 'GET' || method === 'HEAD';
    return { kind: 'document', verb: reads ? 'get' : 'write', path: parsed.rawPath, query, attributes };
  }
  const { group, version, resource: plural, namespace, name, subresource, rest } = info;
  return {
    kind: 'resource',
    verb: READS.find((verb) => verb === info.verb) ?? 'write',
    collection: { group, version, plural },
    // A namespace is not in itself.
    namespace: namespace === '' || plural === 'namespaces' ? undefined : namespace,
    name: name === '' ? undefined : name,
    subresource: subresource === '' ? undefined : `${subresource}${rest.replace(/\/$/, '')}`,
    query,
    attributes,
  };
}

/** The part of its collection that a list or watch is about. */
export function scopeOf(request: ResourceRequest): Scope {
  const { collection, namespace, query, name } = request;
  const fields = query.get('fieldSelector') ?? '';
  // The legacy `/watch/…/name` is a watch with a selector.
  const named = name === undefined ? [] : [`metadata.name=${name}`];
  const labelSelector = query.get('labelSelector') ?? '';
  return {
    collection,
    namespace,
    labelSelector,
    fieldSelector: [...(fields === '' ? [] : [fields]), ...named].join(','),
  };
}

/**
 * Refuses what could be read one way here and another way by the API server: segments that only decode to what they are
 * (`%2e%2e`, `/%61pi`), and absolute addresses. Clients never escape letters, digits and `-._~`.
 */
function assertClean(target: string): void {
  const path = target.split('?', 1)[0] ?? '';
  const refused =
    Buffer.byteLength(target) > MAX_TARGET_BYTES ||
    !path.startsWith('/') ||
    /\/\/|\\|#|[\0-\x20\x7f]/.test(path) ||
    /%(?![0-9a-f]{2})|%(2f|5c|25|0.|1.|7f)/i.test(path) ||
    ESCAPED_UNRESERVED.test(path) ||
    path.split('/').some((segment) => segment === '.' || segment === '..');
  if (refused) throw badRequest('the path of the request is not a clean path of the Kubernetes API');
}

/** `-` `.` `0-9` `A-Z` `_` `a-z` `~` (RFC 3986 section 2.3). */
const ESCAPED_UNRESERVED = /%(2d|2e|3[0-9]|4[1-9a-f]|5[0-9a]|5f|6[1-9a-f]|7[0-9a]|7e)/i;

/** The list of a scope, with further query parameters. */
export function targetOf(scope: Scope, query: Readonly<Record<string, string>> = {}): string {
  const { collection, namespace, labelSelector = '', fieldSelector = '' } = scope;
  const { group, version, plural } = collection;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const inNamespace = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const parameters = new URLSearchParams(query);
  if (labelSelector !== '') parameters.set('labelSelector', labelSelector);
  if (fieldSelector !== '') parameters.set('fieldSelector', fieldSelector);
  return `${root}${inNamespace}/${plural}${parameters.size === 0 ? '' : `?${parameters.toString()}`}`;
}
