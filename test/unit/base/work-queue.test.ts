import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { WorkQueue } from '../../../src/base/work-queue.ts';

function recording(concurrency: number) {
  const clock = new ManualClock(0);
  const worked: string[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  let active = 0;
  let most = 0;
  const queue = new WorkQueue({
    clock,
    concurrency,
    work: async (key) => {
      active += 1;
      most = Math.max(most, active);
      worked.push(key);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      active -= 1;
    },
  });
  const release = async () => {
    for (let gate = gates.shift(); gate !== undefined; gate = gates.shift()) {
      gate.resolve();
      await turn();
    }
  };
  return { clock, queue, worked, release, most: () => most };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('a key waits once, and once more when added while it is worked on', async () => {
  const { queue, worked, release } = recording(2);
  queue.add('a');
  queue.add('a');
  await turn();
  queue.add('a');
  queue.add('a');
  assert.deepEqual(worked, ['a']);
  await release();
  await queue.idle();
  assert.deepEqual(worked, ['a', 'a']);
});

test('no more workers than allowed', async () => {
  const { queue, worked, release, most } = recording(2);
  for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
  await turn();
  await release();
  await queue.idle();
  assert.deepEqual(worked, ['a', 'b', 'c', 'd']);
  assert.equal(most(), 2);
});

test('of several delays the earliest wins', async () => {
  const { clock, queue, worked, release } = recording(1);
  queue.addAfter('a', 100);
  queue.addAfter('a', 50);
  queue.addAfter('a', 70);
  clock.advance(49);
  await turn();
  assert.deepEqual(worked, []);
  clock.advance(1);
  await turn();
  await release();
  clock.advance(100);
  await turn();
  assert.deepEqual(worked, ['a']);
});

test('closing forgets what waits and waits for what is under way', async () => {
  const { clock, queue, worked, release } = recording(1);
  queue.add('a');
  queue.add('b');
  queue.addAfter('c', 10);
  await turn();
  const closed = queue.close();
  await release();
  await closed;
  queue.add('d');
  clock.advance(100);
  await turn();
  assert.deepEqual(worked, ['a']);
  assert.equal(clock.sleepers, 0);
});
