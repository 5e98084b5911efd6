import type { Pod, PodTemplateSpec } from '../../api/kinds.ts';
import type { KubeObject, OwnerReference } from '../../api/object.ts';

/** The prefix of generated pod names: `web-7d4b9c-`, or without the dash where that would be too long for a label. */
export function generateNameOf(owner: KubeObject): string {
  const name = owner.metadata?.name ?? '';
  return name.length + 1 > MAX_PREFIX ? name : `${name}-`;
}

const MAX_PREFIX = 253;

export function podFromTemplate(
  template: PodTemplateSpec | undefined,
  owner: OwnerReference,
  generateName: string,
): Pod {
  const { labels, annotations, finalizers } = template?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [owner],
    },
    spec: template?.spec ?? { containers: [] },
  };
}
