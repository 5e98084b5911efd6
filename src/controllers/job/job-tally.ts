import type { Job, Pod } from '../../api/kinds.ts';
import { parseIndexes } from './index-list.ts';
import { ruleFor } from './failure-policy.ts';
import { hasFailed, hasSucceeded, indexOf, isIndexed, isTracked, type JobStatus } from './job-state.ts';

/** What has come of the pods so far, those included that are not in the status yet. */
export interface JobTally {
  readonly active: readonly Pod[];
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly completedIndexes: ReadonlySet<number>;
  /** Pods that have ended and are still held by their finalizer. */
  readonly counted: JobStatus['uncountedTerminatedPods'];
  /** The totals of the status: without the pods that are still held. */
  readonly settled: { readonly succeeded: number; readonly failed: number };
}

/**
 * Counts each pod once: its uid is written into the status before its finalizer is taken away, and leaves the status
 * for the total when the finalizer is gone (upstream `trackJobStatusAndRemoveFinalizers`).
 */
export function tallyOf(job: Job, pods: readonly Pod[]): JobTally {
  const spec = job.spec ?? { template: {} };
  const { status } = job;
  const held = new Set(pods.filter(isTracked).map((pod) => uidOf(pod)));
  const before = {
    succeeded: status?.uncountedTerminatedPods?.succeeded ?? [],
    failed: status?.uncountedTerminatedPods?.failed ?? [],
  };
  const known = new Set([...before.succeeded, ...before.failed]);
  const fresh = pods.filter((pod) => isTracked(pod) && !known.has(uidOf(pod)));
  const completedIndexes = parseIndexes(status?.completedIndexes);
  for (const pod of isIndexed(spec) ? pods.filter(hasSucceeded) : []) completedIndexes.add(indexOf(pod) ?? -1);
  const successes = isIndexed(spec) ? [] : fresh.filter(hasSucceeded);
  const failures = fresh.filter((pod) => hasFailed(pod, spec) && ruleFor(pod, spec)?.action !== 'Ignore');
  const succeeded = [...before.succeeded.filter((uid) => held.has(uid)), ...successes.map(uidOf)];
  const failed = [...before.failed.filter((uid) => held.has(uid)), ...failures.map(uidOf)];
  const settled = {
    succeeded: (status?.succeeded ?? 0) + before.succeeded.filter((uid) => !held.has(uid)).length,
    failed: (status?.failed ?? 0) + before.failed.filter((uid) => !held.has(uid)).length,
  };
  const ended = (pod: Pod) => hasSucceeded(pod) || hasFailed(pod, spec);
  return {
    active: pods.filter((pod) => !ended(pod) && pod.metadata?.deletionTimestamp === undefined),
    terminating: pods.filter(
      ({ metadata, status: at }) => metadata?.deletionTimestamp !== undefined && !isPhaseEnd(at?.phase),
    ).length,
    succeeded: isIndexed(spec) ? completedIndexes.size : settled.succeeded + succeeded.length,
    failed: settled.failed + failed.length,
    completedIndexes,
    counted: { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) },
    settled: isIndexed(spec) ? { ...settled, succeeded: completedIndexes.size } : settled,
  };
}

function isPhaseEnd(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function uidOf({ metadata }: Pod): string {
  return metadata?.uid ?? '';
}
