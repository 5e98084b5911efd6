/** What a request asks for: apiserver `pkg/endpoints/request/requestinfo.go`. Pure. */
import { badRequest } from '../api/status-error.ts';
import type { Collection, Scope } from '../edgestore/index.ts';

export interface ResourceRequest {
  readonly kind: 'resource';
  readonly verb: 'get' | 'list' | 'watch' | 'write';
  readonly collection: Collection;
  /** Absent: all namespaces, or a cluster-scoped collection. */
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
}

/** Discovery, OpenAPI, `/version`, health: answers that are kept whole. */
export interface DocumentRequest {
  readonly kind: 'document';
  readonly verb: 'get' | 'write';
  readonly path: string;
  readonly query: URLSearchParams;
}

export type RequestInfo = ResourceRequest | DocumentRequest;

const MAX_TARGET_BYTES = 64 * 1024;

export function requestInfo(method: string, target: string): RequestInfo {
  const path = pathOf(target);
  const query = new URLSearchParams(target.slice(path.length + 1));
  const reads = method === 'GET' || method === 'HEAD';
  const parts = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  const resource = resourceOf(parts);
  if (resource === undefined) return { kind: 'document', verb: reads ? 'get' : 'write', path, query };
  const verb = reads ? readVerb(resource, query) : 'write';
  return { kind: 'resource', verb, query, ...resource };
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

/** Refuses what could be read one way here and another way by the API server. */
function pathOf(target: string): string {
  const path = target.split('?', 1)[0] ?? '';
  const refused =
    Buffer.byteLength(target) > MAX_TARGET_BYTES ||
    !path.startsWith('/') ||
    /\/\/|\\|#|[\0-\x20\x7f]/.test(path) ||
    /%(?![0-9a-f]{2})|%(2e|2f|5c|25|0.|1.|7f)/i.test(path) ||
    path.split('/').some((segment) => segment === '.' || segment === '..');
  if (refused) throw badRequest('the path of the request is not a clean path of the Kubernetes API');
  return path;
}

type ResourcePath = Pick<ResourceRequest, 'collection' | 'namespace' | 'name' | 'subresource'> & { watch: boolean };

function resourceOf(parts: readonly string[]): ResourcePath | undefined {
  const [prefix] = parts;
  const start = prefix === 'api' ? 2 : prefix === 'apis' ? 3 : undefined;
  if (start === undefined || parts.length <= start) return undefined;
  const [group = '', version = ''] = prefix === 'api' ? ['', parts[1]] : [parts[1], parts[2]];
  const watch = parts[start] === 'watch';
  const rest = parts.slice(watch ? start + 1 : start);
  if (rest.length === 0) return undefined;
  const namespaced = rest[0] === 'namespaces' && rest.length > 2 && !isNamespaceSubresource(rest);
  const [plural = '', name, ...subresource] = namespaced ? rest.slice(2) : rest;
  return {
    collection: { group, version, plural },
    namespace: namespaced ? rest[1] : undefined,
    name,
    subresource: subresource.length === 0 ? undefined : subresource.join('/'),
    watch,
  };
}

/** `/api/v1/namespaces/x/status` is about the namespace, `/api/v1/namespaces/x/pods` about pods in it. */
function isNamespaceSubresource(rest: readonly string[]): boolean {
  return rest.length === 3 && (rest[2] === 'status' || rest[2] === 'finalize');
}

function readVerb(resource: ResourcePath, query: URLSearchParams): 'get' | 'list' | 'watch' {
  const watches = resource.watch || ['true', '1'].includes(query.get('watch') ?? '');
  if (watches && resource.subresource === undefined) return 'watch';
  return resource.name === undefined ? 'list' : 'get';
}
