import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { containerIdOf, EdgedSite, stateOf, statusOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());
const trace = join(site.folder, 'trace');
await mkdir(trace);
const TRACE = { volumes: [{ name: 't', hostPath: { path: trace } }] };
const MOUNT = { volumeMounts: [{ name: 't', mountPath: '/t' }] };

test('init containers run one after the other, before the rest', async () => {
  await site.create('inits', {
    ...TRACE,
    restartPolicy: 'Never',
    initContainers: [
      { name: 'one', ...site.shell('echo one >> /t/inits'), ...MOUNT },
      { name: 'two', ...site.shell('echo two >> /t/inits'), ...MOUNT },
    ],
    containers: [{ name: 'main', ...site.shell('cat /t/inits'), ...MOUNT }],
  });
  assert.equal(await site.output('inits'), 'one\ntwo\n');
  const pod = await site.untilOver('inits');
  assert.deepEqual(
    pod.status?.initContainerStatuses?.map(({ name, ready, state }) => [name, ready, state?.terminated?.reason]),
    [
      ['one', true, 'Completed'],
      ['two', true, 'Completed'],
    ],
  );
});

test('an init container that fails for good fails the pod', async () => {
  await site.create('bad-init', {
    restartPolicy: 'Never',
    initContainers: [{ name: 'init', ...site.shell('exit 4') }],
    containers: [{ name: 'main', ...site.shell('echo never') }],
  });
  const pod = await site.untilOver('bad-init');
  assert.equal(pod.status?.phase, 'Failed');
  assert.equal(stateOf(pod, 'init').terminated?.exitCode, 4);
  assert.equal(stateOf(pod).waiting?.reason, 'PodInitializing');
});

test('a sidecar runs beside the others and ends after them', async () => {
  await site.create('sidecar', {
    ...TRACE,
    restartPolicy: 'Never',
    initContainers: [
      {
        name: 'side',
        restartPolicy: 'Always',
        ...site.shell('trap "echo side >> /t/side; exit 0" TERM; while true; do sleep 1 & wait; done'),
        ...MOUNT,
      },
    ],
    containers: [{ name: 'main', ...site.shell('echo main >> /t/side'), ...MOUNT }],
  });
  const pod = await site.untilOver('sidecar');
  assert.equal(pod.status?.phase, 'Succeeded');
  await site.until('sidecar', 'the sidecar has ended', (pod) => stateOf(pod, 'side').terminated !== undefined);
  assert.equal(await readFile(join(trace, 'side'), 'utf8'), 'main\nside\n');
});

test('a deleted pod hears of it, has its hook run, and leaves nothing behind', async () => {
  const main = {
    ...MOUNT,
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'echo hook >> /t/end'] } } },
  };
  const script = 'trap "echo term >> /t/end; exit 0" TERM; touch /t/trapped; while true; do sleep 1 & wait; done';
  const readinessProbe = { periodSeconds: 1, exec: { command: ['test', '-e', '/t/trapped'] } };
  await site.run('ends', script, { ...main, readinessProbe }, { ...TRACE, terminationGracePeriodSeconds: 20 });
  const pod = await site.untilReady('ends');
  await site.delete('ends');
  await site.untilGone('ends');
  assert.equal(await readFile(join(trace, 'end'), 'utf8'), 'hook\nterm\n');
  assert.equal(await site.event('ends', 'Killing'), 'Stopping container main');
  assert.deepEqual(await site.held(pod), []);
});

test('a pod that does not listen is killed when its grace is over', async () => {
  const script = 'trap "" TERM; while true; do sleep 1; done';
  await site.run('deaf', script, {}, { terminationGracePeriodSeconds: 1 });
  const pod = await site.untilReady('deaf');
  await site.delete('deaf');
  const last = await site.until('deaf', 'has ended', (pod) => stateOf(pod).terminated !== undefined);
  assert.equal(stateOf(last).terminated?.exitCode, 137);
  await site.untilGone('deaf');
  assert.deepEqual(await site.held(pod), []);
});

test('a container runs once the hook after its start has ended', async () => {
  const lifecycle = { postStart: { exec: { command: ['/bin/sh', '-c', 'sleep 1; echo started > /t/hook'] } } };
  await site.run('hooked', 'sleep 1000', { ...MOUNT, lifecycle }, TRACE);
  await site.untilReady('hooked');
  assert.equal(await readFile(join(trace, 'hook'), 'utf8'), 'started\n');
});

test('limits arrive in the engine', async () => {
  const resources = { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '500m', memory: '64Mi' } };
  await site.run('limited', 'sleep 1000', { resources });
  const pod = await site.untilReady('limited');
  assert.equal(pod.status?.qosClass, 'Burstable');
  const { HostConfig } = await site.inspect(pod);
  const { Memory, CpuQuota, CpuPeriod, CpuShares } = HostConfig;
  assert.deepEqual(
    { Memory, CpuQuota, CpuPeriod, CpuShares },
    { Memory: 64 * 1024 * 1024, CpuQuota: 50_000, CpuPeriod: 100_000, CpuShares: 102 },
  );
});

test('a lost sandbox takes its containers with it, and the pod begins anew', async () => {
  await site.run('lost', 'sleep 1000');
  const before = await site.untilReady('lost');
  const { HostConfig } = await site.inspect(before);
  await site.docker.docker.getContainer((HostConfig.NetworkMode ?? '').replace('container:', '')).kill();
  const after = await site.until(
    'lost',
    'runs anew',
    (pod) => statusOf(pod)?.ready === true && containerIdOf(pod) !== containerIdOf(before),
  );
  assert.equal(statusOf(after)?.restartCount, 1);
});

test('a pod that takes too long is ended', async () => {
  await site.run('slow', 'sleep 1000', {}, { activeDeadlineSeconds: 100, restartPolicy: 'Never' });
  await site.untilRunning('slow');
  site.clock.advance(100_000);
  const pod = await site.untilOver('slow');
  assert.deepEqual([pod.status?.phase, pod.status?.reason], ['Failed', 'DeadlineExceeded']);
});
