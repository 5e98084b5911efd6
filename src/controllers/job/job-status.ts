import type { Job } from '../../api/kinds.ts';
import { isReady } from '../pods/pod-state.ts';
import { findCondition, withCondition } from '../runtime/conditions.ts';
import { timestamp } from '../runtime/time.ts';
import { formatIndexes } from './index-list.ts';
import { isIndexed, isOver, type JobStatus } from './job-state.ts';
import type { JobTally } from './job-tally.ts';
import type { Verdict } from './job-verdict.ts';

type Conditions = NonNullable<JobStatus['conditions']>;
type JobCondition = Conditions[number];

export function statusOf(job: Job, tally: JobTally, verdict: Verdict | undefined, now: number): JobStatus {
  const suspended = job.spec?.suspend === true && verdict === undefined;
  const conditions = verdict === undefined ? suspension(job, now) : ending(job, tally, verdict, now);
  const over = isOver({ conditions });
  const active = tally.active.length;
  const { startTime, completionTime } = job.status ?? {};
  const completed = over && verdict?.outcome === 'Complete';
  return {
    ...(active > 0 ? { active } : {}),
    ready: tally.active.filter(isReady).length,
    terminating: tally.terminating,
    ...(tally.settled.succeeded > 0 ? { succeeded: tally.settled.succeeded } : {}),
    ...(tally.settled.failed > 0 ? { failed: tally.settled.failed } : {}),
    ...(isIndexed(job.spec ?? { template: {} }) && tally.completedIndexes.size > 0
      ? { completedIndexes: formatIndexes(tally.completedIndexes) }
      : {}),
    uncountedTerminatedPods: tally.counted ?? {},
    ...(suspended ? {} : { startTime: startTime ?? timestamp(now) }),
    ...(completed ? { completionTime: completionTime ?? timestamp(now) } : {}),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Announced at once; holds when nothing runs and everything is counted. */
function ending({ status }: Job, tally: JobTally, { outcome, reason, message }: Verdict, now: number): Conditions {
  const old = status?.conditions ?? [];
  const announcement = outcome === 'Complete' ? 'SuccessCriteriaMet' : 'FailureTarget';
  const announced = setOnce(old, condition(announcement, 'True', reason, message, now));
  const uncounted = (tally.counted?.succeeded ?? []).length + (tally.counted?.failed ?? []).length;
  const resting = tally.active.length + tally.terminating + uncounted === 0;
  // One write announces, a later one ends: whoever waits for the announcement sees it.
  if (!resting || findCondition(old, announcement) === undefined) return announced;
  return setOnce(announced, condition(outcome, 'True', reason, message, now));
}

function suspension({ spec, status }: Job, now: number): Conditions {
  const old = findCondition(status?.conditions, 'Suspended');
  const conditions = status?.conditions ?? [];
  if (spec?.suspend === true && old?.status !== 'True') {
    return withCondition(conditions, condition('Suspended', 'True', 'JobSuspended', 'Job suspended', now));
  }
  if (spec?.suspend !== true && old?.status === 'True') {
    return withCondition(conditions, condition('Suspended', 'False', 'JobResumed', 'Job resumed', now));
  }
  return conditions;
}

function setOnce(conditions: Conditions, next: JobCondition): Conditions {
  return findCondition(conditions, next.type) === undefined ? [...conditions, next] : conditions;
}

function condition(type: string, status: string, reason: string, message: string, now: number): JobCondition {
  const time = timestamp(now);
  return { type, status, reason, message, lastProbeTime: time, lastTransitionTime: time };
}
