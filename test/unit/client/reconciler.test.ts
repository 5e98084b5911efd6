import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../src/api/status-error.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { type Executors, Reconciler } from '../../../src/client/index.ts';

type Step = { kind: 'up'; reason: string } | { kind: 'down'; reason: string };

function counting(wanted: number, faults: Error[] = []) {
  const clock = new ManualClock(0);
  const world = { value: 0, rounds: 0 };
  const act = (change: number) => () => {
    const fault = faults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    world.value += change;
    return Promise.resolve();
  };
  const executors: Executors<Step> = { up: act(1), down: act(-1) };
  const reconciler = new Reconciler<number, Step>(
    {
      name: 'counter',
      read: () => world.value,
      plan: (value) => {
        world.rounds += 1;
        const kind = value < wanted ? ('up' as const) : ('down' as const);
        return { actions: value === wanted ? [] : [{ kind, reason: `${value} is not ${wanted}` }] };
      },
      executors,
    },
    { clock, random: () => 0, logger: silentLogger },
  );
  return { clock, world, reconciler };
}

test('acts and reads again until the plan is empty', async () => {
  const { world, reconciler } = counting(3);
  reconciler.enqueue('k');
  await reconciler.idle();
  assert.deepEqual(world, { value: 3, rounds: 4 });
  await reconciler.close();
});

test('a lost race is planned again at once', async () => {
  const { clock, world, reconciler } = counting(1, [new StatusError('Conflict', 'lost')]);
  reconciler.enqueue('k');
  await reconciler.idle();
  assert.equal(world.value, 1);
  assert.equal(clock.sleepers, 0);
  await reconciler.close();
});

test('another failure waits, longer each time', async () => {
  const { clock, world, reconciler } = counting(1, [new Error('one'), new Error('two')]);
  reconciler.enqueue('k');
  await reconciler.idle();
  assert.equal(clock.sleepers, 1);
  clock.advance(10);
  await new Promise((resolve) => setImmediate(resolve));
  await reconciler.idle();
  assert.equal(world.value, 0);
  clock.advance(19);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(world.value, 0);
  clock.advance(1);
  await new Promise((resolve) => setImmediate(resolve));
  await reconciler.idle();
  assert.equal(world.value, 1);
  await reconciler.close();
});

test('a plan that never settles is slowed down', async () => {
  const { clock, world, reconciler } = counting(Number.POSITIVE_INFINITY);
  reconciler.enqueue('k');
  await reconciler.idle();
  assert.equal(world.rounds, 20);
  assert.equal(clock.sleepers, 1);
  await reconciler.close();
});
