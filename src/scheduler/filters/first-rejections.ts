import type { Pod } from '../../api/kinds.ts';
import { type ClusterView, type NodeView, priorityOf, replacing, withPods } from '../cluster-view.ts';
import { type Filter, FITS, type Rejection } from './filter.ts';
import { nodeAffinity, nodeUnschedulable, taintToleration } from './node-filters.ts';
import { nodePorts } from './node-ports.ts';
import { podAffinity } from './pod-affinity.ts';
import { resourcesFit } from './resources-fit.ts';
import { topologySpread } from './topology-spread.ts';
import { volumeBinding, volumeRestrictions } from './volume-filters.ts';

/** In upstream's order: the first that rejects a node gives the reason. */
const FILTERS: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  resourcesFit,
  volumeRestrictions,
  volumeBinding,
  topologySpread,
  podAffinity,
];

/**
 * Why the pod cannot run on the node. Room that was made for pods of its rank or above is theirs; but the pod may not
 * lean on them either, since they may never come.
 */
export function firstRejections(pod: Pod, view: NodeView, cluster: ClusterView): readonly Rejection[] {
  const first = view.nominated.filter(
    (other) => other.metadata?.uid !== pod.metadata?.uid && priorityOf(other) >= priorityOf(pod),
  );
  if (first.length > 0) {
    const crowded = withPods(view, [...view.pods, ...first]);
    const rejections = filtered(pod, crowded, replacing(cluster, crowded));
    if (rejections.length > 0) return rejections;
  }
  return filtered(pod, view, cluster);
}

function filtered(pod: Pod, view: NodeView, cluster: ClusterView): readonly Rejection[] {
  for (const filter of FILTERS) {
    const rejections = filter(pod, view, cluster);
    if (rejections.length > 0) return rejections;
  }
  return FITS;
}
