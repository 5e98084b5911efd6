/** The discovery documents: which groups, versions and resources there are, in the old form and in the aggregated one. */
import { createHash } from 'node:crypto';
import type { ResourceInfo, Subresource } from '../../api/resources.ts';
import { apiVersionOf } from '../../api/resources.ts';
import { groupPriority, versionPriority } from '../aggregation/local-api-services.ts';
import { aggregatedResources, type RemoteVersion } from '../aggregation/remote-groups.ts';
import { verbsOf, type ResourceCatalog } from '../registry/catalog.ts';

/** Group and version pairs by group, each group's most wanted version first. */
type Groups = ReadonlyMap<string, readonly string[]>;

export class Discovery {
  readonly #catalog: ResourceCatalog;
  readonly #remote: () => readonly RemoteVersion[];

  /** `remote`: what other servers serve. */
  constructor(catalog: ResourceCatalog, remote: () => readonly RemoteVersion[] = () => []) {
    this.#catalog = catalog;
    this.#remote = remote;
  }

  /** `/api` */
  apiVersions(serverAddress: string): object {
    return {
      kind: 'APIVersions',
      versions: ['v1'],
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
    };
  }

  /** `/apis` */
  groupList(): object {
    const groups = [...this.#groups()]
      .filter(([group]) => group !== '')
      .map(([group, versions]) => groupOf(group, versions));
    return { kind: 'APIGroupList', apiVersion: 'v1', groups };
  }

  /** `/apis/GROUP`; undefined where there is none. */
  group(name: string): object | undefined {
    const versions = this.#groups().get(name);
    if (versions === undefined || name === '') return undefined;
    return { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(name, versions) };
  }

  /** `/api/v1`, `/apis/GROUP/VERSION`; undefined where there is none. */
  resourceList(group: string, version: string): object | undefined {
    const resources = this.#resources(group, version);
    if (resources.length === 0) return undefined;
    return {
      kind: 'APIResourceList',
      ...(group === '' ? {} : { apiVersion: 'v1' }),
      groupVersion: apiVersionOf({ group, version }),
      resources: resources.flatMap(legacyEntries),
    };
  }

  /** `/api` or `/apis` in one document of `apidiscovery.k8s.io`. */
  aggregated(legacy: boolean, discoveryVersion: 'v2' | 'v2beta1'): object {
    const remote = this.#remote();
    const items = [...this.#groups()]
      .filter(([group]) => (group === '') === legacy)
      .map(([group, versions]) => ({
        metadata: group === '' ? {} : { name: group },
        versions: versions.map((version) => this.#aggregatedVersion(group, version, remote)),
      }));
    return {
      kind: 'APIGroupDiscoveryList',
      apiVersion: `apidiscovery.k8s.io/${discoveryVersion}`,
      metadata: {},
      items,
    };
  }

  #aggregatedVersion(group: string, version: string, remote: readonly RemoteVersion[]): object {
    const other = remote.find((each) => each.group === group && each.version === version);
    if (other !== undefined) {
      return { version, resources: aggregatedResources(other), freshness: other.available ? 'Current' : 'Stale' };
    }
    return { version, resources: this.#resources(group, version).map(aggregatedEntry), freshness: 'Current' };
  }

  /** The paths of all groups and versions. */
  paths(): string[] {
    const groups = [...this.#groups()].filter(([group]) => group !== '');
    return [
      '/api',
      '/api/v1',
      '/apis',
      '/apis/',
      ...groups.flatMap(([group, versions]) => [
        `/apis/${group}`,
        ...versions.map((version) => `/apis/${group}/${version}`),
      ]),
    ];
  }

  #groups(): Groups {
    const priorities = new Map<string, number>();
    const versions = new Map<string, Map<string, number>>();
    const add = (group: string, version: string, priority: number, versionPriority: number): void => {
      priorities.set(group, Math.max(priority, priorities.get(group) ?? 0));
      versions.set(group, (versions.get(group) ?? new Map<string, number>()).set(version, versionPriority));
    };
    for (const { info, custom } of this.#catalog.all()) {
      const { group, version } = info;
      add(group, version, groupPriority(group), versionPriority(group, version, custom));
    }
    for (const each of this.#remote()) add(each.group, each.version, each.groupPriority, each.versionPriority);
    const names = [...priorities.keys()].sort(
      (one, other) => (priorities.get(other) ?? 0) - (priorities.get(one) ?? 0) || (one < other ? -1 : 1),
    );
    return new Map(names.map((group) => [group, byWish(versions.get(group) ?? new Map<string, number>())]));
  }

  #resources(group: string, version: string): ResourceInfo[] {
    return this.#catalog
      .all()
      .map(({ info }) => info)
      .filter((info) => info.group === group && info.version === version)
      .sort((a, b) => (a.plural < b.plural ? -1 : 1));
  }
}

function byWish(versions: ReadonlyMap<string, number>): string[] {
  return [...versions.keys()].sort(
    (one, other) => (versions.get(other) ?? 0) - (versions.get(one) ?? 0) || byVersionPriority(one, other),
  );
}

function groupOf(group: string, versions: readonly string[]): object {
  const entries = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: entries, preferredVersion: entries[0] };
}

function legacyEntries(info: ResourceInfo): object[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = info;
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(info),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(isKept(info) ? { storageVersionHash: storageVersionHash(info) } : {}),
  };
  return [own, ...(info.subresources ?? []).map((subresource) => legacySubresource(info, subresource))];
}

/** What can only be read is made when it is asked for, what can only be written is an order: neither is stored. */
function isKept(info: ResourceInfo): boolean {
  const verbs = verbsOf(info);
  return verbs.includes('get') && verbs.includes('create');
}

function legacySubresource({ plural, namespaced, kind }: ResourceInfo, subresource: Subresource): object {
  const other = subresource.kind;
  return {
    name: `${plural}/${subresource.name}`,
    singularName: '',
    namespaced,
    ...(other === undefined || other.version === '' ? {} : { group: other.group, version: other.version }),
    kind: other?.kind ?? kind,
    verbs: subresource.verbs,
  };
}

function aggregatedEntry(info: ResourceInfo): object {
  const { plural, singular, namespaced, kind, shortNames, categories, subresources } = info;
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(info),
    ...(shortNames === undefined ? {} : { shortNames }),
    ...(categories === undefined ? {} : { categories }),
    ...(subresources === undefined
      ? {}
      : { subresources: subresources.map((each) => aggregatedSubresource(kind, each)) }),
  };
}

function aggregatedSubresource(kind: string, { name, verbs, kind: other }: Subresource): object {
  const responseKind = other ?? { group: '', version: '', kind };
  return { subresource: name, responseKind, verbs };
}

/** Groups whose objects are kept in another version than the one served. */
const KEPT_AS: Readonly<Record<string, string>> = {
  'autoscaling/v1/HorizontalPodAutoscaler': 'autoscaling/v2/HorizontalPodAutoscaler',
  'events.k8s.io/v1/Event': '/v1/Event',
};

/** `StorageVersionHash` of apiserver: tells clients when the stored version changes. */
function storageVersionHash({ group, version, kind }: ResourceInfo): string {
  const served = `${group}/${version}/${kind}`;
  const digest = createHash('sha256')
    .update(KEPT_AS[served] ?? served)
    .digest();
  return digest.subarray(0, 8).toString('base64');
}

/** `v2` before `v1` before `v1beta2` before `v1alpha1` before anything else by name. */
export function byVersionPriority(a: string, b: string): number {
  const [left, right] = [priority(a), priority(b)];
  for (let i = 0; i < 3; i += 1) {
    const difference = (right[i] ?? 0) - (left[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function priority(version: string): [number, number, number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [0, 0, 0];
  const stage = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}
