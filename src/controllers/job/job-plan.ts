import { equalJson } from '../../api/json.ts';
import type { Job, Pod } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { claimActions, controllerReference } from '../ownership/claim.ts';
import { deletionOrder } from '../pods/deletion-order.ts';
import { JOBS } from '../runtime/resources.ts';
import { timeOf } from '../runtime/time.ts';
import { parseIndexes } from './index-list.ts';
import { hasSucceeded, indexOf, isIndexed, isOver, isTracked, type JobAction, type JobState } from './job-state.ts';
import { statusOf } from './job-status.ts';
import { type JobTally, tallyOf } from './job-tally.ts';
import { deadlineInMs, retryInMs, type Verdict, verdictOf } from './job-verdict.ts';

const MAX_CREATED_AT_ONCE = 500;

export function planJob({ job, pods }: JobState, now: number): Plan<JobAction> {
  if (job === undefined || job.metadata?.deletionTimestamp !== undefined) {
    return { actions: pods.owned.filter(isTracked).map((pod) => lettingGo(pod, 'its job goes')) };
  }
  const claims = claimActions(pods, controllerReference(job, JOBS));
  if (claims.length > 0) return { actions: claims };
  if (isOver(job.status)) return afterwards(job, pods.owned, now);
  const tally = tallyOf(job, pods.owned);
  const verdict = verdictOf(job, pods.owned, tally, now);
  const status = statusOf(job, tally, verdict, now);
  const { changes, retryMs } = manage(job, pods.owned, tally, verdict, now);
  const stale = !equalJson(status, job.status ?? {});
  const telling: JobAction[] = stale ? [{ kind: 'status', reason: 'the pods changed', job, status }] : [];
  const waits = [verdict === undefined ? deadlineInMs(job, now) : undefined, retryMs].filter(
    (wait) => wait !== undefined,
  );
  return {
    // The status goes before the pods that it counts, and a verdict before the pods that it ends.
    actions: [...telling, ...letGo(job, pods.owned), ...changes],
    recheckAfterMs: waits.length === 0 ? undefined : Math.max(1, Math.min(...waits)),
  };
}

/** Pods whose end stands in the status as it is stored. */
function letGo(job: Job, pods: readonly Pod[]): JobAction[] {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  const counted = new Set([...succeeded, ...failed]);
  const completed = parseIndexes(job.status?.completedIndexes);
  const isCounted = (pod: Pod) =>
    counted.has(pod.metadata?.uid ?? '') || (hasSucceeded(pod) && completed.has(indexOf(pod) ?? -1));
  return pods.filter((pod) => isTracked(pod) && isCounted(pod)).map((pod) => lettingGo(pod, 'it is counted'));
}

function lettingGo(pod: Pod, reason: string): JobAction {
  return { kind: 'let-go', reason, pod };
}

/** Of a job that is over only the time to live is left. */
function afterwards(job: Job, pods: readonly Pod[], now: number): Plan<JobAction> {
  const held = pods.filter(isTracked).map((pod) => lettingGo(pod, 'its job is over'));
  const ttl = job.spec?.ttlSecondsAfterFinished;
  if (ttl === undefined) return { actions: held };
  const ended = (job.status?.conditions ?? []).find(({ type }) => type === 'Complete' || type === 'Failed');
  const waitMs = (timeOf(ended?.lastTransitionTime) ?? now) + ttl * 1000 - now;
  if (waitMs > 0) return { actions: held, recheckAfterMs: waitMs };
  return { actions: [...held, { kind: 'delete-job', reason: `over for ${ttl} s`, job }] };
}

interface Managed {
  readonly changes: readonly JobAction[];
  readonly retryMs?: number;
}

function manage(job: Job, pods: readonly Pod[], tally: JobTally, verdict: Verdict | undefined, now: number): Managed {
  const stop = (pod: Pod, reason: string, counted: boolean): JobAction => ({ kind: 'stop', reason, job, pod, counted });
  if (verdict !== undefined) {
    const failing = verdict.outcome === 'Failed';
    return { changes: tally.active.map((pod) => stop(pod, verdict.reason, failing)) };
  }
  if (job.spec?.suspend === true) return { changes: tally.active.map((pod) => stop(pod, 'suspended', false)) };
  const wanted = wantedActive(job, tally);
  const occupied = tally.active.length + (job.spec?.podReplacementPolicy === 'Failed' ? tally.terminating : 0);
  if (tally.active.length > wanted) {
    const surplus = deletionOrder(tally.active, tally.active, now).slice(0, tally.active.length - wanted);
    return { changes: surplus.map((pod) => stop(pod, 'more than wanted', false)) };
  }
  const missing = Math.min(wanted - occupied, MAX_CREATED_AT_ONCE);
  if (missing <= 0) return { changes: [] };
  const retryMs = retryInMs(job, pods, now);
  if (retryMs > 0) return { changes: [], retryMs };
  const reason = `${tally.active.length} of ${wanted} active`;
  return { changes: [{ kind: 'create', reason, job, indexes: indexesToStart(job, tally, missing) }] };
}

function wantedActive({ spec }: Job, tally: JobTally): number {
  const parallelism = spec?.parallelism ?? 1;
  if (spec?.completions !== undefined) return Math.max(0, Math.min(parallelism, spec.completions - tally.succeeded));
  // A work queue: once one pod has found it empty, no new ones are started.
  return tally.succeeded > 0 ? Math.min(parallelism, tally.active.length) : parallelism;
}

function indexesToStart({ spec }: Job, tally: JobTally, count: number): (number | undefined)[] {
  if (!isIndexed(spec ?? { template: {} })) return Array.from({ length: count }, () => undefined);
  const taken = new Set([...tally.completedIndexes, ...tally.active.map(indexOf)]);
  const free: number[] = [];
  for (let index = 0; index < (spec?.completions ?? 0) && free.length < count; index += 1) {
    if (!taken.has(index)) free.push(index);
  }
  return free;
}
