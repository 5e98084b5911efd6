import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Pod } from '../../../src/api/kinds.ts';
import type { CrashRecord } from '../../../src/edged/pods/crash-backoff.ts';
import { isRunning } from '../../../src/edged/pods/observation.ts';
import { plan } from '../../../src/edged/pods/plan.ts';
import type { PodAction } from '../../../src/edged/pods/pod-action.ts';
import { statusOf } from '../../../src/edged/pods/pod-status.ts';
import type { PodWorld } from '../../../src/edged/pods/pod-world.ts';
import { container, deleted, exited, NOW, podOf, runningSince, sandbox, seen, worldOf } from '../../support/pods.ts';

/** More steps than any pod of these sizes needs; a plan that never comes to rest would pass it. */
const MAX_STEPS = 60;

/** Init containers succeed at once; the others run until they are stopped. */
function applied(world: PodWorld, action: PodAction, now: number): PodWorld {
  const { observed } = world;
  switch (action.kind) {
    case 'prepareVolumes':
      return { ...world, volumes: 'ready', renewVolumesAt: Number.POSITIVE_INFINITY };
    case 'tearDownVolumes':
      return { ...world, volumes: 'gone' };
    case 'releasePod':
      return { ...world, released: true };
    case 'createSandbox':
      return { ...world, observed: { ...observed, sandboxes: [sandbox(action.attempt), ...observed.sandboxes] } };
    case 'stopSandbox': {
      const sandboxes = observed.sandboxes.map((s) => (s.id === action.id ? { ...s, state: exited(0, now) } : s));
      return { ...world, observed: { ...observed, sandboxes } };
    }
    case 'startContainer': {
      const { container, attempt, sandboxId, crash } = action;
      const state = container.role === 'init' ? exited(0, now) : runningSince(now);
      const made = seen(container.name, state, { attempt, sandboxId });
      const crashes = new Map<string, CrashRecord>(world.crashes);
      if (crash !== undefined) crashes.set(container.name, crash);
      return { ...world, crashes, observed: { ...observed, containers: [made, ...observed.containers] } };
    }
    case 'stopContainer': {
      const containers = observed.containers.map((c) => (c.id === action.id ? { ...c, state: exited(143, now) } : c));
      return { ...world, observed: { ...observed, containers } };
    }
    case 'remove': {
      const keep = ({ id }: { id: string }) => id !== action.id;
      const rest = { sandboxes: observed.sandboxes.filter(keep), containers: observed.containers.filter(keep) };
      return { ...world, observed: rest };
    }
    case 'resizeContainer': {
      const { id, limits } = action;
      const containers = observed.containers.map((c) => (c.id === id ? { ...c, limits } : c));
      return { ...world, observed: { ...observed, containers } };
    }
    case 'announceBackOff':
      return { ...world, announced: new Set([...world.announced, action.id]) };
    case 'cancel':
      return world;
  }
}

/** What a pod waits for without a plan of its own. */
function initsAtWork(pod: Pod | undefined, { observed }: PodWorld): string[] {
  const inits = (pod?.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === undefined);
  const names = new Set(inits.map(({ name }) => name));
  return observed.containers.filter((c) => names.has(c.name) && isRunning(c)).map(({ id }) => id);
}

function ended(world: PodWorld, ids: readonly string[], now: number): PodWorld {
  const containers = world.observed.containers.map((c) => (ids.includes(c.id) ? { ...c, state: exited(0, now) } : c));
  return { ...world, observed: { ...world.observed, containers } };
}

function settled(pod: Pod | undefined, start: PodWorld): { world: PodWorld; now: number } {
  let world = start;
  let now = NOW;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { actions, wakeAt } = plan(pod, world, now);
    const waiting = initsAtWork(pod, world);
    if (actions.length === 0 && wakeAt === undefined && waiting.length === 0) return { world, now };
    if (actions.length === 0) world = ended(world, waiting, now);
    if (actions.length === 0 && wakeAt !== undefined) now = Math.max(now, wakeAt);
    for (const action of actions) world = applied(world, action, now);
  }
  throw new Error(`no rest after ${MAX_STEPS} steps`);
}

const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 });
const inits = fc.uniqueArray(fc.tuple(fc.constantFrom('i', 'j', 'k'), fc.boolean()), {
  maxLength: 3,
  selector: ([name]) => name,
});
const pods = fc.record({ names, inits }).map(({ names, inits }) =>
  podOf({
    containers: names.map((name) => container(name)),
    initContainers: inits.map(([name, stays]) => container(name, stays ? { restartPolicy: 'Always' } : {})),
  }),
);
const states = fc.constantFrom(runningSince(), exited(0), exited(1), { kind: 'created' } as const);
const worlds = fc
  .record({
    sandboxes: fc.constantFrom([], [sandbox(0)], [sandbox(0, exited(255))]),
    containers: fc.uniqueArray(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c', 'i', 'j', 'gone'), fc.nat(2), states)
        .map(([n, attempt, s]) => seen(n, s, { attempt })),
      { maxLength: 6, selector: ({ id }) => id },
    ),
    volumes: fc.constantFrom('unknown' as const, 'ready' as const),
  })
  .map(({ sandboxes, containers, volumes }) =>
    worldOf({ volumes, observed: { sandboxes, containers: containers.sort((x, y) => y.attempt - x.attempt) } }),
  );

test('whatever a pod starts from, it comes to run and to rest', () => {
  fc.assert(
    fc.property(pods, worlds, (pod, start) => {
      const { world, now } = settled(pod, start);
      for (const { name } of pod.spec?.containers ?? []) {
        assert.equal(world.observed.containers.filter((c) => c.name === name && isRunning(c)).length, 1);
      }
      assert.equal(world.observed.sandboxes.length, 1);
      assert.equal(statusOf(pod, world, ['10.0.0.1'], now).phase, 'Running');
    }),
  );
});

test('whatever a deleted pod starts from, nothing is left of it', () => {
  fc.assert(
    fc.property(pods, worlds, (pod, start) => {
      const { world } = settled(deleted(pod), start);
      assert.deepEqual(
        [world.observed, world.volumes, world.released],
        [{ sandboxes: [], containers: [] }, 'gone', true],
      );
    }),
  );
});

test('whatever is there of a pod that nobody knows, nothing is left of it', () => {
  fc.assert(
    fc.property(worlds, (start) => {
      const { world } = settled(undefined, start);
      assert.deepEqual([world.observed, world.volumes], [{ sandboxes: [], containers: [] }, 'gone']);
    }),
  );
});
