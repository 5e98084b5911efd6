import type { RequestInfo } from '../../auth/index.ts';
import type { ApiRequest, Caller } from '../../client/index.ts';
import type { ServedResource } from './catalog.ts';

/** The first value of a key counts. */
export type Annotate = (key: string, value: string) => void;

/** One request on a resource: authenticated, authorized and parsed. */
export interface ResourceCall {
  readonly info: RequestInfo;
  readonly served: ServedResource;
  readonly query: URLSearchParams;
  readonly request: ApiRequest;
  readonly caller: Caller;
  /** Adds a `Warning` header to the answer. */
  readonly warn: (text: string) => void;
  /** Adds to what the audit log says of the request. */
  readonly annotate?: Annotate | undefined;
  readonly signal: AbortSignal;
}
