import type { Pod } from '../api/kinds.ts';
import { podReferences as namedBy } from '../api/pod-references.ts';
import { builtIn } from '../api/resources.ts';
import { type Collection, collectionKey } from './edge-store.ts';

/** Names one object of one collection, for sets. */
export function objectId(collection: Collection, namespace: string, name: string): string {
  return `${collectionKey(collection)}/${namespace}/${name}`;
}

/** What the pod cannot start without: ids of the config maps, secrets, claims and the service account that it names. */
export function podReferences(pod: Pod): string[] {
  const namespace = pod.metadata?.namespace ?? '';
  return namedBy(pod).map(({ resource, name }) => objectId(builtIn('v1', resource), namespace, name));
}
