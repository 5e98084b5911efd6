import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { Pace } from '../../../src/devices/pace.ts';

test('a key rests for a while after it was written, each for itself', () => {
  const clock = new ManualClock(1_000);
  const pace = new Pace(clock, 100);
  assert.equal(pace.restOf('a'), 0);
  pace.written('a');
  clock.advance(60);
  pace.written('b');
  assert.deepEqual([pace.restOf('a'), pace.restOf('b')], [40, 100]);
  clock.advance(40);
  assert.deepEqual([pace.restOf('a'), pace.restOf('b')], [0, 60]);
  pace.written('a');
  assert.deepEqual([pace.restOf('a'), pace.restOf('b')], [100, 60]);
});

test('a clock that is set back ends every rest', () => {
  const clock = new ManualClock(1_000_000);
  const pace = new Pace(clock, 100);
  pace.written('a');
  clock.advance(-500_000);
  assert.equal(pace.restOf('a'), 0);
});
