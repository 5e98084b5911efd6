import { equalJson } from '../../api/json.ts';
import type { Pod, PodDisruptionBudget } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { isReady } from '../pods/pod-state.ts';
import { withCondition } from '../runtime/conditions.ts';
import { intOrPercent } from '../runtime/int-or-percent.ts';
import { timeOf, timestamp } from '../runtime/time.ts';

type BudgetStatus = NonNullable<PodDisruptionBudget['status']>;

/** How many pods a workload is meant to have. */
export interface Scale {
  readonly uid: string;
  readonly replicas: number;
}

export interface DisruptionState {
  readonly budget: PodDisruptionBudget;
  readonly pods: readonly Pod[];
  /** The scale of a pod's workload; nothing for pods that belong to none. */
  readonly scaleOf: (pod: Pod) => Scale | undefined;
}

export interface DisruptionAction {
  readonly kind: 'status';
  readonly reason: string;
  readonly budget: PodDisruptionBudget;
  readonly status: BudgetStatus;
}

/** An eviction that was granted and not carried out within this time is forgotten. */
const EVICTION_MS = 2 * 60_000;

/** How many more pods may go of their own free will (upstream `pkg/controller/disruption`). */
export function planDisruption(state: DisruptionState, now: number): Plan<DisruptionAction> {
  const { budget, pods } = state;
  const disrupted = grantedEvictions(budget, pods, now);
  const status = statusOf(state, disrupted, now);
  const waits = Object.values(disrupted).map((time) => (timeOf(time) ?? now) + EVICTION_MS - now);
  return {
    actions: equalJson(status, budget.status)
      ? []
      : [{ kind: 'status', reason: 'pods or workloads changed', budget, status }],
    ...(waits.length === 0 ? {} : { recheckAfterMs: Math.max(1, Math.min(...waits)) }),
  };
}

function statusOf(
  { budget, pods, scaleOf }: DisruptionState,
  disrupted: Record<string, string>,
  now: number,
): BudgetStatus {
  const { expected, desired } = bounds(budget, pods, scaleOf);
  const isHealthy = (pod: Pod) =>
    isReady(pod) && pod.metadata?.deletionTimestamp === undefined && disrupted[pod.metadata?.name ?? ''] === undefined;
  const currentHealthy = pods.filter(isHealthy).length;
  const allowed = expected <= 0 ? 0 : Math.max(0, currentHealthy - desired);
  const observedGeneration = budget.metadata?.generation ?? 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration,
    lastTransitionTime: timestamp(now),
  };
  return {
    observedGeneration,
    disruptionsAllowed: allowed,
    currentHealthy,
    desiredHealthy: desired,
    expectedPods: expected,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    conditions: withCondition(budget.status?.conditions, condition),
  };
}

function bounds({ spec }: PodDisruptionBudget, pods: readonly Pod[], scaleOf: DisruptionState['scaleOf']) {
  const { minAvailable, maxUnavailable } = spec ?? {};
  if (typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable };
  const scales = new Map(
    pods.map(scaleOf).flatMap((scale) => (scale === undefined ? [] : [[scale.uid, scale.replicas]])),
  );
  const expected = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0);
  if (maxUnavailable !== undefined) {
    return { expected, desired: Math.max(0, expected - intOrPercent(maxUnavailable, expected, 'up', 0)) };
  }
  return { expected, desired: intOrPercent(minAvailable, expected, 'up', 0) };
}

/** Of the evictions that the server has granted, those that are still to come. */
function grantedEvictions({ status }: PodDisruptionBudget, pods: readonly Pod[], now: number): Record<string, string> {
  const waiting = Object.entries(status?.disruptedPods ?? {}).filter(([name, time]) => {
    const pod = pods.find(({ metadata }) => metadata?.name === name);
    if (pod === undefined || pod.metadata?.deletionTimestamp !== undefined) return false;
    return (timeOf(time) ?? 0) + EVICTION_MS > now;
  });
  return Object.fromEntries(waiting);
}
