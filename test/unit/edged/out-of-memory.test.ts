import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type Docker from 'dockerode';
import { DockerRuntime } from '../../../src/edged/docker/docker-runtime.ts';
import { LABELS } from '../../../src/edged/docker/labels.ts';
import { silentLogger } from '../../../src/base/logger.ts';

const LABELLED = {
  [LABELS.podUid]: 'u',
  [LABELS.podName]: 'p',
  [LABELS.podNamespace]: 'n',
  [LABELS.type]: 'container',
};

/** An engine that has heard of the end of its only container, but not yet of its cause. */
function engineWith(events: Readable): Docker {
  const info = {
    Id: 'c1',
    Image: 'sha256:1',
    Created: '2026-01-01T00:00:00Z',
    Config: { Labels: LABELLED, Image: 'i' },
    State: {
      Status: 'exited',
      Running: false,
      StartedAt: '2026-01-01T00:00:01Z',
      FinishedAt: '2026-01-01T00:00:02Z',
      ExitCode: 137,
      OOMKilled: false,
      Error: '',
    },
    HostConfig: {},
    NetworkSettings: { Networks: {} },
  };
  const engine = {
    listContainers: () => Promise.resolve([{ Id: 'c1', State: 'exited' }]),
    getContainer: () => ({ inspect: () => Promise.resolve(info) }),
    getEvents: () => Promise.resolve(events),
  };
  return engine as unknown as Docker;
}

test('a kill for want of memory that is told after the end is part of the end', async () => {
  const stream = new Readable({ read: () => undefined });
  const runtime = new DockerRuntime({
    docker: engineWith(stream),
    siteId: 's',
    logMaxSize: '10m',
    logMaxFiles: 1,
    logger: silentLogger,
  });
  const signal = AbortSignal.timeout(60_000);
  const killed = async () =>
    (await runtime.list('u', signal)).map(({ state }) => 'oomKilled' in state && state.oomKilled);
  assert.deepEqual(await killed(), [false]);

  stream.push(`${JSON.stringify({ Action: 'oom', Actor: { ID: 'c1', Attributes: LABELLED } })}\n`);
  for await (const { action } of await runtime.events(signal)) {
    assert.equal(action, 'oom');
    break;
  }
  assert.deepEqual(await killed(), [true]);
});
