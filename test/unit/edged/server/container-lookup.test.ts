import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState, Pod } from '../../../../src/api/kinds.ts';
import { logContainerId, runningContainerId } from '../../../../src/edged/server/container-lookup.ts';
import { kubeletRoute } from '../../../../src/edged/server/kubelet-routes.ts';
import { parseLogQuery } from '../../../../src/edged/server/log-query.ts';

function podWith(state: ContainerState, lastState: ContainerState = {}, containerID = 'docker://now'): Pod {
  const status = { name: 'c', state, lastState, containerID, image: '', imageID: '', ready: false, restartCount: 1 };
  return { metadata: { name: 'p' }, status: { containerStatuses: [status] } };
}

const ended = (containerID: string): ContainerState => ({ terminated: { exitCode: 0, containerID } });
const waiting = (reason: string): ContainerState => ({ waiting: { reason } });

const logs: readonly [name: string, pod: Pod, previous: boolean, outcome: string][] = [
  ['running', podWith({ running: {} }), false, 'now'],
  ['ended', podWith(ended('docker://ended')), false, 'ended'],
  ['ended without an id, but with one before', podWith(ended(''), ended('docker://old')), false, 'old'],
  ['ended without any id', podWith(ended('')), false, '!container "c" in pod "p" is terminated'],
  ['backing off after a crash', podWith(waiting('CrashLoopBackOff'), ended('docker://old')), false, 'old'],
  ['previous of a running one', podWith({ running: {} }, ended('docker://old')), true, 'old'],
  ['previous of the first', podWith({ running: {} }), true, '!previous terminated container "c" in pod "p" not found'],
  [
    'creating',
    podWith(waiting('ContainerCreating')),
    false,
    '!container "c" in pod "p" is waiting to start: ContainerCreating',
  ],
  [
    'pulling',
    podWith(waiting('ErrImagePull')),
    false,
    `!container "c" in pod "p" is waiting to start: image can't be pulled`,
  ],
  [
    'pulling again',
    podWith(waiting('ImagePullBackOff')),
    false,
    '!container "c" in pod "p" is waiting to start: trying and failing to pull image',
  ],
  ['nothing known', podWith({}), false, '!container "c" in pod "p" is waiting to start - no logs yet'],
  ['no status', { metadata: { name: 'p' } }, false, '!container "c" in pod "p" is not available'],
];

for (const [name, pod, previous, outcome] of logs) {
  test(`the log of a container: ${name}`, () => {
    const look = (): string => logContainerId(pod, 'c', previous);
    if (outcome.startsWith('!')) assert.throws(look, { reason: 'BadRequest', message: outcome.slice(1) });
    else assert.equal(look(), outcome);
  });
}

test('a process starts only in a container that runs', () => {
  assert.equal(runningContainerId(podWith({ running: {} }), 'c'), 'now');
  assert.throws(() => runningContainerId(podWith(ended('docker://x')), 'c'), { message: 'container not found ("c")' });
});

test('paths', () => {
  const pod = { namespace: 'ns', name: 'p' };
  assert.deepEqual(kubeletRoute('/containerLogs/ns/p/c'), { kind: 'containerLogs', pod, container: 'c' });
  assert.deepEqual(kubeletRoute('/exec/ns/p/uid/c'), { kind: 'exec', pod, container: 'c' });
  assert.deepEqual(kubeletRoute('/portForward/ns/p'), { kind: 'portForward', pod });
  assert.deepEqual(kubeletRoute('/stats/summary'), { kind: 'statsSummary' });
  for (const path of [
    '/',
    '/exec/ns/p',
    '/containerLogs/ns',
    '/containerLogs/ns/p/a/b/c',
    '/x/ns/p/c',
    '/exec/%/p/c',
  ]) {
    assert.equal(kubeletRoute(path), undefined, path);
  }
});

test('log options', () => {
  const parse = (query: string) => parseLogQuery(new URLSearchParams(query), 100_000);
  const nothing = { follow: false, previous: false, timestamps: false, stream: 'All' };
  assert.deepEqual(parse(''), nothing);
  assert.deepEqual(parse('follow=true&timestamps=1&previous&tailLines=0&limitBytes=5&sinceSeconds=40'), {
    follow: true,
    previous: true,
    timestamps: true,
    tailLines: 0,
    limitBytes: 5,
    since: 60_000,
    stream: 'All',
  });
  assert.equal(parse('sinceTime=1970-01-01T00:00:05Z').since, 5000);
  for (const bad of [
    'tailLines=-1',
    'tailLines=x',
    'limitBytes=0',
    'sinceSeconds=0',
    'sinceTime=soon',
    'stream=Both',
  ]) {
    assert.throws(() => parse(bad), { reason: 'BadRequest' }, bad);
  }
});
