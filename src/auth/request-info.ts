/** What a request is about, from its method and path: `pkg/endpoints/request/requestinfo.go` of apiserver. */

/** Verbs of resources as RBAC knows them, and the lower-case method for other paths. */
export type RequestVerb = string;

export interface RequestInfo {
  readonly isResource: boolean;
  /** Without the query, decoded. */
  readonly path: string;
  readonly verb: RequestVerb;
  readonly group: string;
  readonly version: string;
  /** Empty for all namespaces and for cluster-scoped resources. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** The raw path behind the subresource, with its leading slash: what `/proxy` hands on. */
  readonly rest: string;
}

export interface ParsedTarget {
  /** As it came, without the query. */
  readonly rawPath: string;
  readonly query: URLSearchParams;
}

export function parseTarget(target: string): ParsedTarget {
  const mark = target.indexOf('?');
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  return { rawPath, query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}

/** `namespaces/NAME/THESE` are subresources, everything else behind a namespace is a resource in it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

const METHOD_VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

export function requestInfo(method: string, { rawPath, query }: ParsedTarget): RequestInfo {
  const segments = rawPath.split('/').slice(1);
  // A slash at the end changes nothing.
  if (segments.at(-1) === '') segments.pop();
  const prefix = segments[0];
  const inGroup = prefix === 'apis';
  const rest = segments.slice(inGroup ? 3 : 2);
  if ((prefix !== 'api' && !inGroup) || rest.length === 0) return nonResource(method, rawPath);
  const [group, version] = inGroup ? [segments[1] ?? '', segments[2] ?? ''] : ['', segments[1] ?? ''];
  return resourceInfo(method, rawPath, query, { group, version }, rest);
}

function nonResource(method: string, rawPath: string): RequestInfo {
  const empty = { group: '', version: '', namespace: '', resource: '', subresource: '', name: '', rest: '' };
  return { isResource: false, path: decoded(rawPath), verb: method.toLowerCase(), ...empty };
}

function resourceInfo(
  method: string,
  rawPath: string,
  query: URLSearchParams,
  version: { group: string; version: string },
  rawParts: string[],
): RequestInfo {
  let parts = rawParts;
  let verb = METHOD_VERBS[method] ?? method.toLowerCase();
  // The old form: /api/v1/watch/pods
  if (parts[0] === 'watch' && parts.length > 1) {
    parts = parts.slice(1);
    verb = 'watch';
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = decoded(parts[1] ?? '');
    const third = parts[2];
    if (third !== undefined && !NAMESPACE_SUBRESOURCES.has(third)) parts = parts.slice(2);
  }
  const [resource = '', name = '', subresource = '', ...rest] = parts;
  if (name === '') verb = collectionVerb(verb, query);
  return {
    isResource: true,
    path: decoded(rawPath),
    verb,
    ...version,
    namespace,
    resource,
    subresource,
    name: decoded(name),
    rest: rest.length === 0 ? (subresource !== '' && rawPath.endsWith('/') ? '/' : '') : restOf(rest, rawPath),
  };
}

function collectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === 'delete') return 'deletecollection';
  if (verb !== 'get') return verb;
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}

function restOf(rest: readonly string[], rawPath: string): string {
  return `/${rest.join('/')}${rawPath.endsWith('/') ? '/' : ''}`;
}

/** How the query reads a boolean: there and neither `false` nor `0`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0';
}

/** Percent-decoded; a broken escape stays as it is and so names nothing. */
function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
