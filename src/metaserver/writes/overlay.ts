import {
  type Collection,
  collectionKey,
  holds,
  type KeptObjects,
  type Knowledge,
  newerRevision,
  type Scope,
  type StoredDocument,
  type StoredObject,
} from '../../edgestore/index.ts';
import type { WaitingWrite } from './waiting-write.ts';
import { writeKey } from './write-policy.ts';

/** The writes that wait, oldest first. */
export interface Waiting {
  readonly all: readonly WaitingWrite[];
  last(name: Parameters<typeof writeKey>[0]): WaitingWrite | undefined;
}

/** What is kept of the API, as the writes that still wait have changed it. */
export class Overlay implements KeptObjects {
  readonly #store: KeptObjects;
  readonly #queue: Waiting;

  constructor(store: KeptObjects, queue: Waiting) {
    this.#store = store;
    this.#queue = queue;
  }

  get(collection: Collection, namespace: string, name: string): StoredObject | undefined {
    const write = this.#queue.last({ collection, namespace, name });
    if (write === undefined) return this.#store.get(collection, namespace, name);
    return write.verb === 'delete' ? undefined : write.object;
  }

  /** Whether it is known that there is none; that nothing is kept does not say so. */
  absent(collection: Collection, namespace: string, name: string): boolean {
    if (this.get(collection, namespace, name) !== undefined) return false;
    if (this.#queue.last({ collection, namespace, name }) !== undefined) return true;
    const inNamespace = namespace === '' ? {} : { namespace };
    return this.#store.knowledge({ collection, ...inNamespace, fieldSelector: `metadata.name=${name}` }) !== undefined;
  }

  confirmedAt(collection: Collection, namespace: string, name: string): number | undefined {
    const write = this.#queue.last({ collection, namespace, name });
    return write === undefined ? this.#store.confirmedAt(collection, namespace, name) : write.acceptedAt;
  }

  list(scope: Scope): readonly StoredObject[] {
    const local = this.#lastOf(scope.collection);
    if (local.size === 0) return this.#store.list(scope);
    const { collection } = scope;
    const kept = this.#store.list(scope).filter((object) => !local.has(writeKey({ collection, ...object })));
    const changed = [...local.values()].filter(({ verb, object }) => verb !== 'delete' && holds(scope, object));
    const objects = [...kept, ...changed.map(({ object }) => object)];
    return objects.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
  }

  knowledge(scope: Scope): Knowledge | undefined {
    const known = this.#store.knowledge(scope);
    if (known === undefined) return undefined;
    const local = [...this.#lastOf(scope.collection).values()].filter(({ object }) => holds(scope, object));
    const resourceVersion = local
      .map(({ object }) => object.resourceVersion)
      .reduce(newerRevision, known.resourceVersion);
    return { ...known, resourceVersion };
  }

  document(key: string): StoredDocument | undefined {
    return this.#store.document(key);
  }

  /** The last write of each object of the collection. */
  #lastOf(asked: Collection): Map<string, WaitingWrite> {
    const writes = this.#queue.all.filter(({ collection }) => collectionKey(collection) === collectionKey(asked));
    return new Map(writes.map((write) => [writeKey(write), write]));
  }
}

function sortKey({ namespace, name }: StoredObject): string {
  return `${namespace}\0${name}`;
}
