/** Ways of pods that users of a kubelet rely on, beside the common ones. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Pod } from '../../../../src/api/kinds.ts';
import { containerIdOf, EdgedSite, PODS, statusOf } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

test('an ephemeral container joins a running pod, sees the processes of its target, and is not started again', async () => {
  await site.run('visited', 'exec sleep 1234');
  await site.untilReady('visited');
  const visitor = { name: 'visitor', targetContainerName: 'main', ...site.shell('ps | grep -c "[s]leep 1234"') };
  const patch = { spec: { ephemeralContainers: [visitor] } };
  const target = { namespace: 'default', name: 'visited', subresource: 'ephemeralcontainers' };
  await site.client.patch(PODS, target, 'strategic', patch, new AbortController().signal);
  const pod = await site.until(
    'visited',
    'was visited',
    ({ status }) => visit(status)?.state?.terminated !== undefined,
  );
  const { terminated } = visit(pod.status)?.state ?? {};
  assert.deepEqual([terminated?.exitCode, visit(pod.status)?.restartCount, pod.status?.phase], [0, 0, 'Running']);
});

function visit(status: Pod['status']) {
  return status?.ephemeralContainerStatuses?.find(({ name }) => name === 'visitor');
}

test('containers see each other’s processes where the pod shares them', async () => {
  const container = { name: 'main', ...site.shell('exec sleep 1235') };
  const other = {
    name: 'other',
    ...site.shell('until ps | grep "[s]leep 1235"; do usleep 10000; done; exec sleep 1000'),
  };
  const readinessProbe = { exec: { command: ['/bin/sh', '-c', 'ps | grep "[s]leep 1235"'] }, periodSeconds: 1 };
  await site.create('shared-pids', {
    shareProcessNamespace: true,
    containers: [container, { ...other, readinessProbe }],
  });
  await site.untilReady('shared-pids');
});

test('a hook may just wait, and one that asks over HTTP and gets no answer is told', async () => {
  const preStop = { sleep: { seconds: 1 } };
  await site.run('hooks', 'sleep 1000', { lifecycle: { preStop } }, { terminationGracePeriodSeconds: 10 });
  await site.untilReady('hooks');
  const lifecycle = { postStart: { httpGet: { host: '127.0.0.1', port: 1 } } };
  await site.run('deaf', 'sleep 1000', { lifecycle });
  assert.match(await site.event('deaf', 'FailedPostStartHook'), /PostStartHook failed/);
  await site.delete('hooks');
  await site.untilGone('hooks');
});

test('a pod that does not restart ends with the last of its containers, badly where one did', async () => {
  const spec = {
    restartPolicy: 'Never',
    containers: [
      { name: 'one', ...site.shell('exit 0') },
      { name: 'two', ...site.shell('exit 3') },
    ],
  };
  await site.create('two-ends', spec);
  const { status } = await site.untilOver('two-ends');
  const codes = (status?.containerStatuses ?? []).map(({ name, state }) => `${name} ${state?.terminated?.exitCode}`);
  assert.deepEqual([status?.phase, codes], ['Failed', ['one 0', 'two 3']]);
});

test('the last words of a container that leaves none are the end of its log', async () => {
  const main = { terminationMessagePolicy: 'FallbackToLogsOnError' };
  await site.run('talks', 'echo that was it; exit 1', main, { restartPolicy: 'Never' });
  const { status } = await site.untilOver('talks');
  assert.equal(status?.containerStatuses?.[0]?.state?.terminated?.message, 'that was it\n');
});

test('a container gets a new size while it runs, or is restarted for it where it wants that', async () => {
  const size = (cpu: string, memory: string) => ({ requests: { cpu, memory }, limits: { cpu, memory } });
  const resizePolicy = [
    { resourceName: 'cpu', restartPolicy: 'NotRequired' },
    { resourceName: 'memory', restartPolicy: 'RestartContainer' },
  ];
  await site.run('grows', 'sleep 1000', { resources: size('100m', '16Mi'), resizePolicy });
  const pod = await site.untilReady('grows');
  assert.deepEqual(statusOf(pod)?.resources, size('100m', '16Mi'));
  await resize('grows', size('200m', '16Mi'));
  const grown = await site.until('grows', 'has more of the processor', (each) => cpuOf(each) === '200m');
  const { HostConfig } = await site.inspect(grown);
  assert.deepEqual([HostConfig.CpuQuota, HostConfig.Memory], [20_000, 16 * 1024 * 1024]);
  assert.equal(containerIdOf(grown), containerIdOf(pod), 'without a restart');
  await resize('grows', size('200m', '32Mi'));
  const restarted = await site.until('grows', 'was restarted', (each) => statusOf(each)?.restartCount === 1);
  const again = await site.until(
    'grows',
    'runs again',
    (each) => statusOf(each)?.state?.running !== undefined && statusOf(each)?.restartCount === 1,
  );
  assert.notEqual(containerIdOf(restarted), containerIdOf(pod));
  assert.equal((await site.inspect(again)).HostConfig.Memory, 32 * 1024 * 1024);
});

function cpuOf(pod: Pod): string | undefined {
  return statusOf(pod)?.resources?.limits?.['cpu'];
}

async function resize(name: string, resources: object): Promise<void> {
  const target = { namespace: 'default', name, subresource: 'resize' };
  const patch = { spec: { containers: [{ name: 'main', resources }] } };
  await site.client.patch(PODS, target, 'strategic', patch, new AbortController().signal);
}
