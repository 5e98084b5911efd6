import type { Pod } from '../api/kinds.ts';
import type { ClusterView, NodeView } from './cluster-view.ts';
import { firstRejections } from './filters/first-rejections.ts';
import { unavailable, unavailableAtAll } from './fit-error.ts';
import { planPreemption, type Preemption } from './preemption/plan-preemption.ts';
import { scores } from './scores/score.ts';
import { chooseVolumes, type VolumeChoice } from './volumes/choose-volumes.ts';
import { type PodClaims, podClaims } from './volumes/pod-claims.ts';

export type Decision =
  | { readonly kind: 'bind'; readonly node: string; readonly volumes: VolumeChoice }
  | {
      readonly kind: 'unschedulable';
      readonly message: string;
      /** Whom to send away so that the pod can come later. */
      readonly preemption?: Preemption;
    };

/** Where the pod should run: the node that scores best, one at random among equals. */
export function decide(pod: Pod, cluster: ClusterView, random: () => number): Decision {
  if (cluster.nodes.length === 0) return { kind: 'unschedulable', message: 'no nodes available to schedule pods' };
  const claims = podClaims(pod, cluster.storage);
  if (typeof claims === 'string') {
    return { kind: 'unschedulable', message: unavailableAtAll(cluster.nodes.length, claims) };
  }
  const verdicts = cluster.nodes.map((view) => ({ view, rejections: firstRejections(pod, view, cluster) }));
  const candidates = verdicts.filter(({ rejections }) => rejections.length === 0).map(({ view }) => view);
  const best = bestOf(pod, candidates, cluster, random);
  if (best?.node.metadata?.name !== undefined) return bind(best.node.metadata.name, claims, best, cluster);
  const fits = unavailable(verdicts.map(({ rejections }) => rejections.map(({ reason }) => reason)));
  const preemption = planPreemption(pod, verdicts, cluster);
  return typeof preemption === 'string'
    ? { kind: 'unschedulable', message: `${fits} preemption: ${preemption}` }
    : { kind: 'unschedulable', message: fits, preemption };
}

function bind(node: string, claims: PodClaims, view: NodeView, { storage }: ClusterView): Decision {
  const volumes = chooseVolumes(claims, view.node, storage);
  if (typeof volumes === 'string') return { kind: 'unschedulable', message: volumes }; // the filter has asked already
  return { kind: 'bind', node, volumes };
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
