import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchedulingQueue } from '../../../src/scheduler/scheduling-queue.ts';

const pod = (key: string, priority = 0, since = 0) => ({ key, priority, since });

function drain(queue: SchedulingQueue): string[] {
  const keys: string[] = [];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) keys.push(next.key);
  return keys;
}

test('the most important first, of equals the oldest, of those the first to come', () => {
  const queue = new SchedulingQueue();
  for (const each of [pod('late', 0, 5), pod('old', 0, 1), pod('urgent', 9, 7), pod('twin', 0, 5)]) queue.add(each);
  assert.deepEqual(drain(queue), ['urgent', 'old', 'late', 'twin']);
});

test('a pod tried in vain comes back with a change, though not before its back-off, which doubles up to 10 s', () => {
  const queue = new SchedulingQueue();
  let now = 0;
  for (const backoff of [1000, 2000, 4000, 8000, 10_000, 10_000]) {
    queue.park(pod('p'), now);
    assert.equal(queue.wake(now + backoff - 1), now + backoff);
    assert.deepEqual(drain(queue), []);
    now += backoff;
    assert.equal(queue.wake(now), undefined);
    assert.deepEqual(drain(queue), ['p']);
  }
});

test('the earliest of those that must wait sets the alarm', () => {
  const queue = new SchedulingQueue();
  queue.park(pod('a'), 500);
  queue.park(pod('b'), 0);
  assert.equal(queue.wake(10), 1000);
  assert.equal(queue.wake(1000), 1500);
  assert.deepEqual(drain(queue), ['b']);
});

test('a pod that is gone is forgotten, its failures too', () => {
  const queue = new SchedulingQueue();
  queue.park(pod('p'), 0);
  queue.remove('p');
  assert.equal(queue.wake(60_000), undefined);
  queue.park(pod('p'), 0);
  assert.equal(queue.wake(0), 1000);
  queue.add(pod('q'));
  queue.remove('q');
  assert.deepEqual(drain(queue), []);
});
