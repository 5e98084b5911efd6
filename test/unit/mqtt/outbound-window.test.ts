import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Entry, OutboundWindow, packetIdOf } from '../../../src/mqtt/core/outbound-window.ts';
import { Publication } from '../../../src/mqtt/core/publication.ts';

function entry(seq: number, qos: 0 | 1 | 2): Entry {
  const publication = new Publication({ topic: 't', payload: Buffer.from(String(seq)), qos, retain: false });
  return { seq, publication, qos, retain: false, dup: false, identifiers: [] };
}

test('a window of any size lets everything through in order, and each once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.constantFrom(0, 1, 2), { maxLength: 60 }),
      fc.array(fc.nat(), { minLength: 1, maxLength: 60 }),
      (size, qualities, choices) => {
        const budget = { bytes: 0 };
        const window = new OutboundWindow(size, budget);
        let seq = 0;
        const offered = qualities.map((qos) => entry(qos === 0 ? 0 : ++seq, qos));
        for (const one of offered) window.offer(one);
        const sent: Entry[] = [];
        const underWay: number[] = [];
        for (let turn = 0; sent.length < offered.length; turn += 1) {
          for (let next = window.next(); next !== undefined; next = window.next()) {
            sent.push(next);
            if (next.qos > 0) underWay.push(packetIdOf(next.seq));
          }
          assert.ok(window.inflight <= size);
          assert.equal(window.inflight, underWay.length);
          assert.equal(new Set(underWay).size, underWay.length);
          // Acknowledged in any order.
          const [settled] = underWay.splice((choices[turn % choices.length] ?? 0) % Math.max(1, underWay.length), 1);
          if (settled !== undefined) window.settle(settled);
        }
        assert.deepEqual(sent, offered);
        assert.deepEqual([budget.bytes, window.waitingBytes, window.waiting], [0, 0, 0]);
      },
    ),
  );
});

test('an identifier that is still under way is not given again', () => {
  const window = new OutboundWindow(100, { bytes: 0 });
  window.offer(entry(1, 1));
  window.offer(entry(2, 1));
  window.offer(entry(65_536, 1));
  window.offer(entry(65_537, 1));
  assert.deepEqual([window.next()?.seq, window.next()?.seq, window.next()], [1, 2, undefined]);
  window.settle(packetIdOf(2));
  assert.equal(window.next(), undefined, 'the first one waits, so all do');
  window.settle(packetIdOf(1));
  assert.deepEqual([window.next()?.seq, window.next()?.seq], [65_536, 65_537]);
});

test('identifiers are 1 to 65,535, round and round', () => {
  assert.deepEqual([1, 65_535, 65_536, 131_071].map(packetIdOf), [1, 65_535, 1, 1]);
});
