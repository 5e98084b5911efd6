import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CronJob, Job } from '../../../../src/api/kinds.ts';
import { type CronJobAction, planCronJob } from '../../../../src/controllers/cronjob/cron-job-plan.ts';

const NOW = Date.parse('2026-01-01T12:00:30Z');
const template = { metadata: { labels: { a: 'b' } }, spec: { template: {} } };

function cronJob(spec: Partial<NonNullable<CronJob['spec']>> = {}, status: CronJob['status'] = {}): CronJob {
  return {
    metadata: { name: 'c', namespace: 'n', uid: 'cron', creationTimestamp: '2026-01-01T11:59:00Z' },
    spec: { schedule: '* * * * *', jobTemplate: template, ...spec },
    status,
  };
}

function job(name: string, end?: 'Complete' | 'Failed'): Job {
  const conditions = end === undefined ? [] : [{ type: end, status: 'True' }];
  const completionTime = end === 'Complete' ? { completionTime: '2026-01-01T11:59:40Z' } : {};
  return {
    metadata: { name, namespace: 'n', uid: name, creationTimestamp: '2026-01-01T11:59:01Z' },
    status: { conditions, ...completionTime },
  };
}

const summary = (actions: readonly CronJobAction[]) =>
  actions.map((action) => ('job' in action ? `${action.kind} ${action.job.metadata?.name}` : action.kind));

const DUE = `c-${Date.parse('2026-01-01T12:00:00Z') / 60_000}`;

test('a job is made for the latest time that was due, and the next look is at the next', () => {
  const { actions, recheckAfterMs } = planCronJob({ cronJob: cronJob(), jobs: [] }, NOW);
  assert.deepEqual(summary(actions), [`create-job ${DUE}`, 'status']);
  assert.equal(recheckAfterMs, 30_000);
  const [create, status] = actions;
  assert.ok(create?.kind === 'create-job' && status?.kind === 'status');
  assert.deepEqual(create.job.metadata?.annotations, {
    'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T12:00:00Z',
  });
  assert.equal(status.status.lastScheduleTime, '2026-01-01T12:00:00Z');
});

test('what has been done or lies beyond the deadline is not done (again)', () => {
  const done = cronJob({}, { lastScheduleTime: '2026-01-01T12:00:00Z' });
  assert.deepEqual(summary(planCronJob({ cronJob: done, jobs: [] }, NOW).actions), []);
  const late = cronJob({ startingDeadlineSeconds: 10 });
  assert.deepEqual(summary(planCronJob({ cronJob: late, jobs: [] }, NOW).actions), []);
  const suspended = cronJob({ suspend: true });
  assert.deepEqual(planCronJob({ cronJob: suspended, jobs: [] }, NOW), { actions: [] });
});

test('a job that still runs is let be, forbids the next or gives way', () => {
  const jobs = [job('before')];
  const active = [
    { kind: 'Job', apiVersion: 'batch/v1', namespace: 'n', name: 'before', uid: 'before', resourceVersion: '' },
  ];
  const plan = (concurrencyPolicy: string) =>
    summary(planCronJob({ cronJob: cronJob({ concurrencyPolicy }, { active }), jobs }, NOW).actions);
  assert.deepEqual(plan('Allow'), [`create-job ${DUE}`, 'status']);
  assert.deepEqual(plan('Forbid'), []);
  assert.deepEqual(plan('Replace'), ['delete-job before', `create-job ${DUE}`, 'status']);
});

test('ended jobs leave the status, are told of, and go beyond the limits', () => {
  const reference = { kind: 'Job', name: 'a', uid: 'a' };
  const jobs = [job('a', 'Complete'), job('b', 'Complete'), job('x', 'Failed'), job('y', 'Failed')];
  const spec = { suspend: true, successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 };
  const { actions } = planCronJob({ cronJob: cronJob(spec, { active: [reference] }), jobs }, NOW);
  assert.deepEqual(summary(actions), ['status', 'tell', 'delete-job a', 'delete-job x', 'delete-job y']);
  const [status, tale] = actions;
  assert.ok(status?.kind === 'status' && tale?.kind === 'tell');
  assert.deepEqual(status.status, { lastSuccessfulTime: '2026-01-01T11:59:40Z' });
  assert.equal(tale.message, 'Saw completed job: a, condition: Complete');
});

test('years of absence are made good by one job, at once', () => {
  const old = cronJob({}, { lastScheduleTime: '2016-01-01T00:00:00Z' });
  assert.deepEqual(summary(planCronJob({ cronJob: old, jobs: [] }, NOW).actions), [`create-job ${DUE}`, 'status']);
});
