import { cloneJson } from '../../api/json.ts';
import type { KubeObject } from '../../api/object.ts';
import { ALL_VERBS, BUILT_IN_RESOURCES, splitApiVersion, type ResourceInfo, type Verb } from '../../api/resources.ts';
import { qualifiedResource } from '../../api/status-error.ts';
import type { KindStrategy } from '../kinds/strategy.ts';

/** A resource in one version, with all that is special about it. */
export interface ServedResource {
  readonly info: ResourceInfo;
  readonly strategy: KindStrategy;
  /** `deployments.apps`: where the store keeps it. The versions of one resource share it. */
  readonly storageKey: string;
  /** Absent where the store keeps this very version. */
  readonly conversion?: VersionConversion;
  /** Takes the place of `conversion` where another server converts. */
  readonly remote?: RemoteConversion;
  /** Of a CustomResourceDefinition. */
  readonly custom: boolean;
  /** Made anew for each request and kept nowhere; stands back as soon as an APIService claims its version. */
  readonly computed?: true;
  /** Of a list, where it is not `KINDList`. */
  readonly listKind?: string;
  /** Where the scale subresource finds its numbers, where they are not `spec.replicas` and `status.replicas`. */
  readonly scale?: ScalePaths;
  /** What every answer warns of: the version is deprecated. */
  readonly warning?: string;
}

/** `.spec.size`: simple paths from the top of the object. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface VersionConversion {
  fromStorage(object: KubeObject): KubeObject;
  toStorage(object: KubeObject): KubeObject;
}

/** Between versions by another server: many objects at once. What is in the version already is given back as it is. */
export interface RemoteConversion {
  fromStorage(objects: readonly KubeObject[]): Promise<readonly KubeObject[]>;
  toStorage(objects: readonly KubeObject[]): Promise<readonly KubeObject[]>;
}

/** The names under which an object is kept that `toStorage` has made. */
export function storageInfo({ info, conversion, remote }: ServedResource, kept: KubeObject): ResourceInfo {
  if (conversion === undefined && remote === undefined) return info;
  const [group, version] = splitApiVersion(kept.apiVersion ?? apiVersionOf(info));
  return { ...info, group, version };
}

/** The object as it is kept. */
export async function toStorage({ conversion, remote }: ServedResource, object: KubeObject): Promise<KubeObject> {
  if (remote === undefined) return conversion === undefined ? object : conversion.toStorage(object);
  const [converted = object] = await remote.toStorage([object]);
  return converted;
}

/** A copy of a kept object as it is served. */
export async function fromStorage({ conversion, remote }: ServedResource, kept: KubeObject): Promise<KubeObject> {
  const copy = cloneJson(kept);
  if (remote === undefined) return conversion === undefined ? copy : conversion.fromStorage(copy);
  const [converted = copy] = await remote.fromStorage([copy]);
  return converted;
}

export interface ResourceCatalog {
  find(group: string, version: string, plural: string): ServedResource | undefined;
  all(): readonly ServedResource[];
}

/** `v1`, `apps/v1` */
export function apiVersionOf(info: { readonly group: string; readonly version: string }): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}

export function verbsOf(info: ResourceInfo): readonly Verb[] {
  return info.verbs ?? ALL_VERBS;
}

/** Resources that are kept under the name of another one. */
const SHARED_STORAGE: Readonly<Record<string, string>> = { 'events.events.k8s.io': 'events' };

export interface BuiltInParts {
  readonly strategyOf: (info: ResourceInfo) => KindStrategy;
  readonly conversionOf: (info: ResourceInfo) => VersionConversion | undefined;
  readonly computed: readonly ServedResource[];
}

/** The built-in resources, and those that are added while the server runs. */
export class Catalog implements ResourceCatalog {
  readonly #builtIn: readonly ServedResource[];
  readonly #served = new Map<string, ServedResource>();
  #custom: readonly ServedResource[] = [];

  constructor(parts: BuiltInParts) {
    const kept = BUILT_IN_RESOURCES.map((info): ServedResource => {
      const qualified = qualifiedResource(info);
      const conversion = parts.conversionOf(info);
      const strategy = parts.strategyOf(info);
      return {
        info,
        strategy,
        storageKey: SHARED_STORAGE[qualified] ?? qualified,
        custom: false,
        ...(conversion === undefined ? {} : { conversion }),
        ...(strategy.deprecation === undefined ? {} : { warning: strategy.deprecation }),
      };
    });
    this.#builtIn = [...kept, ...parts.computed];
    this.#index();
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#served.get(`${group}/${version}/${plural}`);
  }

  all(): readonly ServedResource[] {
    return [...this.#served.values()];
  }

  /** Replaces the custom resources. */
  setCustom(resources: readonly ServedResource[]): void {
    this.#custom = resources;
    this.#index();
  }

  #index(): void {
    this.#served.clear();
    for (const served of [...this.#builtIn, ...this.#custom]) {
      const { group, version, plural } = served.info;
      this.#served.set(`${group}/${version}/${plural}`, served);
    }
  }
}
