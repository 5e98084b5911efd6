import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FairQueues, handOf } from '../../../../src/apiserver/flowcontrol/fair-queues.ts';

test('a hand has the size asked for, no queue twice, and is the same for the same flow', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 20 }),
      (flow, queues, size) => {
        const hand = handOf(flow, queues, size);
        assert.equal(new Set(hand).size, Math.min(size, queues));
        assert.ok(hand.every((index) => index >= 0 && index < queues));
        assert.deepEqual(handOf(flow, queues, size), hand);
      },
    ),
  );
});

test('hands of many flows use all queues, and hardly two flows have the same', () => {
  const hands = Array.from({ length: 1_000 }, (_, i) =>
    handOf(`service-accounts system:serviceaccount:a:${i}`, 128, 6),
  );
  assert.equal(new Set(hands.flat()).size, 128);
  assert.ok(new Set(hands.map((hand) => hand.toSorted((a, b) => a - b).join())).size > 990);
});

test('what goes in comes out once, and each flow in its order', () => {
  const items = fc.array(fc.record({ flow: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(items, (pushes) => {
      const queues = new FairQueues<{ flow: string; n: number }>({ queues: 8, handSize: 1, queueLengthLimit: 20 });
      const expected: { flow: string; n: number }[] = [];
      for (const [n, { flow, remove }] of pushes.entries()) {
        const item = { flow, n };
        if (!queues.push(flow, item)) continue;
        if (remove) assert.equal(queues.remove(item), true);
        else expected.push(item);
      }
      assert.equal(queues.size, expected.length);
      const out: { flow: string; n: number }[] = [];
      for (let next = queues.peek(); next !== undefined; next = queues.peek()) {
        assert.equal(queues.shift(), next);
        assert.equal(queues.remove(next), false);
        out.push(next);
      }
      for (const flow of ['a', 'b', 'c']) {
        const of = (list: typeof out): number[] => list.filter((item) => item.flow === flow).map(({ n }) => n);
        assert.deepEqual(of(out), of(expected));
      }
    }),
  );
});

test('a flow with one request does not wait behind a flow with many', () => {
  const queues = new FairQueues<string>({ queues: 64, handSize: 4, queueLengthLimit: 50 });
  for (let i = 0; i < 100; i += 1) queues.push('busy', 'busy');
  queues.push('quiet', 'quiet');
  const order = Array.from({ length: queues.size }, () => queues.shift());
  assert.ok(order.indexOf('quiet') <= 5, `came as number ${order.indexOf('quiet')}`);
});

test('a full hand takes no more', () => {
  const queues = new FairQueues<number>({ queues: 10, handSize: 2, queueLengthLimit: 3 });
  const taken = Array.from({ length: 10 }, (_, i) => queues.push('flow', i));
  assert.deepEqual(taken, [true, true, true, true, true, true, false, false, false, false]);
});
