/** Who has to leave one node so that the pod fits: `SelectVictimsOnNode`. Pure. */
import type { Pod, PodDisruptionBudget } from '../../api/kinds.ts';
import { LabelSelector } from '../../api/selectors.ts';
import { type ClusterView, type NodeView, priorityOf, replacing, withPods } from '../cluster-view.ts';
import type { Rejection } from '../filters/filter.ts';
import { firstRejections } from '../filters/first-rejections.ts';

export interface Victims {
  /** The most important first; never none. */
  readonly pods: readonly Pod[];
  /** How many of them go against a disruption budget. */
  readonly violations: number;
}

/**
 * All of lower priority go in thought, then as many as fit come back: those that a budget protects first, the more
 * important before the less. Where that does not help the reasons why not; empty where nobody is of lower priority.
 */
export function selectVictims(pod: Pod, view: NodeView, cluster: ClusterView): Victims | string[] {
  const lower = view.pods.filter((other) => priorityOf(other) < priorityOf(pod)).sort(byImportance);
  if (lower.length === 0) return [];
  const rejections = (now: NodeView): readonly Rejection[] => firstRejections(pod, now, replacing(cluster, now));
  let kept = withPods(
    view,
    view.pods.filter((other) => !lower.includes(other)),
  );
  const left = rejections(kept);
  if (left.length > 0) return left.map(({ reason }) => reason);
  const isProtected = violating(lower, cluster.budgets);
  const victims = new Set<Pod>();
  for (const other of [
    ...lower.filter((each) => isProtected.has(each)),
    ...lower.filter((each) => !isProtected.has(each)),
  ]) {
    const fuller = withPods(kept, [...kept.pods, other]);
    if (rejections(fuller).length === 0) kept = fuller;
    else victims.add(other);
  }
  const pods = lower.filter((other) => victims.has(other));
  return { pods, violations: pods.filter((other) => isProtected.has(other)).length };
}

/** Milliseconds since the epoch; what has not begun yet began last. */
export function startOf({ status }: Pod): number {
  return status?.startTime === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(status.startTime);
}

function byImportance(one: Pod, other: Pod): number {
  const difference = priorityOf(other) - priorityOf(one);
  return difference === 0 ? startOf(one) - startOf(other) : difference;
}

/** Those whose going a budget does not allow, given that the ones before them go too. */
function violating(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): ReadonlySet<Pod> {
  const allowed = new Map(budgets.map((budget) => [budget, budget.status?.disruptionsAllowed ?? 0]));
  const found = new Set<Pod>();
  for (const pod of pods) {
    for (const budget of budgets.filter((each) => covers(each, pod))) {
      const rest = (allowed.get(budget) ?? 0) - 1;
      allowed.set(budget, rest);
      if (rest < 0) found.add(pod);
    }
  }
  return found;
}

function covers({ metadata, spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  if (metadata?.namespace !== pod.metadata?.namespace) return false;
  const selector = LabelSelector.from(spec?.selector);
  // One that goes already is counted already.
  const isGoing = status?.disruptedPods?.[pod.metadata?.name ?? ''] !== undefined;
  return !isGoing && !selector.isEverything && selector.matches(pod.metadata?.labels);
}
