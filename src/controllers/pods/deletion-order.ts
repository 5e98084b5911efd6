import type { Pod } from '../../api/kinds.ts';
import { timeOf } from '../runtime/time.ts';
import { isActive, isReady, readySince } from './pod-state.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/**
 * The pods in the order in which a scale-down takes them (upstream `ActivePodsWithRanks`): those that do the least first.
 * `family` are the pods of the same workload, these among them: where many of them share a node, one there goes first.
 */
export function deletionOrder(pods: readonly Pod[], family: readonly Pod[], now: number): Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of family.filter(isActive))
    perNode.set(spec?.nodeName ?? '', (perNode.get(spec?.nodeName ?? '') ?? 0) + 1);
  const rank = (pod: Pod): number[] => [
    pod.spec?.nodeName === undefined ? 0 : 1,
    PHASE_ORDER[pod.status?.phase ?? 'Pending'] ?? 1,
    isReady(pod) ? 1 : 0,
    deletionCost(pod),
    -(perNode.get(pod.spec?.nodeName ?? '') ?? 0),
    logarithmicAge(readySince(pod), now),
    -restarts(pod),
    logarithmicAge(timeOf(pod.metadata?.creationTimestamp), now),
  ];
  return pods
    .map((pod) => ({ pod, rank: rank(pod) }))
    .sort(
      (a, b) => compareRanks(a.rank, b.rank) || (a.pod.metadata?.uid ?? '').localeCompare(b.pod.metadata?.uid ?? ''),
    )
    .map(({ pod }) => pod);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const difference = a.map((value, index) => value - (b[index] ?? 0)).find((each) => each !== 0);
  return difference ?? 0;
}

function deletionCost(pod: Pod): number {
  const cost = Number(pod.metadata?.annotations?.[DELETION_COST] ?? 0);
  return Number.isInteger(cost) ? cost : 0;
}

/** Ages of the same power of two count as equal, so that not always the youngest goes (`LogarithmicScaleDown`). */
function logarithmicAge(since: number | undefined, now: number): number {
  return since === undefined ? -1 : Math.floor(Math.log2(Math.max(1, (now - since) / 1000)));
}

function restarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}
