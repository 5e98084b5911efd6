/** Labels of nodes by their old names: upstream `pkg/api/node/util.go`. */
import type { PodSpecDraft } from '../models.ts';

type NodeAffinity = NonNullable<NonNullable<PodSpecDraft['affinity']>['nodeAffinity']>;
export type NodeTerm = NonNullable<
  NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>['nodeSelectorTerms']
>[number];

const OLD_NODE_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

export function nodeSelectorWarnings(selector: Readonly<Record<string, string>> | undefined, path: string): string[] {
  return Object.keys(selector ?? {}).flatMap((key) => {
    const advice = OLD_NODE_LABELS[key];
    return advice === undefined ? [] : [`${path}[${key}]: ${advice}`];
  });
}

export function oldKeyWarnings(key: string | undefined, path: string): string[] {
  const advice = OLD_NODE_LABELS[key ?? ''];
  return advice === undefined ? [] : [`${path}: ${key} is ${advice}`];
}

export function termWarnings({ matchExpressions }: NodeTerm, path: string): string[] {
  return (matchExpressions ?? []).flatMap(({ key }, index) =>
    oldKeyWarnings(key, `${path}.matchExpressions[${index}].key`),
  );
}
