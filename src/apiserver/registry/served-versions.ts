/** Objects in the versions in which they are served, for parts that look at them from outside of the registry. */
import type { JsonObject } from '../../api/json.ts';
import { cloneJson } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import type { GroupVersionKind, ResourceInfo } from '../../api/resources.ts';
import { InvariantError } from '../../base/errors.ts';
import type { BodyDecoder } from '../schema/index.ts';
import { apiVersionOf, fromStorage, type ResourceCatalog, type ServedResource, toStorage } from './catalog.ts';

export class ServedVersions {
  readonly #catalog: ResourceCatalog;
  readonly #decoder: BodyDecoder;

  constructor(catalog: ResourceCatalog, decoder: BodyDecoder) {
    this.#catalog = catalog;
    this.#decoder = decoder;
  }

  /** The other versions in which the same objects are served. */
  equivalents(resource: ResourceInfo): ResourceInfo[] {
    const served = this.#catalog.find(resource.group, resource.version, resource.plural);
    if (served === undefined) return [];
    const all = this.#catalog.all().filter(({ storageKey }) => storageKey === served.storageKey);
    return all.map(({ info }) => info).filter((info) => !isSame(info, resource));
  }

  /** A copy in the version `to`; what is of another kind than the resource has no other version. */
  async convert(object: KubeObject, from: ResourceInfo, to: ResourceInfo): Promise<KubeObject> {
    if (isSame(from, to) || (object.kind ?? from.kind) !== from.kind) return cloneJson(object);
    return await fromStorage(this.#served(to), await toStorage(this.#served(from), cloneJson(object)));
  }

  /**
   * Takes what a request on the resource carries as if it came from a client: types checked, defaults set. Throws
   * DecodeError.
   */
  read(value: JsonObject, resource: ResourceInfo, subresource: string): KubeObject {
    const kind = kindOfRequest(resource, subresource);
    const { object } = this.#decoder.decodeValue(value, kind);
    object.apiVersion = apiVersionOf(kind);
    object.kind = kind.kind;
    if (kind.kind === resource.kind) this.#served(resource).strategy.setDefaults?.(object);
    return object;
  }

  #served({ group, version, plural }: ResourceInfo): ServedResource {
    const served = this.#catalog.find(group, version, plural);
    if (served === undefined) throw new InvariantError(`${plural} of ${group}/${version} are not served`);
    return served;
  }
}

/** The kind that a request on a subresource carries: that of the resource, where the subresource has none of its own. */
export function kindOfRequest(resource: ResourceInfo, subresource: string): GroupVersionKind {
  const own = resource.subresources?.find(({ name }) => name === subresource)?.kind;
  const { group, version } = own === undefined || own.version === '' ? resource : own;
  return { group, version, kind: own?.kind ?? resource.kind };
}

function isSame(one: ResourceInfo, other: ResourceInfo): boolean {
  return one.group === other.group && one.version === other.version && one.plural === other.plural;
}
