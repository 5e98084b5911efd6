import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from '../../../src/base/backoff.ts';

const policy = { baseMs: 10, maxMs: 1000, jitter: 0.5 };

test('back-off doubles from the base up to the maximum', () => {
  const delays = [0, 1, 2, 7, 100].map((attempt) => backoffMs(policy, attempt, () => 0));
  assert.deepEqual(delays, [10, 20, 40, 1000, 1000]);
});

test('back-off takes at most its share of jitter away', () => {
  assert.equal(
    backoffMs(policy, 0, () => 1),
    5,
  );
});
