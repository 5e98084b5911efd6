/** The objects of any kind that is served, by its `apiVersion` and `kind`: what admission policies take parameters from. */
import { joinKey, type KubeObject } from '../../api/object.ts';
import type { ObjectStore, Stored } from '../store/index.ts';
import { apiVersionOf, fromStorage, type ResourceCatalog, type ServedResource } from './catalog.ts';
import { parseStored } from './codec.ts';

export class KindObjects {
  readonly #store: ObjectStore;
  readonly #served: ServedResource;

  constructor(store: ObjectStore, served: ServedResource) {
    this.#store = store;
    this.#served = served;
  }

  get namespaced(): boolean {
    return this.#served.info.namespaced;
  }

  async get(namespace: string, name: string): Promise<KubeObject | undefined> {
    const stored = await this.#store.get(this.#served.storageKey, joinKey(namespace, name));
    return stored === undefined ? undefined : await this.#read(stored);
  }

  async list(namespace: string): Promise<KubeObject[]> {
    const page = await this.#store.list({
      resource: this.#served.storageKey,
      namespace: namespace === '' ? undefined : namespace,
    });
    return await Promise.all(page.items.map((stored) => this.#read(stored)));
  }

  async #read(stored: Stored): Promise<KubeObject> {
    return await fromStorage(this.#served, parseStored(stored));
  }
}

/** Undefined where the kind is not served. */
export function kindObjects(store: ObjectStore, catalog: ResourceCatalog) {
  return (apiVersion: string, kind: string): KindObjects | undefined => {
    const served = catalog.all().find(({ info }) => info.kind === kind && apiVersionOf(info) === apiVersion);
    return served === undefined ? undefined : new KindObjects(store, served);
  };
}
