import type { Pod } from '../../api/kinds.ts';
import { joinKey } from '../../api/object.ts';
import { podReferences } from '../../api/pod-references.ts';
import type { IndexDefinition } from '../../client/index.ts';

/** Keys of the claims that a pod names. */
export function claimsOf(pod: Pod): string[] {
  const references = podReferences(pod).filter(({ resource }) => resource === 'persistentvolumeclaims');
  return references.map(({ name }) => joinKey(pod.metadata?.namespace, name));
}

export const BY_CLAIM: IndexDefinition<Pod> = { name: 'claim', valuesOf: claimsOf };
