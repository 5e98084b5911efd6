import type { Pod } from '../../api/kinds.ts';
import { matchesNodeSelection } from '../../api/node-affinity.ts';
import { LabelSelector } from '../../api/selectors.ts';
import { untoleratedTaint } from '../../api/taints.ts';
import { topologyOf } from '../affinity-term.ts';
import type { ClusterView, NodeView } from '../cluster-view.ts';
import { type Filter, FITS, helplessly, rejected } from './filter.ts';

type Constraint = NonNullable<NonNullable<Pod['spec']>['topologySpreadConstraints']>[number];

/** `DoNotSchedule` constraints (upstream `podtopologyspread/filtering.go`). */
export const topologySpread: Filter = (pod, view, cluster) => {
  for (const constraint of pod.spec?.topologySpreadConstraints ?? []) {
    if (constraint.whenUnsatisfiable !== 'DoNotSchedule') continue;
    const here = topologyOf(constraint.topologyKey, view);
    if (here === undefined) {
      return helplessly("node(s) didn't match pod topology spread constraints (missing required label)");
    }
    const counts = countByTopology(pod, constraint, cluster);
    const enough = counts.size >= (constraint.minDomains ?? 1);
    const least = enough ? Math.min(...counts.values()) : 0;
    const own = selects(pod, constraint, pod) ? 1 : 0;
    if ((counts.get(here) ?? 0) + own - least > constraint.maxSkew) {
      return rejected("node(s) didn't match pod topology spread constraints");
    }
  }
  return FITS;
};

/** How many pods of the constraint run in each place that the pod could run in. */
export function countByTopology(pod: Pod, constraint: Constraint, cluster: ClusterView): Map<string, number> {
  const counts = new Map<string, number>();
  for (const view of cluster.nodes.filter((each) => counted(pod, constraint, each))) {
    const place = topologyOf(constraint.topologyKey, view);
    if (place === undefined) continue;
    const here = view.pods.filter((other) => selects(pod, constraint, other)).length;
    counts.set(place, (counts.get(place) ?? 0) + here);
  }
  return counts;
}

function counted(pod: Pod, constraint: Constraint, { node }: NodeView): boolean {
  if (constraint.nodeAffinityPolicy !== 'Ignore' && !matchesNodeSelection(pod, node)) return false;
  if (constraint.nodeTaintsPolicy !== 'Honor') return true;
  return untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, ['NoSchedule', 'NoExecute']) === undefined;
}

function selects(owner: Pod, { labelSelector, matchLabelKeys = [] }: Constraint, other: Pod): boolean {
  if (other.metadata?.namespace !== owner.metadata?.namespace || other.metadata?.deletionTimestamp !== undefined) {
    return false;
  }
  const labels = owner.metadata?.labels ?? {};
  const sameKeys = matchLabelKeys.every(
    (key) => labels[key] === undefined || other.metadata?.labels?.[key] === labels[key],
  );
  return sameKeys && LabelSelector.from(labelSelector).matches(other.metadata?.labels);
}
