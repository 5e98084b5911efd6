/** Which pods count when replicas are reckoned from what they use: upstream `replica_calculator.go` groupPods. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { findCondition } from '../runtime/conditions.ts';
import { timeOf } from '../runtime/time.ts';

/** What one pod uses. */
export interface PodReading {
  /** In thousandths. */
  readonly value: number;
  /** The end of the window, in milliseconds since the epoch. */
  readonly time: number;
  readonly windowMs: number;
}

export interface PodGroups {
  readonly ready: ReadonlySet<string>;
  /** On the way up: what they use now says nothing. */
  readonly unready: ReadonlySet<string>;
  /** Nothing is known of them. */
  readonly missing: ReadonlySet<string>;
}

type Group = keyof PodGroups | 'ignored';

/** How long a start may take, and so its use of the processor mislead. */
const CPU_INITIALIZATION_MS = 5 * 60_000;
/** A pod whose readiness last changed this soon after its start was never ready. */
const INITIAL_READINESS_MS = 30_000;

export function groupPods(
  pods: readonly Pod[],
  readings: ReadonlyMap<string, PodReading>,
  isCpu: boolean,
  now: number,
): PodGroups {
  const groups = { ready: new Set<string>(), unready: new Set<string>(), missing: new Set<string>() };
  for (const pod of pods) {
    const name = pod.metadata?.name ?? '';
    const group = groupOf(pod, readings.get(name), isCpu, now);
    if (group !== 'ignored') groups[group].add(name);
  }
  return groups;
}

function groupOf(pod: Pod, reading: PodReading | undefined, isCpu: boolean, now: number): Group {
  if (pod.metadata?.deletionTimestamp !== undefined || pod.status?.phase === 'Failed') return 'ignored';
  if (pod.status?.phase === 'Pending') return 'unready';
  if (reading === undefined) return 'missing';
  return isCpu && !tellsCpu(pod, reading, now) ? 'unready' : 'ready';
}

function tellsCpu(pod: Pod, { time, windowMs }: PodReading, now: number): boolean {
  const condition = findCondition(pod.status?.conditions, 'Ready');
  const startedAt = timeOf(pod.status?.startTime);
  if (condition === undefined || startedAt === undefined) return false;
  const changedAt = timeOf(condition.lastTransitionTime) ?? 0;
  const isUnready = condition.status === 'False';
  if (startedAt + CPU_INITIALIZATION_MS > now) return !isUnready && time >= changedAt + windowMs;
  return !isUnready || startedAt + INITIAL_READINESS_MS <= changedAt;
}
