import { equalJson } from '../../api/json.ts';
import type { CronJob, Job } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { isOver } from '../job/job-state.ts';
import { controllerReference } from '../ownership/claim.ts';
import { findCondition } from '../runtime/conditions.ts';
import { CRON_JOBS } from '../runtime/resources.ts';
import { byAge, timeOf, timestamp } from '../runtime/time.ts';
import { type CronSchedule, parseSchedule } from './cron-schedule.ts';

export type CronJobStatus = NonNullable<CronJob['status']>;

export interface CronJobState {
  readonly cronJob: CronJob;
  /** All that it has made and that are still there. */
  readonly jobs: readonly Job[];
}

export type CronJobAction =
  | { readonly kind: 'create-job'; readonly reason: string; readonly cronJob: CronJob; readonly job: Job }
  | { readonly kind: 'delete-job'; readonly reason: string; readonly cronJob: CronJob; readonly job: Job }
  | { readonly kind: 'tell'; readonly reason: string; readonly cronJob: CronJob; readonly message: string }
  | { readonly kind: 'status'; readonly reason: string; readonly cronJob: CronJob; readonly status: CronJobStatus };

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';
const DEFAULT_SUCCESSES_KEPT = 3;
const DEFAULT_FAILURES_KEPT = 1;
const MINUTE_MS = 60_000;

export function planCronJob(state: CronJobState, now: number): Plan<CronJobAction> {
  const { cronJob, jobs } = state;
  const { spec, metadata } = cronJob;
  if (metadata?.deletionTimestamp !== undefined || spec === undefined) return { actions: [] };
  const old = history(cronJob, jobs);
  const idle = { actions: [...telling(state, cronJob.status?.lastScheduleTime), ...old] };
  if (spec.suspend === true) return idle;
  const schedule = parseSchedule(spec.schedule, spec.timeZone);
  const due = latestDue(schedule, sinceOf(cronJob, now), now);
  const next = schedule.next(now);
  const recheckAfterMs = next === undefined ? undefined : next - now;
  if (due === undefined || jobs.some(({ metadata: job }) => job?.name === nameOf(cronJob, due))) {
    return { ...idle, recheckAfterMs };
  }
  const running = jobs.filter(({ status }) => !isOver(status));
  if (spec.concurrencyPolicy === 'Forbid' && running.length > 0) return { ...idle, recheckAfterMs };
  const replaced = spec.concurrencyPolicy === 'Replace' ? running : [];
  const created = jobFor(cronJob, due);
  const reason = `due at ${timestamp(due)}`;
  return {
    actions: [
      ...replaced.map((job): CronJobAction => ({ kind: 'delete-job', reason: 'replaced by the next', cronJob, job })),
      { kind: 'create-job', reason, cronJob, job: created },
      // In the same round: what is written down is not run again, whatever happens to the job.
      ...telling(state, timestamp(due)),
    ],
    recheckAfterMs,
  };
}

/** From when on a missed time still counts. */
function sinceOf({ metadata, spec, status }: CronJob, now: number): number {
  const last = timeOf(status?.lastScheduleTime) ?? timeOf(metadata?.creationTimestamp) ?? now;
  const deadline = spec?.startingDeadlineSeconds;
  return deadline === undefined ? last : Math.max(last, now - deadline * 1000);
}

/** The last time that was due in (since, now]; searched backwards, so that a long absence costs nothing. */
function latestDue(schedule: CronSchedule, since: number, now: number): number | undefined {
  for (let windowMs = MINUTE_MS; ; windowMs *= 2) {
    const start = Math.max(since, now - windowMs);
    let latest: number | undefined;
    for (let due = schedule.next(start); due !== undefined && due <= now; due = schedule.next(due)) latest = due;
    if (latest !== undefined || start === since) return latest;
  }
}

function nameOf({ metadata }: CronJob, due: number): string {
  return `${metadata?.name}-${Math.floor(due / MINUTE_MS)}`;
}

function jobFor(cronJob: CronJob, due: number): Job {
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {};
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: nameOf(cronJob, due),
      namespace: cronJob.metadata?.namespace ?? '',
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, [SCHEDULED_AT]: timestamp(due) },
      ownerReferences: [controllerReference(cronJob, CRON_JOBS)],
    },
    ...(spec === undefined ? {} : { spec }),
  };
}

function telling({ cronJob, jobs }: CronJobState, lastScheduleTime: string | undefined): CronJobAction[] {
  const running = jobs.filter(({ status }) => !isOver(status)).sort(byAge);
  const ends = jobs.map(({ status }) => status?.completionTime).filter((time) => time !== undefined);
  const lastSuccessfulTime = [cronJob.status?.lastSuccessfulTime, ...ends]
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
  const status: CronJobStatus = {
    ...(running.length === 0 ? {} : { active: running.map(referenceTo) }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
  const known = new Set(cronJob.status?.active?.map(({ uid }) => uid));
  const ended = jobs.filter(({ metadata, status: at }) => isOver(at) && known.has(metadata?.uid));
  const tales = ended.map((job): CronJobAction => {
    const outcome = findCondition(job.status?.conditions, 'Failed')?.status === 'True' ? 'Failed' : 'Complete';
    const message = `Saw completed job: ${job.metadata?.name}, condition: ${outcome}`;
    return { kind: 'tell', reason: 'SawCompletedJob', cronJob, message };
  });
  if (equalJson(status, cronJob.status ?? {})) return [];
  return [{ kind: 'status', reason: 'its jobs changed', cronJob, status }, ...tales];
}

function referenceTo({ metadata }: Job) {
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = metadata ?? {};
  return { kind: 'Job', apiVersion: 'batch/v1', namespace, name, uid, resourceVersion };
}

/** Ended jobs beyond the limits, the oldest first. */
function history(cronJob: CronJob, jobs: readonly Job[]): CronJobAction[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec ?? {};
  const surplus = (type: string, kept: number) => {
    const ended = jobs.filter(({ status }) => findCondition(status?.conditions, type)?.status === 'True').sort(byAge);
    return ended.slice(0, Math.max(0, ended.length - kept));
  };
  return [
    ...surplus('Complete', successfulJobsHistoryLimit ?? DEFAULT_SUCCESSES_KEPT),
    ...surplus('Failed', failedJobsHistoryLimit ?? DEFAULT_FAILURES_KEPT),
  ].map((job) => ({ kind: 'delete-job', reason: 'history limit', cronJob, job }));
}
