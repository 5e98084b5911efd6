import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { containerIdOf, EdgedSite } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

/** How often edged looks at what runs short. */
const LOOK_MS = 10_000;

test('while memory is short pods go, but none that the node needs', async () => {
  await site.run('needed', 'sleep 1000', {}, { priorityClassName: 'system-node-critical' });
  await site.run('greedy', 'sleep 1000');
  await site.untilRunning('needed');
  await site.untilRunning('greedy');
  site.machine = { memoryAvailableBytes: 50 * 1024 * 1024 };
  site.clock.advance(LOOK_MS);
  const pod = await site.untilOver('greedy');
  site.machine = {};
  assert.deepEqual([pod.status?.phase, pod.status?.reason], ['Failed', 'Evicted']);
  const words =
    /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 50Mi\. Container main was using /;
  assert.match(pod.status?.message ?? '', words);
  assert.match(await site.event('greedy', 'Evicted'), words);
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([condition?.status, condition?.reason], ['True', 'TerminationByKubelet']);
  await site.untilRunning('needed');
});

test('while the disk is short what is over loses its containers, and the pod goes that has written the most', async () => {
  const written = { volumeMounts: [{ name: 'v', mountPath: '/v' }] };
  const volumes = [{ name: 'v', emptyDir: {} }];
  await site.run('over', 'exit 0', {}, { restartPolicy: 'Never' });
  const over = await site.untilOver('over');
  await site.run(
    'writes',
    'dd if=/dev/zero of=/v/big bs=1M count=8; dd if=/dev/zero of=/tmp/more bs=1M count=4; touch /v/done; sleep 1000',
    {
      ...written,
      readinessProbe: { exec: { command: ['/bin/sh', '-c', 'test -e /v/done'] }, periodSeconds: 1 },
    },
    { volumes },
  );
  await site.run('quiet', 'sleep 1000', {}, { priorityClassName: 'system-node-critical' });
  await site.untilReady('writes');
  await site.untilRunning('quiet');
  site.machine = { diskBytes: 1_000_000_000, diskAvailableBytes: 50_000_000 };
  site.clock.advance(LOOK_MS);
  const pod = await site.untilOver('writes');
  site.machine = {};
  assert.deepEqual([pod.status?.phase, pod.status?.reason], ['Failed', 'Evicted']);
  assert.match(
    pod.status?.message ?? '',
    /low on resource: ephemeral-storage\. .*Container main was using \d+(Ki|Mi)?, request is 0, /,
  );
  const limit = AbortSignal.timeout(60_000);
  while ((await site.held(over)).includes(containerIdOf(over))) limit.throwIfAborted();
  const { status } = await site.untilOver('over');
  assert.deepEqual([status?.phase, status?.containerStatuses?.[0]?.state?.terminated?.exitCode], ['Succeeded', 0]);
  await site.untilRunning('quiet');
});
