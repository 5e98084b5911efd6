import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { PriorityLevel, type LevelLimits } from '../../../../src/apiserver/flowcontrol/priority-level.ts';
import { ManualClock } from '../../../../src/base/clock.ts';

const QUEUING = { queues: 4, handSize: 2, queueLengthLimit: 2 };
const signal = new AbortController().signal;
const entry = (flow: string, width = 1) => ({ flow, width, signal });

function levelOf(limits: Partial<LevelLimits>, free = 0): { level: PriorityLevel; clock: ManualClock } {
  const clock = new ManualClock(0);
  const lenders = { available: () => free, freed: () => undefined };
  const all = { nominal: 2, lendable: 0, borrowable: 0, ...limits };
  return { level: new PriorityLevel(all, lenders, clock), clock };
}

test('while there are seats requests enter at once; then they wait, and enter in a later turn of the loop', async () => {
  const { level } = levelOf({ queuing: QUEUING });
  assert.deepEqual([level.enter(entry('a')), level.enter(entry('a'))], [1, 1]);
  const third = level.enter(entry('a'));
  assert.ok(third instanceof Promise);
  let entered = false;
  void third.then(() => (entered = true));
  level.leave(1);
  await Promise.resolve();
  assert.equal(entered, false, 'others are read first');
  await turn();
  assert.equal(await third, 1);
});

test('without queues what finds no seat is refused', () => {
  const { level } = levelOf({});
  void level.enter(entry('a', 2));
  const refused = { reason: 'TooManyRequests', message: 'Too many requests, please try again later.', code: 429 };
  return assert.rejects(Promise.resolve(level.enter(entry('a'))), refused);
});

test('a full hand is refused with a time to come again', async () => {
  const { level } = levelOf({ nominal: 1, queuing: QUEUING });
  void level.enter(entry('a'));
  for (let i = 0; i < 4; i += 1) void level.enter(entry('a'));
  await assert.rejects(Promise.resolve(level.enter(entry('a'))), { details: { retryAfterSeconds: 1 } });
  assert.equal(level.waiting, 4);
});

test('who waits too long, or has gone, loses the place', async () => {
  const { level, clock } = levelOf({ nominal: 1, queuing: QUEUING });
  void level.enter(entry('a'));
  const gone = new AbortController();
  const first = Promise.resolve(level.enter({ ...entry('a'), signal: gone.signal }));
  const second = Promise.resolve(level.enter(entry('b')));
  gone.abort();
  await assert.rejects(first, { reason: 'TooManyRequests' });
  assert.equal(level.waiting, 1);
  clock.advance(15_000);
  await assert.rejects(second, { reason: 'TooManyRequests' });
  assert.equal(level.waiting, 0);
});

test('a wide request takes as many seats as it needs, at most all', () => {
  const { level } = levelOf({ nominal: 4, queuing: QUEUING });
  assert.equal(level.enter(entry('list', 10)), 4);
  assert.ok(level.enter(entry('get')) instanceof Promise);
});

test('seats of others are used while they are free, up to the limit', () => {
  const free = levelOf({ nominal: 1, borrowable: 2, queuing: QUEUING }, 10);
  assert.deepEqual(
    [1, 2, 3].map(() => free.level.enter(entry('a'))),
    [1, 1, 1],
  );
  assert.ok(free.level.enter(entry('a')) instanceof Promise);
  assert.equal(free.level.borrows, 2);
  const none = levelOf({ nominal: 1, borrowable: 2, queuing: QUEUING }, 0);
  assert.equal(none.level.enter(entry('a')), 1);
  assert.ok(none.level.enter(entry('a')) instanceof Promise);
});

test('a level without shares still serves one request at a time', () => {
  const { level } = levelOf({ nominal: 0, queuing: QUEUING });
  assert.equal(level.enter(entry('a')), 1);
  assert.ok(level.enter(entry('a')) instanceof Promise);
});

test('what waits enters when the queues are taken away', async () => {
  const { level } = levelOf({ nominal: 1, queuing: QUEUING });
  void level.enter(entry('a'));
  const waiting = level.enter(entry('a'));
  level.configure({ nominal: 1, lendable: 0, borrowable: 0 });
  assert.equal(await waiting, 1);
});
