/**
 * Where objects live: bytes under a key, with one counter of revisions for all of them. Knows nothing of Kubernetes
 * beyond that. Every implementation passes `test/contract/object-store.ts`.
 *
 * Invariants: revisions only rise, each belongs to one write; an answered write survives a power cut (volatile resources
 * excepted); watchers see every write of their resource once, in the order of revisions.
 */

export interface Stored {
  /** `namespace/name`, or the name of a cluster-scoped object. Lists are in the order of its bytes, as etcd's are. */
  readonly key: string;
  readonly revision: number;
  /** JSON as it is served. */
  readonly bytes: Uint8Array;
}

/** One write, as watchers see it. */
export interface StoreEvent extends Stored {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resource: string;
  /** What was there before: absent for ADDED. A deletion carries the last state under the revision of the deletion. */
  readonly previous?: Stored;
}

export interface ListQuery {
  /** `deployments.apps` */
  readonly resource: string;
  /** Only keys of this namespace. */
  readonly namespace?: string | undefined;
  /** Only keys behind this one. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** As it was at this revision. Rejects with CompactedError when that is no longer known. */
  readonly revision?: number | undefined;
}

export interface ListPage {
  readonly items: readonly Stored[];
  /** The revision at which this is the truth. */
  readonly revision: number;
  /** How many follow behind the last item. */
  readonly remaining: number;
}

/** How the objects of a list are written into a JSON array: each without its first `skip` bytes, behind `prefix`. */
export interface ItemCut {
  readonly skip: number;
  readonly prefix: string;
}

/** All objects of a resource or of one namespace of it, as they are now. */
export interface JoinedItems {
  /** The items with commas between them. */
  readonly bytes: Uint8Array;
  readonly revision: number;
}

/** Makes the bytes of a write once its revision is known. */
export type Render = (revision: number) => Uint8Array;

export interface WriteExtras {
  /** The object goes by itself at this time, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

export type WatchListener = (event: StoreEvent) => void;

export interface ObjectStore {
  /** The last revision given out. */
  readonly revision: number;
  get(resource: string, key: string): Promise<Stored | undefined>;
  list(query: ListQuery): Promise<ListPage>;
  /** A whole list in one piece; undefined where the store would have to do it object by object as well. */
  joined(resource: string, namespace: string | undefined, cut: ItemCut): Promise<JoinedItems | undefined>;
  /** Rejects with WriteConflictError when the key is taken. */
  create(resource: string, key: string, render: Render, extras?: WriteExtras): Promise<Stored>;
  /** Rejects with WriteConflictError when the object is gone or has another revision than `expected`. */
  update(resource: string, key: string, expected: number, render: Render, extras?: WriteExtras): Promise<Stored>;
  /** As `update`; `render` gives the last state, which watchers see. */
  delete(resource: string, key: string, expected: number, render: Render): Promise<Stored>;
  /**
   * Calls the listener with each write behind revision `since`: first, before this returns, with those that were, then
   * with the others as they are committed. Throws CompactedError when `since` is no longer known. Returns the end of it.
   */
  watch(resource: string, since: number, listener: WatchListener): () => void;
  /**
   * The first `limit` writes of the resource behind revision `since`, oldest first. Throws CompactedError when `since` is
   * no longer known.
   */
  replay(resource: string, since: number, limit: number): readonly StoreEvent[];
  /** Deletes what has expired; `render` gives the last state of each. Resolves to how many. */
  expire(now: number, render: (stored: Stored, revision: number) => Uint8Array): Promise<number>;
  /** Writes what is held back to disk. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A write found another state than it expected. */
export class WriteConflictError extends Error {
  override readonly name = 'WriteConflictError';
  /** What is there now; absent when nothing is. */
  readonly current: Stored | undefined;

  constructor(resource: string, key: string, current: Stored | undefined) {
    super(`${resource} ${key} is ${current === undefined ? 'not there' : `at revision ${current.revision}`}`);
    this.current = current;
  }
}

/** The history asked for is no longer held. */
export class CompactedError extends Error {
  override readonly name = 'CompactedError';
  /** The oldest revision from which everything is known. */
  readonly oldest: number;

  constructor(asked: number, oldest: number) {
    super(`revision ${asked} is no longer held, the oldest is ${oldest}`);
    this.oldest = oldest;
  }
}
