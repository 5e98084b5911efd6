import type { Job, Pod } from '../../api/kinds.ts';
import { findCondition } from '../runtime/conditions.ts';
import { timeOf } from '../runtime/time.ts';
import { failureOf } from './failure-policy.ts';
import { hasFailed, isTracked } from './job-state.ts';
import type { JobTally } from './job-tally.ts';

/** How a job ends. It is announced first and holds once its last pod has gone. */
export interface Verdict {
  readonly outcome: 'Complete' | 'Failed';
  readonly reason: string;
  readonly message: string;
}

/** The verdict announced earlier, or the one that the pods give now. */
export function verdictOf(job: Job, pods: readonly Pod[], tally: JobTally, now: number): Verdict | undefined {
  return announced(job) ?? failure(job, pods, tally, now) ?? success(job, tally);
}

function announced({ status }: Job): Verdict | undefined {
  for (const [type, outcome] of [
    ['FailureTarget', 'Failed'],
    ['SuccessCriteriaMet', 'Complete'],
  ] as const) {
    const condition = findCondition(status?.conditions, type);
    if (condition?.status === 'True') {
      return { outcome, reason: condition.reason ?? '', message: condition.message ?? '' };
    }
  }
  return undefined;
}

function failure(job: Job, pods: readonly Pod[], tally: JobTally, now: number): Verdict | undefined {
  const spec = job.spec ?? { template: {} };
  const failed = (reason: string, message: string): Verdict => ({ outcome: 'Failed', reason, message });
  const fatal = pods.map((pod) => failureOf(pod, spec)).find((message) => message !== undefined);
  if (fatal !== undefined) return failed('PodFailurePolicy', fatal);
  const limit = spec.backoffLimit ?? Number.POSITIVE_INFINITY;
  if (tally.failed > limit || restartsBeyond(job, tally.active, limit)) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if ((deadlineInMs(job, now) ?? 1) <= 0) {
    return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  return undefined;
}

/** With `OnFailure` the kubelet restarts; its restarts count as the failures. */
function restartsBeyond({ spec }: Job, active: readonly Pod[], limit: number): boolean {
  if (spec?.template?.spec?.restartPolicy !== 'OnFailure') return false;
  const restarts = active
    .flatMap(({ status }) => [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function success({ spec }: Job, tally: JobTally): Verdict | undefined {
  const enough =
    spec?.completions === undefined
      ? tally.succeeded > 0 && tally.active.length === 0
      : tally.succeeded >= spec.completions;
  if (!enough) return undefined;
  return { outcome: 'Complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** How long the job may still be active; nothing where it has no deadline or does not run. */
export function deadlineInMs({ spec, status }: Job, now: number): number | undefined {
  const started = timeOf(status?.startTime);
  if (spec?.activeDeadlineSeconds === undefined || started === undefined || spec.suspend === true) return undefined;
  return started + spec.activeDeadlineSeconds * 1000 - now;
}

const BACKOFF_BASE_MS = 10_000;
const BACKOFF_MAX_MS = 10 * 60_000;

/** How long to wait before a pod takes the place of those that failed since the last success. */
export function retryInMs({ spec }: Job, pods: readonly Pod[], now: number): number {
  const ends = (fits: (pod: Pod) => boolean) => pods.filter(fits).map((pod) => endOf(pod, now));
  const lastSuccess = Math.max(0, ...ends(({ status }) => status?.phase === 'Succeeded'));
  // A pod that was stopped on purpose is not held any more and has not failed by itself.
  const counts = (pod: Pod) => pod.status?.phase === 'Failed' || isTracked(pod);
  const failed = ends((pod) => counts(pod) && hasFailed(pod, spec ?? { template: {} }));
  const failures = failed.filter((end) => end > lastSuccess);
  if (failures.length === 0) return 0;
  const delay = Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** (failures.length - 1));
  return Math.max(0, Math.max(...failures) + delay - now);
}

function endOf(pod: Pod, now: number): number {
  const containers = (pod.status?.containerStatuses ?? []).map(
    ({ state }) => timeOf(state?.terminated?.finishedAt) ?? 0,
  );
  const ready = timeOf(findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime) ?? 0;
  const end = Math.max(...containers, ready);
  return end > 0 ? end : (timeOf(pod.metadata?.deletionTimestamp) ?? now);
}
