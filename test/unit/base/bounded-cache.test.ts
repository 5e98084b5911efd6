import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BoundedCache } from '../../../src/base/bounded-cache.ts';

const MAX = 40;

test('a cache gives back the last value or nothing, and never holds more than it may', () => {
  const action = fc.record({
    act: fc.constantFrom('set', 'set', 'get', 'delete', 'clear'),
    key: fc.nat(20),
    weight: fc.nat(12),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 100 }), (actions) => {
      const cache = new BoundedCache<number, { weight: number }>(MAX, ({ weight }) => weight);
      const last = new Map<number, { weight: number }>();
      for (const { act, key, weight } of actions) {
        if (act === 'set') {
          const value = { weight };
          cache.set(key, value);
          last.set(key, value);
          assert.equal(cache.get(key), weight <= MAX / 4 ? value : undefined);
        } else if (act === 'delete') {
          cache.delete(key);
          last.delete(key);
        } else if (act === 'clear') {
          cache.clear();
          last.clear();
        }
        let held = 0;
        for (let each = 0; each <= 20; each += 1) {
          const value = cache.get(each);
          if (value === undefined) continue;
          assert.equal(value, last.get(each));
          held += value.weight;
        }
        assert.ok(held <= MAX, `${held}`);
      }
    }),
  );
});

test('what is used again outlives what is not', () => {
  const cache = new BoundedCache<string, number>(MAX, () => 1);
  cache.set('used', 0);
  cache.set('unused', 0);
  for (let i = 0; i < 10 * MAX; i += 1) {
    assert.equal(cache.get('used'), 0);
    cache.set(`other ${i}`, i);
  }
  assert.equal(cache.get('unused'), undefined);
});
