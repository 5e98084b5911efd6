import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NodeSamples } from '../../../../src/apiserver/metrics/node-samples.ts';
import type { ResourceSample } from '../../../../src/apiserver/metrics/resource-sample.ts';
import { ManualClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { until } from '../../../support/until.ts';

function site(away = false) {
  const clock = new ManualClock(1_000_000);
  const looks: ResourceSample[] = [];
  const look = async (): Promise<ResourceSample> => {
    const sample = { node: undefined, pods: new Map() };
    looks.push(sample);
    if (away) throw new Error('nobody there');
    return sample;
  };
  return { clock, looks, samples: new NodeSamples({ look, clock, logger: silentLogger }) };
}

/** Lets the clock run for those who wait. */
async function after<T>(clock: ManualClock, answer: Promise<T>): Promise<T> {
  await until('somebody sleeps', () => clock.sleepers > 0);
  clock.advance(2_000);
  return await answer;
}

test('the first answer is made of two looks a moment apart, the next of the last look and a new one', async () => {
  const { clock, looks, samples } = site();
  const [first, second] = [samples.of(['one']), samples.of(['one'])];
  const pair = (await after(clock, first)).get('one');
  assert.equal((await second).get('one'), pair, 'who asks meanwhile shares the looks');
  assert.deepEqual([looks.length, pair?.before === looks[0], pair?.after === looks[1]], [2, true, true]);
  clock.advance(4_000);
  assert.equal((await samples.of(['one'])).get('one'), pair, 'fresh');
  clock.advance(2_000);
  const next = (await samples.of(['one'])).get('one');
  assert.deepEqual([looks.length, next?.before === looks[1], next?.after === looks[2]], [3, true, true]);
  clock.advance(61_000);
  await after(clock, samples.of(['one']));
  assert.equal(looks.length, 5, 'what was long ago says nothing of now');
});

test('a node that is away is left out and not asked again at once', async () => {
  const { clock, looks, samples } = site(true);
  assert.equal((await samples.of(['gone'])).size, 0);
  assert.equal((await samples.of(['gone'])).size, 0);
  assert.equal(looks.length, 1);
  clock.advance(5_000);
  await samples.of(['gone']);
  assert.equal(looks.length, 2);
  samples.retain(new Set());
  await samples.of(['gone']);
  assert.equal(looks.length, 3, 'forgotten with its node');
});

test('closing ends the wait for the second look', async () => {
  const { clock, samples } = site();
  const answer = samples.of(['one']);
  await until('somebody sleeps', () => clock.sleepers > 0);
  samples.close();
  assert.equal((await answer).size, 0);
});
