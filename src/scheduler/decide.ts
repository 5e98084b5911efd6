import type { Pod } from '../api/kinds.ts';
import type { ClusterView, NodeView } from './cluster-view.ts';
import type { Filter, Rejection } from './filters/filter.ts';
import { nodeAffinity, nodeUnschedulable, taintToleration } from './filters/node-filters.ts';
import { nodePorts } from './filters/node-ports.ts';
import { podAffinity } from './filters/pod-affinity.ts';
import { resourcesFit } from './filters/resources-fit.ts';
import { topologySpread } from './filters/topology-spread.ts';
import { scores } from './scores/score.ts';

export type Decision =
  | { readonly kind: 'bind'; readonly node: string }
  | { readonly kind: 'unschedulable'; readonly message: string };

/** In upstream's order: the first that rejects a node gives the reason. */
const FILTERS: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  resourcesFit,
  topologySpread,
  podAffinity,
];

/** Where the pod should run: the node that scores best, one at random among equals. */
export function decide(pod: Pod, cluster: ClusterView, random: () => number): Decision {
  if (cluster.nodes.length === 0) return { kind: 'unschedulable', message: 'no nodes available to schedule pods' };
  const verdicts = cluster.nodes.map((view) => ({ view, rejections: firstRejections(pod, view, cluster) }));
  const candidates = verdicts.filter(({ rejections }) => rejections.length === 0).map(({ view }) => view);
  const best = bestOf(pod, candidates, cluster, random);
  if (best?.node.metadata?.name !== undefined) return { kind: 'bind', node: best.node.metadata.name };
  return { kind: 'unschedulable', message: fitError(verdicts.map(({ rejections }) => rejections)) };
}

function firstRejections(pod: Pod, view: NodeView, cluster: ClusterView): readonly Rejection[] {
  for (const filter of FILTERS) {
    const rejections = filter(pod, view, cluster);
    if (rejections.length > 0) return rejections;
  }
  return [];
}

function bestOf(
  pod: Pod,
  candidates: readonly NodeView[],
  cluster: ClusterView,
  random: () => number,
): NodeView | undefined {
  if (candidates.length <= 1) return candidates[0];
  const totals = scores(pod, candidates, cluster);
  const highest = Math.max(...totals);
  const equals = candidates.filter((_, index) => totals[index] === highest);
  return equals[Math.floor(random() * equals.length)];
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: …` (`framework/types.go`). */
function fitError(rejections: readonly (readonly Rejection[])[]): string {
  const nodes = rejections.length;
  const reasons = tally(rejections.flatMap((each) => each.map(({ reason }) => reason)));
  const preemption = tally(
    rejections.map((each) =>
      each.some(({ helpless }) => helpless)
        ? 'Preemption is not helpful for scheduling'
        : 'No preemption victims found for incoming pod',
    ),
  );
  return `0/${nodes} nodes are available: ${reasons}. preemption: 0/${nodes} nodes are available: ${preemption}.`;
}

function tally(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .map(([reason, count]) => `${count} ${reason}`)
    .sort()
    .join(', ');
}
