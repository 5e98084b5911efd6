/**
 * The site's copy of what concerns its node: what edged works from and what the metaserver answers from when the API is
 * away. Two kinds of knowledge are kept apart: single objects that somebody read, and scopes that were listed in full,
 * about which "there is none" may be said truly.
 */
import type { Component } from '../base/component.ts';

/** A resource in one version, as its path has it. */
export interface Collection {
  /** The core group is the empty string. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

/** A part of a collection, as a list or a watch asks for it. */
export interface Scope {
  readonly collection: Collection;
  /** Absent: all namespaces, or a cluster-scoped collection. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface StoredObject {
  /** Empty for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
  /** The whole object, with `apiVersion` and `kind`. */
  readonly json: string;
}

/** What a complete list of a scope brings. */
export interface ScopeContents {
  readonly resourceVersion: string;
  /** `PodList` */
  readonly listKind: string;
  readonly objects: readonly StoredObject[];
}

/** What the store may say about a scope that it knows in full. */
export interface Knowledge {
  /** The newest revision up to which the scope is known. */
  readonly resourceVersion: string;
  readonly listKind: string;
  /** Milliseconds since the epoch when the API last said that this is how it is. */
  readonly confirmedAt: number;
}

/** An answer kept whole: discovery, OpenAPI, `/version`. */
export interface StoredDocument {
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly storedAt: number;
}

/**
 * Reads are answered at once from the local disk. Writes resolve when they are durable; they take effect in the order
 * of the calls. Rejects with UserError where the store cannot be opened.
 */
export interface EdgeStore extends Component {
  get(collection: Collection, namespace: string, name: string): StoredObject | undefined;
  /** When the object was last known to be so; undefined where it is not kept. */
  confirmedAt(collection: Collection, namespace: string, name: string): number | undefined;
  /** What is kept of the scope, ordered by namespace and name. Says nothing of what else there may be. */
  list(scope: Scope): readonly StoredObject[];
  /** Undefined where the scope was never seen in full. */
  knowledge(scope: Scope): Knowledge | undefined;
  /** What is known of exactly this scope, not of one that holds it. */
  scope(scope: Scope): Knowledge | undefined;

  /** Keeps an object that somebody read. Older than what is kept, or than a scope that is known not to hold it: ignored. */
  remember(collection: Collection, object: StoredObject): Promise<void>;
  /** The API said that there is no such object. */
  forget(collection: Collection, namespace: string, name: string): Promise<void>;
  /** A relist is the truth: what the scope held and the list does not is gone, and the scope is known in full. */
  replace(scope: Scope, contents: ScopeContents): Promise<void>;
  /** One event of a watch on the scope. */
  apply(scope: Scope, type: 'put' | 'delete', object: StoredObject): Promise<void>;
  /** A bookmark, or any sign that the scope is as it is kept. Ignored for scopes not known. */
  confirm(scope: Scope, resourceVersion: string): Promise<void>;
  /** The API goes on with an older history: from now on whatever it says is newer than what is kept. */
  rewind(): Promise<void>;

  document(key: string): StoredDocument | undefined;
  putDocument(key: string, contentType: string, body: Uint8Array): Promise<void>;

  /** Bytes of objects and documents that are kept. */
  readonly bytes: number;
}

/** The reading side of what is kept. */
export type KeptObjects = Pick<EdgeStore, 'get' | 'confirmedAt' | 'list' | 'knowledge' | 'document'>;

/** `group/version/plural`: how a collection is named in maps and rows. */
export function collectionKey(collection: Collection): string {
  return `${collection.group}/${collection.version}/${collection.plural}`;
}
