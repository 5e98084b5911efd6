/** One request of a known caller: parsed, authorized, sent to the part that answers it. */
import { notFound, StatusError } from '../../api/status-error.ts';
import { parseTarget, requestInfo, type RequestInfo } from '../../auth/index.ts';
import type { ApiRequest, ApiResponse, Caller } from '../../client/index.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import { verbsOf, type ResourceCatalog, type ServedResource } from '../registry/catalog.ts';
import type { Annotate, ResourceCall } from '../registry/call.ts';
import { methodNotAllowed } from '../registry/endpoint.ts';
import { pageNotFound, type RootPaths } from './root-paths.ts';

/** What a request is about. */
export interface RequestTarget {
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly annotate?: Annotate | undefined;
}

export function targetOf({ method, target }: ApiRequest): RequestTarget {
  const parsed = parseTarget(target);
  return { info: requestInfo(method, parsed), query: parsed.query };
}

/** Throws Forbidden where the caller may not do this. */
export type Authorize = (caller: Caller, info: RequestInfo, query: URLSearchParams) => void;

export interface DispatcherParts {
  readonly catalog: ResourceCatalog;
  readonly rootPaths: RootPaths;
  readonly authorize: Authorize;
  readonly aggregation: Aggregation;
  /** The verbs on objects and their subresources. */
  readonly serve: (call: ResourceCall) => Promise<ApiResponse>;
}

/** Warnings that one answer carries at most. */
const MAX_WARNINGS = 100;

export class Dispatcher {
  readonly #parts: DispatcherParts;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  async dispatch(
    request: ApiRequest,
    { info, query, annotate }: RequestTarget,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<ApiResponse> {
    this.#parts.authorize(caller, info, query);
    const { aggregation, rootPaths } = this.#parts;
    const elsewhere = aggregation.serviceFor(request.target);
    if (elsewhere !== undefined) return await aggregation.handle(elsewhere, request, caller, signal);
    if (!info.isResource) return await rootPaths.handle(request, info.path, query, signal);
    if (!this.#knows(info)) return pageNotFound();
    const warnings: string[] = [];
    const call = { ...this.callOf(request, info, query, caller, signal), warn: collector(warnings), annotate };
    if (call.served.warning !== undefined) call.warn(call.served.warning);
    try {
      return withWarnings(await this.#parts.serve(call), warnings);
    } catch (error) {
      if (error instanceof StatusError) warningsOf.set(error, warnings);
      throw error;
    }
  }

  /** Groups that nobody serves, and what is not in the group of a custom resource, are pages that are not found. */
  #knows({ group, version, resource }: RequestInfo): boolean {
    if (this.#parts.catalog.find(group, version, resource) !== undefined) return true;
    return this.#parts.catalog.all().some(({ info, custom }) => info.group === group && !custom);
  }

  /** The call that a request on a resource is. Throws NotFound and MethodNotAllowed. */
  callOf(
    request: ApiRequest,
    info: RequestInfo,
    query: URLSearchParams,
    caller: Caller,
    signal: AbortSignal,
  ): ResourceCall {
    const served = this.#parts.catalog.find(info.group, info.version, info.resource);
    if (served === undefined) throw unknownResource();
    assertServes(served, info);
    // For authorization a namespace lies in itself; in the store it does not.
    const placed = served.info.namespaced ? info : { ...info, namespace: '' };
    return { info: placed, served, query, request, caller, warn: () => undefined, signal };
  }
}

/** Warnings that belong to an error answer. */
const warningsOf = new WeakMap<StatusError, readonly string[]>();

export function warningsOfError(error: StatusError): readonly string[] {
  return warningsOf.get(error) ?? [];
}

export function withWarnings(answer: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return answer;
  const values = warnings.map((text) => `299 - ${quoted(text)}`);
  return { ...answer, headers: { ...answer.headers, warning: values } };
}

/** RFC 9110 quoted-string; what a header cannot carry is left out. */
function quoted(text: string): string {
  const printable = text.replaceAll(/[^\x20-\x7e]/g, ' ');
  return `"${printable.replaceAll(/[\\"]/g, String.raw`\$&`)}"`;
}

function collector(warnings: string[]): (text: string) => void {
  return (text) => {
    if (warnings.length < MAX_WARNINGS && !warnings.includes(text)) warnings.push(text);
  };
}

export function unknownResource(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', { details: {} });
}

function assertServes(served: ServedResource, info: RequestInfo): void {
  const { namespaced } = served.info;
  const isNamespace = served.info.plural === 'namespaces' && served.info.group === '';
  if (!namespaced && info.namespace !== '' && !isNamespace) throw unknownResource();
  if (info.subresource !== '') {
    const subresource = served.info.subresources?.find(({ name }) => name === info.subresource);
    if (subresource === undefined) throw served.custom ? notFound(served.info, info.name) : unknownResource();
    const proxied = subresource.kind?.version === '' && subresource.kind.group === '';
    if (!proxied && !(subresource.verbs as readonly string[]).includes(info.verb)) throw methodNotAllowed();
    return;
  }
  if (!(verbsOf(served.info) as readonly string[]).includes(info.verb)) throw methodNotAllowed();
  if (namespaced && info.namespace === '' && info.verb !== 'list' && info.verb !== 'watch') {
    if (info.name === '') throw methodNotAllowed();
    throw notFound(served.info, info.name);
  }
  if (info.verb === 'create' && info.name !== '') throw methodNotAllowed();
}
