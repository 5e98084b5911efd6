import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CronJob, Job, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const JOBS = builtIn('batch/v1', 'jobs');
const CRON_JOBS = builtIn('batch/v1', 'cronjobs');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

const podSpec = { containers: [{ name: 'c', image: 'busybox:1' }], restartPolicy: 'Never' };

function podsOf(job: string) {
  return (pods: Pod[]) => pods.filter(({ metadata }) => metadata?.labels?.['batch.kubernetes.io/job-name'] === job);
}

async function succeed(pod: Pod, signal: AbortSignal): Promise<void> {
  const target = { ...DEFAULT, name: pod.metadata?.name ?? '', subresource: 'status' };
  await site.client.patch(PODS, target, 'merge', { status: { phase: 'Succeeded' } }, signal);
}

test('a job runs its pods, counts them and completes; its pods are free then', { timeout: 60_000 }, async ({
  signal,
}) => {
  const job = { metadata: { name: 'sum' }, spec: { completions: 2, parallelism: 2, template: { spec: podSpec } } };
  await site.client.create<Job>(JOBS, DEFAULT, job, signal);
  const ofSum = podsOf('sum');
  const pods = ofSum(await site.until<Pod>(PODS, (all) => ofSum(all).length === 2));
  for (const pod of pods) await succeed(pod, signal);
  const [done] = await site.until<Job>(JOBS, ([one]) => one?.status?.completionTime !== undefined);
  assert.deepEqual(
    done?.status?.conditions?.map(({ type }) => type),
    ['SuccessCriteriaMet', 'Complete'],
  );
  assert.equal(done?.status?.succeeded, 2);
  await site.until<Pod>(PODS, (all) => ofSum(all).every(({ metadata }) => metadata?.finalizers === undefined));
  await site.client.delete(JOBS, { ...DEFAULT, name: 'sum' }, signal, { propagationPolicy: 'Background' });
  await site.until<Pod>(PODS, (all) => ofSum(all).length === 0);
});

test('a deleted job lets go of its running pods', { timeout: 60_000 }, async ({ signal }) => {
  await site.client.create<Job>(
    JOBS,
    DEFAULT,
    { metadata: { name: 'cut' }, spec: { template: { spec: podSpec } } },
    signal,
  );
  const ofCut = podsOf('cut');
  await site.until<Pod>(PODS, (all) => ofCut(all).length === 1);
  await site.client.delete(JOBS, { ...DEFAULT, name: 'cut' }, signal, { propagationPolicy: 'Background' });
  await site.until<Pod>(PODS, (all) => ofCut(all).length === 0);
});

test('a cron job makes its job when it falls due', { timeout: 60_000 }, async ({ signal }) => {
  const cronJob = {
    metadata: { name: 'tick' },
    spec: { schedule: '@every 1s', jobTemplate: { spec: { template: { spec: podSpec } } } },
  };
  await site.client.create<CronJob>(CRON_JOBS, DEFAULT, cronJob, signal);
  const jobs = await site.until<Job>(JOBS, (all) => all.some(({ metadata }) => metadata?.name?.startsWith('tick-')));
  const made = jobs.find(({ metadata }) => metadata?.name?.startsWith('tick-'));
  assert.equal(made?.metadata?.ownerReferences?.[0]?.kind, 'CronJob');
  await site.until<CronJob>(CRON_JOBS, ([one]) => one?.status?.lastScheduleTime !== undefined);
});
