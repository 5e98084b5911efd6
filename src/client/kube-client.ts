/** The one way in which everything above the API reaches the cluster. */
import type { KubeList, KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';

export interface Target {
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly subresource?: string;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  /** First the present state, then a bookmark with the annotation `k8s.io/initial-events-end`. */
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

/** One line of a watch. An `ERROR` event of the server is thrown as StatusError instead. */
export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: T;
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** Apply only: take fields over from other managers. */
  readonly force?: boolean;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/**
 * Every method rejects with StatusError; `ServiceUnavailable` also where no server answered. Objects carry `kind` and
 * `apiVersion`, those of lists too.
 */
export interface KubeClient {
  get<T extends KubeObject>(resource: ResourceInfo, target: Target, signal: AbortSignal): Promise<T>;
  list<T extends KubeObject>(resource: ResourceInfo, options: ListOptions, signal: AbortSignal): Promise<KubeList<T>>;
  /** Ends when the server ends it; ending the iteration or aborting the signal cancels it. */
  watch<T extends KubeObject>(
    resource: ResourceInfo,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncIterable<WatchEvent<T>>;
  /** A document at any other path (`/apis`, `/version`), as JSON; `accept` asks for another form of it. */
  read<T>(path: string, signal: AbortSignal, accept?: string): Promise<T>;
  /** `subresource` with `name` for `pods/binding`, `serviceaccounts/token`, `pods/eviction`. */
  create<T extends KubeObject>(
    resource: ResourceInfo,
    target: { readonly namespace?: string | undefined; readonly name?: string; readonly subresource?: string },
    object: KubeObject,
    signal: AbortSignal,
    options?: WriteOptions,
  ): Promise<T>;
  update<T extends KubeObject>(
    resource: ResourceInfo,
    target: Target,
    object: T,
    signal: AbortSignal,
    options?: WriteOptions,
  ): Promise<T>;
  patch<T extends KubeObject>(
    resource: ResourceInfo,
    target: Target,
    type: PatchType,
    patch: unknown,
    signal: AbortSignal,
    options?: WriteOptions,
  ): Promise<T>;
  /** Resolves to the object where it stays for now (finalizers, grace period), to nothing where it is gone. */
  delete(
    resource: ResourceInfo,
    target: Target,
    signal: AbortSignal,
    options?: DeleteOptions,
  ): Promise<KubeObject | undefined>;
  deleteCollection(
    resource: ResourceInfo,
    options: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>,
    signal: AbortSignal,
    deletion?: DeleteOptions,
  ): Promise<void>;
}
