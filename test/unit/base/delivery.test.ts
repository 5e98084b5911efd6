import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { Delivery, type DeliveryOptions, DeliveryRefused } from '../../../src/base/delivery.ts';
import { messageOf } from '../../../src/base/errors.ts';

const clock = { ...systemClock, sleep: () => Promise.resolve() };

/** Outcomes in the order in which they come. */
function outcomes() {
  const done: (readonly [string, string | undefined])[] = [];
  let wake: () => void = () => undefined;
  return {
    done,
    add: (item: string, error?: unknown): void => {
      done.push([item, error === undefined ? undefined : messageOf(error)]);
      wake();
    },
    until: async (count: number): Promise<void> => {
      while (done.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

function delivery(changes: Pick<DeliveryOptions<string>, 'deliver' | 'done'> & Partial<DeliveryOptions<string>>) {
  return new Delivery<string>({
    bytesOf: ({ length }) => length,
    maxWaiting: 3,
    maxWaitingBytes: 100,
    givesWay: 'newest',
    maxRetries: 2,
    retry: { baseMs: 1, maxMs: 1, jitter: 0 },
    clock,
    random: Math.random,
    ...changes,
  });
}

/** Under way until the end. */
const never = (_item: string, signal: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended'))));

test('messages go one after the other, each tried a few times', async () => {
  const tried: string[] = [];
  const again: string[] = [];
  const heard = outcomes();
  const way = delivery({
    deliver: (item) => {
      tried.push(item);
      if (item === 'never') return Promise.reject(new DeliveryRefused('never'));
      const good = item === 'good' || tried.filter((each) => each === 'late').length === 2;
      return good ? Promise.resolve() : Promise.reject(new Error('not now'));
    },
    done: heard.add,
    onRetry: (item) => again.push(item),
    maxWaiting: 4,
  });
  for (const item of ['bad', 'late', 'never', 'good']) way.add(item);
  await heard.until(4);
  assert.deepEqual(heard.done, [
    ['bad', 'not now'],
    ['late', undefined],
    ['never', 'never'],
    ['good', undefined],
  ]);
  assert.deepEqual(tried, ['bad', 'bad', 'bad', 'late', 'late', 'never', 'good']);
  assert.deepEqual(again, ['bad', 'bad', 'late']);
  await way.close();
});

test('what waits is bounded: the newest gives way, and the end does not wait', async () => {
  const heard = outcomes();
  const way = delivery({ deliver: never, done: heard.add });
  for (const item of ['1', '2', '3', '4', '5']) way.add(item);
  assert.deepEqual(heard.done, [['5', 'too many messages are waiting already']]);
  assert.equal(way.waiting, 3);
  await way.close();
  assert.equal(heard.done.length, 1);
  way.add('6');
  assert.equal(way.waiting, 3, 'after the end nothing is taken');
});

test('what waits is bounded: those that wait longest give way, but not the one under way', async () => {
  const heard = outcomes();
  const way = delivery({ deliver: never, done: heard.add, givesWay: 'oldest' });
  for (const item of ['1', '2', '3', '4', '5', '6']) way.add(item);
  const why = 'newer messages took its place';
  assert.deepEqual(heard.done, [
    ['2', why],
    ['3', why],
  ]);
  way.add('x'.repeat(98));
  assert.deepEqual(heard.done.slice(2), [
    ['4', why],
    ['5', why],
  ]);
  assert.equal(way.waiting, 2, 'the last one and the long one');
  way.add('y'.repeat(101));
  assert.deepEqual(heard.done.at(-1), ['y'.repeat(101), 'the message is longer than 100 bytes']);
  assert.equal(way.waiting, 2, 'what never fits drives nothing out');
  await way.close();
});
