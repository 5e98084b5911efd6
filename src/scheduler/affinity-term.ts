import type * as models from '@kubernetes/client-node';
import type { LabelSelector as SelectorObject, Pod, Wire } from '../api/kinds.ts';
import { LabelSelector } from '../api/selectors.ts';
import type { ClusterView, NodeView } from './cluster-view.ts';

export type AffinityTerm = Wire<models.V1PodAffinityTerm>;

/** Whether the term of `owner` speaks of `pod`. */
export function termSelects(term: AffinityTerm, owner: Pod, pod: Pod, cluster: ClusterView): boolean {
  if (!namespaceSelected(term, owner, pod.metadata?.namespace ?? '', cluster)) return false;
  return effectiveSelector(term, owner).matches(pod.metadata?.labels);
}

function namespaceSelected(term: AffinityTerm, owner: Pod, namespace: string, cluster: ClusterView): boolean {
  const { namespaces = [], namespaceSelector } = term;
  if (namespaces.length === 0 && namespaceSelector === undefined) return namespace === owner.metadata?.namespace;
  if (namespaces.includes(namespace)) return true;
  return LabelSelector.from(namespaceSelector).matches(cluster.namespaceLabels(namespace));
}

/** `matchLabelKeys` and its opposite add requirements with the values of the owner's own labels. */
function effectiveSelector({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: AffinityTerm, owner: Pod) {
  const labels = owner.metadata?.labels ?? {};
  const own = (key: string, operator: 'In' | 'NotIn') => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  };
  const extra = [
    ...matchLabelKeys.flatMap((key) => own(key, 'In')),
    ...mismatchLabelKeys.flatMap((key) => own(key, 'NotIn')),
  ];
  if (labelSelector === undefined || extra.length === 0) return LabelSelector.from(labelSelector);
  const object: SelectorObject = {
    ...labelSelector,
    matchExpressions: [...(labelSelector.matchExpressions ?? []), ...extra],
  };
  return LabelSelector.from(object);
}

/** Whether two nodes are the same place in the sense of the topology key. */
export function sameTopology(key: string, a: NodeView, b: NodeView): boolean {
  const value = topologyOf(key, a);
  return value !== undefined && value === topologyOf(key, b);
}

export function topologyOf(key: string, { node }: NodeView): string | undefined {
  const value = node.metadata?.labels?.[key];
  return value ?? (key === 'kubernetes.io/hostname' ? node.metadata?.name : undefined);
}
