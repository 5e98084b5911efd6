import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Deadlines } from '../../../../src/apiserver/door/deadlines.ts';
import { ManualClock } from '../../../../src/base/clock.ts';

const TIMEOUT = {
  code: 504,
  reason: 'Timeout',
  message: 'Timeout: request did not complete within the allotted timeout',
};

test('work that ends in time goes through, what it throws too', async () => {
  const deadlines = new Deadlines(new ManualClock(0));
  assert.equal(await deadlines.within(1_000, Promise.resolve('done')), 'done');
  await assert.rejects(deadlines.within(1_000, Promise.reject(new Error('broken'))), /broken/);
  deadlines.close();
});

test('work that takes too long is not waited for; other work is', async () => {
  const clock = new ManualClock(0);
  const deadlines = new Deadlines(clock);
  const never = deadlines.within(1_000, new Promise(() => undefined));
  const slow = Promise.withResolvers<string>();
  const patient = deadlines.within(5_000, slow.promise);
  clock.advance(500);
  await turn();
  clock.advance(500);
  await assert.rejects(never, TIMEOUT);
  slow.resolve('late but in time');
  assert.equal(await patient, 'late but in time');
  deadlines.close();
});

test('nothing ticks while there is nothing to wait for', async () => {
  const clock = new ManualClock(0);
  const deadlines = new Deadlines(clock);
  await deadlines.within(1_000, Promise.resolve());
  clock.advance(500);
  await turn();
  assert.equal(clock.sleepers, 0);
});
