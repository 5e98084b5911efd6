import type { Pod } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import type { IndexDefinition } from '../../client/index.ts';

/** Pods by the name of their node. */
export const BY_NODE: IndexDefinition<KubeObject> = {
  name: 'node',
  valuesOf: (object) => [nodeOf(object)].filter((name) => name !== ''),
};

/** Empty where the pod has none yet. */
export function nodeOf(object: KubeObject): string {
  return (object as Pod).spec?.nodeName ?? '';
}
