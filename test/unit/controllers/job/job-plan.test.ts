import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Job, Pod } from '../../../../src/api/kinds.ts';
import { formatIndexes, parseIndexes } from '../../../../src/controllers/job/index-list.ts';
import { planJob } from '../../../../src/controllers/job/job-plan.ts';
import { podOfJob } from '../../../../src/controllers/job/job-pod.ts';
import { isOver, isTracked, type JobAction } from '../../../../src/controllers/job/job-state.ts';

type JobSpec = NonNullable<Job['spec']>;

/** A job and its pods as the API would hold them, with time that moves by what the plan asks to wait for. */
class JobModel {
  job: Job;
  pods: Pod[] = [];
  now = Date.parse('2026-01-01T00:00:00Z');
  deleted = false;
  created = 0;
  most = 0;

  constructor(spec: Partial<JobSpec>) {
    const template = {
      metadata: { labels: { app: 'j' } },
      spec: { containers: [{ name: 'c' }], restartPolicy: 'Never' },
    };
    const selector = { matchLabels: { app: 'j' } };
    const rest = { parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', selector, template };
    this.job = { metadata: { name: 'j', namespace: 'n', uid: 'job' }, spec: { ...rest, ...spec } };
  }

  apply(action: JobAction): void {
    switch (action.kind) {
      case 'create':
        for (const index of action.indexes) {
          this.created += 1;
          const pod = podOfJob(this.job, index);
          const metadata = { ...pod.metadata, name: `j-${this.created}`, namespace: 'n', uid: `${this.created}` };
          this.pods.push({ ...pod, metadata, status: { phase: 'Running' } });
        }
        this.most = Math.max(this.most, this.active().length);
        return;
      case 'stop':
        if (!action.counted) this.change(action.pod, { metadata: { ...action.pod.metadata, finalizers: [] } });
        this.remove(this.pods.find(({ metadata }) => metadata?.uid === action.pod.metadata?.uid)!);
        return;
      case 'let-go':
        this.letGo(action.pod);
        return;
      case 'status':
        this.job = { ...this.job, status: action.status };
        return;
      case 'delete-job':
        this.deleted = true;
        return;
      default:
        assert.fail(`unexpected ${action.kind}`);
    }
  }

  change(pod: Pod, change: Partial<Pod>): void {
    this.pods = this.pods.map((each) => (each.metadata?.uid === pod.metadata?.uid ? { ...each, ...change } : each));
  }

  /** A finalizer keeps what is deleted. */
  remove(pod: Pod): void {
    const deletionTimestamp = new Date(this.now).toISOString();
    if (isTracked(pod))
      this.change(pod, { metadata: { ...pod.metadata, deletionTimestamp }, status: { phase: 'Failed' } });
    else this.pods = this.pods.filter((each) => each !== pod);
  }

  letGo(pod: Pod): void {
    if (pod.metadata?.deletionTimestamp === undefined)
      this.change(pod, { metadata: { ...pod.metadata, finalizers: [] } });
    else this.pods = this.pods.filter(({ metadata }) => metadata?.uid !== pod.metadata?.uid);
  }

  active(): Pod[] {
    return this.pods.filter(({ status }) => status?.phase === 'Running');
  }

  plan() {
    return planJob({ job: this.job, pods: { owned: this.pods, toAdopt: [], toRelease: [] } }, this.now);
  }

  /** Until the plan is empty; waits out what it wants to wait for, `waits` times. */
  settle(waits = 0): void {
    for (let rounds = 0, left = waits; ; rounds += 1) {
      assert.ok(rounds < 300, 'the plan does not settle');
      const { actions, recheckAfterMs } = this.plan();
      for (const action of actions) this.apply(action);
      if (actions.length > 0) continue;
      if (recheckAfterMs === undefined || left === 0) return;
      left -= 1;
      this.now += recheckAfterMs;
    }
  }

  end(pod: Pod, phase: 'Succeeded' | 'Failed', exitCode = phase === 'Failed' ? 1 : 0): void {
    const finishedAt = new Date(this.now).toISOString();
    const state = { terminated: { exitCode, finishedAt } };
    const status = { name: 'c', image: 'i', imageID: 'i', ready: false, restartCount: 0, state };
    this.change(pod, { status: { phase, containerStatuses: [status] } });
  }

  conditions(): string[] {
    return (this.job.status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
  }
}

test('a job of three runs two at a time and completes', () => {
  const model = new JobModel({ completions: 3, parallelism: 2 });
  model.settle();
  assert.equal(model.active().length, 2);
  for (let pod = model.active()[0]; pod !== undefined; pod = model.active()[0]) {
    model.end(pod, 'Succeeded');
    model.settle();
  }
  assert.equal(model.most, 2);
  assert.deepEqual(model.conditions(), [
    'SuccessCriteriaMet=True CompletionsReached',
    'Complete=True CompletionsReached',
  ]);
  const { succeeded, active, uncountedTerminatedPods, completionTime } = model.job.status ?? {};
  assert.deepEqual(
    [succeeded, active, uncountedTerminatedPods, completionTime],
    [3, undefined, {}, '2026-01-01T00:00:00Z'],
  );
  assert.equal(model.pods.filter(isTracked).length, 0);
});

test('failures are tried again with growing delay until the limit', () => {
  const model = new JobModel({ completions: 1, backoffLimit: 2 });
  const waits: (number | undefined)[] = [];
  model.settle();
  for (let tries = 0; tries < 3; tries += 1) {
    model.end(model.active()[0]!, 'Failed');
    model.settle();
    waits.push(model.plan().recheckAfterMs);
    model.settle(1);
  }
  assert.deepEqual(waits, [10_000, 20_000, undefined]);
  assert.deepEqual(model.conditions(), ['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
  assert.equal(model.job.status?.failed, 3);
});

test('a deadline stops what runs, and counts it', () => {
  const model = new JobModel({ completions: 2, parallelism: 2, activeDeadlineSeconds: 60 });
  model.settle();
  model.settle(1);
  assert.deepEqual(model.conditions(), ['FailureTarget=True DeadlineExceeded', 'Failed=True DeadlineExceeded']);
  assert.deepEqual([model.job.status?.failed, model.active().length], [2, 0]);
});

test('a suspended job has no pods and counts no failure; resumed it goes on', () => {
  const model = new JobModel({ completions: 2, parallelism: 2 });
  model.settle();
  model.job = { ...model.job, spec: { ...model.job.spec!, suspend: true } };
  model.settle();
  assert.deepEqual(
    [model.active().length, model.job.status?.failed, model.job.status?.startTime],
    [0, undefined, undefined],
  );
  assert.deepEqual(model.conditions(), ['Suspended=True JobSuspended']);
  model.job = { ...model.job, spec: { ...model.job.spec!, suspend: false } };
  model.settle();
  assert.equal(model.active().length, 2);
  assert.deepEqual(model.conditions(), ['Suspended=False JobResumed']);
});

test('a failure policy ends the job or overlooks the failure', () => {
  const rule = (action: string, code: number) => ({ action, onExitCodes: { operator: 'In', values: [code] } });
  const model = new JobModel({
    completions: 1,
    podFailurePolicy: { rules: [rule('Ignore', 137), rule('FailJob', 42)] },
  });
  model.settle();
  model.end(model.active()[0]!, 'Failed', 137);
  model.settle(1);
  assert.equal(model.job.status?.failed, undefined);
  model.end(model.active()[0]!, 'Failed', 42);
  model.settle();
  const [condition] = model.job.status?.conditions ?? [];
  assert.equal(condition?.reason, 'PodFailurePolicy');
  assert.equal(
    condition?.message,
    'Container c for pod n/j-2 failed with exit code 42 matching FailJob rule at index 1',
  );
});

test('after its time to live the job is deleted', () => {
  const model = new JobModel({ completions: 1, ttlSecondsAfterFinished: 30 });
  model.settle();
  model.end(model.active()[0]!, 'Succeeded');
  model.settle();
  assert.equal(model.plan().recheckAfterMs, 30_000);
  model.now += 30_000;
  assert.deepEqual(
    model.plan().actions.map(({ kind }) => kind),
    ['delete-job'],
  );
});

test('every pod is counted once, whatever ends when; indexed jobs finish every index', () => {
  const setting = fc.record({
    completions: fc.integer({ min: 1, max: 6 }),
    parallelism: fc.integer({ min: 1, max: 4 }),
    indexed: fc.boolean(),
    outcomes: fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 12 }),
  });
  fc.assert(
    fc.property(setting, ({ completions, parallelism, indexed, outcomes }) => {
      const completionMode = indexed ? 'Indexed' : 'NonIndexed';
      const model = new JobModel({ completions, parallelism, completionMode, backoffLimit: 100 });
      let failures = 0;
      model.settle();
      for (const [pick, succeeds] of [...outcomes, ...Array.from({ length: completions }, () => [0, true] as const)]) {
        const active = model.active();
        const pod = active[pick % active.length];
        if (pod === undefined) break;
        if (!succeeds) failures += 1;
        model.end(pod, succeeds ? 'Succeeded' : 'Failed');
        model.settle(1);
        assert.ok(model.active().length <= parallelism);
      }
      assert.equal(isOver(model.job.status), true);
      assert.equal(model.job.status?.succeeded, completions);
      assert.equal(model.job.status?.failed ?? 0, failures);
      if (indexed) assert.equal(model.job.status?.completedIndexes, formatIndexes(new Set(Array(completions).keys())));
      assert.deepEqual(model.plan().actions, []);
    }),
  );
});

test('lists of indexes are written as ranges', () => {
  assert.equal(formatIndexes(new Set([5, 0, 1, 2, 7, 8])), '0-2,5,7,8');
  assert.deepEqual([...parseIndexes('0-2,5')], [0, 1, 2, 5]);
  assert.deepEqual([...parseIndexes(undefined)], []);
});
