import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeObject } from '../api/object.ts';
import { apiVersionOf, type ResourceInfo } from '../api/resources.ts';
import type { EdgeStore, Scope, StoredObject } from './edge-store.ts';
import { compareRevisions, newerRevision } from './revision.ts';
import { storedFrom } from './stored-object.ts';

export interface SnapshotScope {
  readonly resource: ResourceInfo;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

interface Change<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** Keeps what an informer holds in the edge store: fills the snapshot port of `client`. Its scope is the informer's. */
export class InformerSnapshot<T extends KubeObject = KubeObject> {
  readonly #store: EdgeStore;
  readonly #resource: ResourceInfo;
  readonly #scope: Scope;
  readonly #logger: Logger;

  constructor(store: EdgeStore, { resource, ...selection }: SnapshotScope, logger: Logger) {
    this.#store = store;
    this.#resource = resource;
    this.#scope = { collection: resource, ...selection };
    this.#logger = logger;
  }

  load(): readonly T[] | undefined {
    if (this.#store.scope(this.#scope) === undefined) return undefined;
    return this.#store.list(this.#scope).map(({ json }) => JSON.parse(json) as T);
  }

  replace(objects: Iterable<T>): void {
    const stored = Array.from(objects, (object) => this.#stored(object));
    const resourceVersion = stored.map((object) => object.resourceVersion).reduce(newerRevision, '0');
    const listKind = `${this.#resource.kind}List`;
    this.#keep(this.#store.replace(this.#scope, { resourceVersion, listKind, objects: stored }));
  }

  apply({ before, after }: Change<T>): void {
    if (after !== undefined) this.#keep(this.#store.apply(this.#scope, 'put', this.#stored(after)));
    else if (before !== undefined) this.#remove(this.#stored(before));
  }

  /** Unless somebody saw a newer one, which is only no longer selected here. */
  #remove({ namespace, name, resourceVersion }: StoredObject): void {
    const kept = this.#store.get(this.#resource, namespace, name);
    if (kept === undefined || compareRevisions(kept.resourceVersion, resourceVersion) > 0) return;
    this.#keep(this.#store.forget(this.#resource, namespace, name));
  }

  /** Items of lists do not say what they are; kept ones do. */
  #stored(object: T): StoredObject {
    return storedFrom({ kind: this.#resource.kind, apiVersion: apiVersionOf(this.#resource), ...object });
  }

  #keep(work: Promise<void>): void {
    work.catch((error: unknown) => {
      const resource = this.#resource.plural;
      this.#logger.error({ err: error, resource }, `the copy for offline times is behind: ${messageOf(error)}`);
    });
  }
}
