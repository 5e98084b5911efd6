import { joinKey, type KubeObject, objectKey, type OwnerReference } from '../../api/object.ts';
import { type ResourceInfo, resourceKey, splitApiVersion } from '../../api/resources.ts';
import type { Change, IndexDefinition, Informer, InformerSet } from '../../client/index.ts';
import { FOREGROUND, type Item, type ItemState, type Owner } from './garbage-plan.ts';

/** Dependents by the uid of each of their owners. */
const BY_OWNER: IndexDefinition<KubeObject> = {
  name: 'owner',
  valuesOf: ({ metadata }) => metadata?.ownerReferences?.map(({ uid }) => uid) ?? [],
};

/** Who owns whom, over all resources: nothing but names, uids, finalizers and references is kept for it. */
export class OwnerGraph {
  readonly #informers: InformerSet;
  readonly #members = new Map<string, Informer>();
  /** By group and kind, whatever version a reference names. */
  readonly #byKind = new Map<string, Informer>();
  readonly #endings = new Map<string, () => void>();

  constructor(informers: InformerSet) {
    this.#informers = informers;
  }

  get resources(): readonly ResourceInfo[] {
    return [...this.#members.values()].map(({ resource }) => resource);
  }

  add(resource: ResourceInfo): Informer {
    const informer = this.#informers.for(resource, { metadataOnly: true });
    informer.addIndex(BY_OWNER);
    this.#members.set(resourceKey(resource), informer);
    this.#byKind.set(kindKey(resource), informer);
    return informer;
  }

  async remove(resource: ResourceInfo): Promise<void> {
    const key = resourceKey(resource);
    this.#endings.get(key)?.();
    this.#endings.delete(key);
    this.#members.delete(key);
    this.#byKind.delete(kindKey(resource));
    await this.#informers.drop(resource);
  }

  /** Follows the changes of one resource, until it is removed or the graph is closed. */
  follow(resource: ResourceInfo, handler: (change: Change) => void): void {
    const key = resourceKey(resource);
    const end = this.#members.get(key)?.onChange(handler);
    if (end !== undefined) this.#endings.set(key, end);
  }

  close(): void {
    for (const end of this.#endings.values()) end();
    this.#endings.clear();
  }

  read(key: string): ItemState | undefined {
    const hash = key.indexOf('#');
    const informer = this.#members.get(key.slice(0, hash));
    const object = informer?.objects.get(key.slice(hash + 1));
    if (informer === undefined || object === undefined) return undefined;
    return {
      item: { resource: informer.resource, object },
      owners: (object.metadata?.ownerReferences ?? []).map((reference) => this.#ownerOf(informer, object, reference)),
      dependents: this.dependentsOf(object.metadata?.uid ?? ''),
    };
  }

  dependentsOf(uid: string): Item[] {
    return [...this.#members.values()].flatMap(({ resource, objects }) =>
      objects.by(BY_OWNER, uid).map((object) => ({ resource, object })),
    );
  }

  /** The keys of the owners of an object, whether they are there or not. */
  ownerKeys({ metadata }: KubeObject): string[] {
    return (metadata?.ownerReferences ?? []).flatMap((reference) => {
      const informer = this.#byKind.get(referenceKey(reference));
      if (informer === undefined) return [];
      return [itemKeyOf(informer.resource, joinIn(informer.resource, metadata?.namespace, reference.name))];
    });
  }

  /** All that has an owner. */
  *owned(): Iterable<string> {
    for (const { resource, objects } of this.#members.values()) {
      for (const object of objects.values()) {
        if ((object.metadata?.ownerReferences ?? []).length > 0) yield itemKey({ resource, object });
      }
    }
  }

  #ownerOf(informer: Informer, object: KubeObject, reference: OwnerReference): Owner {
    const owners = this.#byKind.get(referenceKey(reference));
    if (owners === undefined || !owners.synced) return { reference, resource: owners?.resource, state: 'unknown' };
    const { resource } = owners;
    // A reference from the cluster into a namespace cannot be resolved: such an object is left alone.
    if (resource.namespaced && !informer.resource.namespaced) return { reference, resource, state: 'unknown' };
    const owner = owners.objects.get(joinIn(resource, object.metadata?.namespace, reference.name));
    if (owner?.metadata?.uid !== reference.uid) return { reference, resource, state: 'absent' };
    const { deletionTimestamp, finalizers } = owner.metadata;
    const ending = deletionTimestamp !== undefined && finalizers?.includes(FOREGROUND) === true;
    return { reference, resource, state: ending ? 'ending' : 'alive' };
  }
}

export function itemKey({ resource, object }: Item): string {
  return itemKeyOf(resource, objectKey(object));
}

function itemKeyOf(resource: ResourceInfo, key: string): string {
  return `${resourceKey(resource)}#${key}`;
}

function joinIn(resource: ResourceInfo, namespace: string | undefined, name: string): string {
  return joinKey(resource.namespaced ? namespace : undefined, name);
}

function kindKey({ group, kind }: { group: string; kind: string }): string {
  return `${group}/${kind}`;
}

function referenceKey({ apiVersion, kind }: OwnerReference): string {
  return kindKey({ group: splitApiVersion(apiVersion)[0], kind });
}
