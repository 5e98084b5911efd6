import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { EdgedSite } from '../../../support/edged-site.ts';

const site = await EdgedSite.start();
after(() => site.close());

/** How often edged looks at what runs short. */
const LOOK_MS = 10_000;

test('while memory is short pods go, but none that the node needs', async () => {
  await site.run('needed', 'sleep 1000', {}, { priorityClassName: 'system-node-critical' });
  await site.run('greedy', 'sleep 1000');
  await site.untilRunning('needed');
  await site.untilRunning('greedy');
  site.memoryAvailableBytes = 50 * 1024 * 1024;
  site.clock.advance(LOOK_MS);
  const pod = await site.untilOver('greedy');
  site.memoryAvailableBytes = undefined;
  assert.deepEqual([pod.status?.phase, pod.status?.reason], ['Failed', 'Evicted']);
  const words =
    /^The node was low on resource: memory\. Threshold quantity: 100Mi, available: 50Mi\. Container main was using /;
  assert.match(pod.status?.message ?? '', words);
  assert.match(await site.event('greedy', 'Evicted'), words);
  const condition = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([condition?.status, condition?.reason], ['True', 'TerminationByKubelet']);
  await site.untilRunning('needed');
});
