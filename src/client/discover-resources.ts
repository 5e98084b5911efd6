import type { ResourceInfo, Verb } from '../api/resources.ts';
import type { KubeClient } from './kube-client.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface GroupDiscovery {
  readonly metadata?: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources?: readonly {
      readonly resource: string;
      readonly responseKind: { readonly kind: string };
      readonly scope: 'Namespaced' | 'Cluster';
      readonly singularResource: string;
      readonly verbs: readonly Verb[];
    }[];
  }[];
}

/** What the server serves, custom resources too: each resource once, in the version that the server prefers. */
export async function discoverResources(client: KubeClient, signal: AbortSignal): Promise<ResourceInfo[]> {
  const documents = await Promise.all(
    ['/api', '/apis'].map((path) => client.read<{ items: GroupDiscovery[] }>(path, signal, AGGREGATED)),
  );
  return documents.flatMap(({ items }) => items).flatMap(resourcesOf);
}

function resourcesOf({ metadata, versions }: GroupDiscovery): ResourceInfo[] {
  const found = new Map<string, ResourceInfo>();
  for (const { version, resources = [] } of versions) {
    for (const { resource, responseKind, scope, singularResource, verbs } of resources) {
      if (found.has(resource)) continue;
      found.set(resource, {
        group: metadata?.name ?? '',
        version,
        plural: resource,
        singular: singularResource,
        kind: responseKind.kind,
        namespaced: scope === 'Namespaced',
        verbs,
      });
    }
  }
  return [...found.values()];
}
