import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { Delivery, MAX_RETRIES, MAX_WAITING } from '../../../src/rules/delivery.ts';
import { RuleCounters } from '../../../src/rules/rule-counters.ts';

const clock = { ...systemClock, sleep: () => Promise.resolve() };

/** Outcomes in the order in which they come. */
function outcomes() {
  const done: (string | undefined)[] = [];
  let wake: () => void = () => undefined;
  return {
    done,
    add: (error?: string): void => {
      done.push(error);
      wake();
    },
    until: async (count: number): Promise<void> => {
      while (done.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

test('messages go one after the other, each tried a few times', async () => {
  const tried: string[] = [];
  const heard = outcomes();
  const delivery = new Delivery({
    deliver: (payload) => {
      tried.push(payload.toString());
      const good = payload.toString() === 'good' || tried.filter((each) => each === 'late').length === 2;
      return good ? Promise.resolve() : Promise.reject(new Error('refused'));
    },
    done: heard.add,
    clock,
    random: Math.random,
  });
  for (const text of ['bad', 'late', 'good']) delivery.add(Buffer.from(text));
  await heard.until(3);
  assert.deepEqual(heard.done, ['refused', undefined, undefined]);
  assert.deepEqual(tried, [...Array.from({ length: MAX_RETRIES + 1 }, () => 'bad'), 'late', 'late', 'good']);
  await delivery.close();
});

test('what waits is bounded, and the end does not wait for it', async () => {
  const heard = outcomes();
  const delivery = new Delivery({
    deliver: (_payload, signal) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('ended')))),
    done: heard.add,
    clock,
    random: Math.random,
  });
  for (let count = 0; count <= MAX_WAITING; count += 1) delivery.add(Buffer.from('x'));
  assert.deepEqual(heard.done, ['too many messages are waiting already']);
  await delivery.close();
  assert.equal(heard.done.length, 1);
});

test('counters add to what the status says, and come back when it could not be written', () => {
  const counters = new RuleCounters();
  counters.add('a/b', undefined);
  counters.add('a/b', 'refused');
  counters.add('a/b', 'refused');
  const status = { successMessages: 10, failMessages: 1, errors: ['old'] };
  const expected = { successMessages: 11, failMessages: 3, errors: ['old', 'refused'] };
  assert.deepEqual(counters.statusOf('a/b', status), expected);
  const giveBack = counters.take('a/b');
  assert.equal(counters.statusOf('a/b', status), undefined);
  counters.add('a/b', undefined);
  giveBack();
  assert.deepEqual(counters.statusOf('a/b', status), { ...expected, successMessages: 12 });
});
