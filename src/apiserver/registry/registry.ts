/** The generic registry: all verbs on all kinds, put together. */
import type { KubeObject } from '../../api/object.ts';
import { joinKey } from '../../api/object.ts';
import type { Clock } from '../../base/clock.ts';
import type { AdmissionChain, AdmissionObjects } from '../admission/admission.ts';
import type { NodeProxy } from '../nodeproxy/node-proxy.ts';
import type { BodyDecoder, SchemaCatalog } from '../schema/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { Applier } from './applier.ts';
import type { Catalog, ServedResource } from './catalog.ts';
import { objectOf } from './codec.ts';
import { Deleter } from './deleter.ts';
import { ResourceEndpoint } from './endpoint.ts';
import type { ManagedFields } from './field-ownership.ts';
import { Patcher } from './patcher.ts';
import { Presenter } from './presenter.ts';
import { Reader } from './reader.ts';
import { ResourceRouter, type CallHandler } from './router.ts';
import { Watcher } from './watcher.ts';
import type { WriteContext } from './write-context.ts';
import { Writer } from './writer.ts';

export interface RegistryParts {
  readonly store: ObjectStore;
  readonly catalog: Catalog;
  readonly objects: AdmissionObjects;
  readonly admission: AdmissionChain;
  readonly nodeProxy: NodeProxy | undefined;
  readonly special: Readonly<Record<string, CallHandler>>;
  readonly decoder: BodyDecoder;
  readonly ownership: ManagedFields;
  readonly schemas: SchemaCatalog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly allocate: (object: KubeObject, old: KubeObject | undefined, context: WriteContext) => void;
}

export class Registry {
  readonly reader: Reader;
  readonly writer: Writer;
  readonly deleter: Deleter;
  readonly watcher: Watcher;
  readonly presenter: Presenter;
  readonly router: ResourceRouter;

  constructor(parts: RegistryParts) {
    const { store, clock, random, decoder, schemas } = parts;
    this.presenter = new Presenter(() => clock.now());
    this.reader = new Reader(store);
    this.writer = new Writer(parts);
    this.deleter = new Deleter(parts);
    this.watcher = new Watcher(store, this.presenter, clock, random);
    const shared = {
      reader: this.reader,
      writer: this.writer,
      deleter: this.deleter,
      presenter: this.presenter,
      decoder,
      patcher: new Patcher(decoder, schemas),
    };
    const applier = new Applier({ writer: this.writer, decoder, managedFields: parts.ownership });
    const endpoint = new ResourceEndpoint({ ...shared, watcher: this.watcher, applier });
    const { catalog, objects, nodeProxy, special } = parts;
    const list = (plural: string, namespace: string): Promise<KubeObject[]> => objects.list(plural, namespace);
    const { admission, ownership } = parts;
    const subresources = { ...shared, catalog, list, admission, ownership };
    this.router = new ResourceRouter({ endpoint, subresources, nodeProxy, special, now: () => clock.now() });
  }
}

/** Reads for the server's own parts, by plural of the built-in kinds. */
export class StoredObjects implements AdmissionObjects {
  readonly #store: ObjectStore;
  readonly #byPlural: ReadonlyMap<string, ServedResource>;

  constructor(store: ObjectStore, catalog: Catalog) {
    this.#store = store;
    const all = catalog.all().filter(({ conversion }) => conversion === undefined);
    this.#byPlural = new Map(all.toReversed().map((served) => [served.info.plural, served]));
  }

  async get(plural: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    const served = this.#byPlural.get(plural);
    if (served === undefined) return undefined;
    const stored = await this.#store.get(served.storageKey, joinKey(namespace, name));
    return stored === undefined ? undefined : objectOf(served, stored);
  }

  async list(plural: string, namespace: string): Promise<KubeObject[]> {
    const served = this.#byPlural.get(plural);
    if (served === undefined) return [];
    const page = await this.#store.list({
      resource: served.storageKey,
      namespace: namespace === '' ? undefined : namespace,
    });
    return page.items.map((stored) => objectOf(served, stored));
  }
}
