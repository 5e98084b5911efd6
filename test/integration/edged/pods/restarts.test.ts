import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { containerIdOf, EdgedSite, stateOf, statusOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

test('a pod that ends well and does not restart has succeeded', async () => {
  await site.run('succeeds', 'echo done', {}, { restartPolicy: 'Never' });
  const pod = await site.untilOver('succeeds');
  assert.equal(pod.status?.phase, 'Succeeded');
  const { exitCode, reason, startedAt, finishedAt } = stateOf(pod).terminated ?? {};
  assert.deepEqual({ exitCode, reason }, { exitCode: 0, reason: 'Completed' });
  assert.ok(startedAt !== undefined && finishedAt !== undefined);
  assert.equal(await site.log(pod), 'done\n');
});

test('a pod that ends badly and does not restart has failed, with its last words', async () => {
  await site.run('fails', 'echo why > /dev/termination-log; exit 3', {}, { restartPolicy: 'Never' });
  const pod = await site.untilOver('fails');
  assert.equal(pod.status?.phase, 'Failed');
  const { exitCode, reason, message } = stateOf(pod).terminated ?? {};
  assert.deepEqual({ exitCode, reason, message }, { exitCode: 3, reason: 'Error', message: 'why\n' });
});

test('OnFailure restarts until it succeeds', async () => {
  const volume = { volumes: [{ name: 'v', emptyDir: {} }], restartPolicy: 'OnFailure' };
  const mount = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  await site.run('retries', 'test -e /v/seen || { touch /v/seen; exit 1; }', mount, volume);
  const pod = await site.untilOver('retries');
  assert.equal(pod.status?.phase, 'Succeeded');
  assert.equal(statusOf(pod)?.restartCount, 1);
});

test('a container that keeps ending is restarted at once, then waits ever longer', async () => {
  await site.run('crashes', 'echo out; exit 7');
  const first = await site.untilWaiting('crashes', 'CrashLoopBackOff');
  assert.match(
    stateOf(first).waiting?.message ?? '',
    /^back-off 10s restarting failed container=main pod=crashes_default\(/,
  );
  assert.equal(statusOf(first)?.restartCount, 1);
  assert.equal(statusOf(first)?.lastState?.terminated?.exitCode, 7);
  assert.equal(first.status?.phase, 'Running');
  assert.match(
    await site.event('crashes', 'BackOff'),
    /^Back-off restarting failed container main in pod crashes_default\(/,
  );

  site.clock.advance(10_000);
  const second = await site.until(
    'crashes',
    'waits twice as long',
    (pod) => stateOf(pod).waiting?.message?.startsWith('back-off 20s') === true,
  );
  assert.equal(statusOf(second)?.restartCount, 2);
});

test('what the run before has printed is kept', async () => {
  await site.run('previous', 'echo run; exit 1');
  const pod = await site.untilWaiting('previous', 'CrashLoopBackOff');
  const last = statusOf(pod)?.lastState?.terminated?.containerID?.replace('docker://', '') ?? '';
  assert.equal(await site.docker.runtime.logTail(last, 10, 1000, AbortSignal.timeout(60_000)), 'run\n');
});

test('a killed container comes back', async () => {
  await site.run('killed', 'sleep 1000');
  const before = await site.untilReady('killed');
  await site.docker.docker.getContainer(containerIdOf(before)).kill();
  const after = await site.until(
    'killed',
    'runs anew',
    (pod) => statusOf(pod)?.restartCount === 1 && stateOf(pod).running !== undefined,
  );
  assert.notEqual(containerIdOf(after), containerIdOf(before));
  assert.equal(statusOf(after)?.lastState?.terminated?.exitCode, 137);
});

test('what uses more memory than it may is killed for that', async () => {
  const limits = { resources: { limits: { memory: '16Mi' } } };
  // The engine may miss the kill of a container's only process: the first process outlives the greedy one here.
  const script = '(x=aaaaaaaaaaaaaaaa; while true; do x="$x$x"; done); sleep 1000';
  const told = await site.docker.runtime.events(AbortSignal.timeout(30_000));
  await site.run('greedy', script, limits, { restartPolicy: 'Never' });
  let victim = '';
  for await (const { action, containerId } of told) {
    victim = containerId;
    if (action === 'oom') break;
  }
  await site.docker.docker.getContainer(victim).kill();
  const pod = await site.untilOver('greedy');
  assert.equal(containerIdOf(pod), victim);
  const { exitCode, reason } = stateOf(pod).terminated ?? {};
  assert.deepEqual({ exitCode, reason }, { exitCode: 137, reason: 'OOMKilled' });
});
