import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { LoginLanes, type LoginOutcome } from '../../../src/mqtt/access/login-lanes.ts';

const HERE = '192.0.2.1';

function setUp() {
  const clock = new ManualClock(1_000_000);
  const lanes = new LoginLanes(clock);
  let checks = 0;
  const attempt = (password: string, user = 'ann', address = HERE): Promise<LoginOutcome> =>
    lanes.attempt(address, user, () => {
      checks += 1;
      return Promise.resolve(password === 'right');
    });
  const fail = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) assert.equal((await waited(clock, attempt('wrong')))[0], 'bad');
  };
  return { clock, lanes, attempt, fail, checks: () => checks };
}

/** The attempt's outcome, when time has passed as far as it must; and how long that took. */
async function waited(clock: ManualClock, outcome: Promise<LoginOutcome>): Promise<[LoginOutcome, number]> {
  const from = clock.now();
  let done = false;
  void outcome.finally(() => (done = true));
  for (;;) {
    // Whatever goes on without time has gone on then.
    await new Promise((resolve) => setImmediate(resolve));
    if (done) return [await outcome, clock.now() - from];
    clock.advance(50);
  }
}

test('who keeps failing waits longer each time, up to some seconds, and is forgiven by the right password', async () => {
  const { clock, attempt, fail } = setUp();
  await fail(5);
  const delays: number[] = [];
  for (let time = 0; time < 7; time += 1) delays.push((await waited(clock, attempt('wrong')))[1]);
  assert.deepEqual(delays, [250, 500, 1_000, 2_000, 4_000, 4_000, 4_000]);
  assert.deepEqual(await waited(clock, attempt('right')), ['good', 4_000]);
  assert.deepEqual(await waited(clock, attempt('right')), ['good', 0]);
});

test('failures are forgotten after a minute', async () => {
  const { clock, attempt, fail } = setUp();
  await fail(5);
  clock.advance(60_000);
  assert.deepEqual(await waited(clock, attempt('right')), ['good', 0]);
});

test('another user, and the same one from elsewhere, do not wait', async () => {
  const { clock, attempt, fail } = setUp();
  await fail(12);
  const pending = attempt('wrong');
  assert.deepEqual(await waited(clock, attempt('right', 'bob')), ['good', 0]);
  assert.deepEqual(await waited(clock, attempt('right', 'ann', '192.0.2.2')), ['good', 0]);
  await waited(clock, pending);
});

test('of those who come at once after failures few wait, and none of them for long', async () => {
  const { clock, attempt, fail, checks } = setUp();
  await fail(12);
  const before = checks();
  const outcomes = await Promise.all(
    Array.from({ length: 50 }, async () => (await waited(clock, attempt('wrong')))[0]),
  );
  assert.equal(outcomes.filter((outcome) => outcome === 'refused').length, 48);
  assert.equal(checks() - before, 2);
});

test('a crowd that was waiting before the first failures is looked at for some seconds and then refused', async () => {
  const { clock, attempt, checks } = setUp();
  const crowd = Array.from({ length: 1_000 }, () => attempt('wrong'));
  const outcomes = await Promise.all(crowd.map((outcome) => waited(clock, outcome)));
  assert.ok(checks() < 15, `${checks()} checks`);
  assert.equal(outcomes.filter(([outcome]) => outcome === 'refused').length, 1_000 - checks());
});

test('many devices of one user behind one address log in without delay', async () => {
  const { clock, attempt } = setUp();
  const outcomes = await Promise.all(Array.from({ length: 1_000 }, () => waited(clock, attempt('right'))));
  assert.ok(outcomes.every(([outcome]) => outcome === 'good'));
});
