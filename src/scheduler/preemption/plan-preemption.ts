/** Whom a pod may send away: upstream's `defaultpreemption` (`PostFilter`). Pure. */
import type { Pod } from '../../api/kinds.ts';
import { type ClusterView, type NodeView, priorityOf } from '../cluster-view.ts';
import type { Rejection } from '../filters/filter.ts';
import { HELPLESS, NO_VICTIMS, unavailable } from '../fit-error.ts';
import { selectVictims, startOf, type Victims } from './select-victims.ts';

export interface Preemption {
  readonly node: string;
  readonly victims: readonly Pod[];
}

/** What a node was found to be for the pod. */
export interface Verdict {
  readonly view: NodeView;
  readonly rejections: readonly Rejection[];
}

/** Whose place the pod takes, or why it takes nobody's. */
export function planPreemption(pod: Pod, verdicts: readonly Verdict[], cluster: ClusterView): Preemption | string {
  if (pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  if (isMadeRoomFor(pod, cluster)) return 'not eligible due to a terminating pod on the nominated node.';
  const found: { readonly node: string; readonly chosen: Victims }[] = [];
  const reasons = verdicts.map(({ view, rejections }): readonly string[] => {
    if (rejections.some(({ helpless }) => helpless)) return [HELPLESS];
    const chosen = selectVictims(pod, view, cluster);
    if (Array.isArray(chosen)) return chosen.length === 0 ? [NO_VICTIMS] : chosen;
    found.push({ node: view.node.metadata?.name ?? '', chosen });
    return [];
  });
  const [best] = found.sort((one, other) => compare(costOf(one.chosen), costOf(other.chosen)));
  return best === undefined ? unavailable(reasons) : { node: best.node, victims: best.chosen.pods };
}

/** Those that went for it last time are still on their way out. */
function isMadeRoomFor(pod: Pod, { nodes }: ClusterView): boolean {
  const nominated = pod.status?.nominatedNodeName ?? '';
  const view = nodes.find(({ node }) => node.metadata?.name === nominated);
  const leaves = (other: Pod): boolean =>
    other.metadata?.deletionTimestamp !== undefined && priorityOf(other) < priorityOf(pod);
  return view?.pods.some(leaves) === true;
}

/** What counts against a choice, the weightiest first (`pickOneNodeForPreemption`). */
function costOf({ pods, violations }: Victims): number[] {
  const priorities = pods.map(priorityOf);
  const highest = Math.max(...priorities);
  const earliest = Math.min(...pods.filter((pod) => priorityOf(pod) === highest).map(startOf));
  // Each weighs something, so that the sum tells many of negative priority from few.
  const sum = priorities.reduce((total, priority) => total + priority + 2 ** 31, 0);
  return [violations, highest, sum, pods.length, -earliest];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, cost] of one.entries()) {
    const difference = cost - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
