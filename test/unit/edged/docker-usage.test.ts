import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Docker from 'dockerode';
import { systemClock } from '../../../src/base/clock.ts';
import { LABELS } from '../../../src/edged/docker/labels.ts';
import { DockerUsage } from '../../../src/edged/docker/usage.ts';

const cpu = (total: number) => ({ cpu_usage: { total_usage: total } });
/** What the engine says of a container that runs, has just ended, and is being removed. */
const STATS: Readonly<Record<string, object>> = {
  runs: { cpu_stats: cpu(5), memory_stats: { usage: 4096, stats: { total_inactive_file: 96 } } },
  ended: { cpu_stats: cpu(0), memory_stats: {} },
  goes: {},
};

function engine(): Docker {
  const listed = Object.keys(STATS).map((id) => ({ Id: id, Created: 1, Labels: { [LABELS.containerName]: id } }));
  const fake = {
    listContainers: () => Promise.resolve(listed),
    getContainer: (id: string) => ({ stats: () => Promise.resolve(STATS[id]) }),
  };
  return fake as unknown as Docker;
}

test('containers that end while they are looked at are left out, and the others told', async () => {
  const usage = new DockerUsage(engine(), 's', systemClock);
  const told = await usage.containers(new AbortController().signal);
  assert.deepEqual(
    told.map(({ container, memory }) => [container, memory.workingSetBytes]),
    [['runs', 4000]],
  );
});
