import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, PodDisruptionBudget } from '../../../src/api/kinds.ts';
import { planDisruption } from '../../../src/controllers/disruption/disruption-plan.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');

function podOf(name: string, ready = true): Pod {
  return { metadata: { name }, status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] } };
}

const THREE = [podOf('a'), podOf('b'), podOf('c', false)];

function statusFor(spec: PodDisruptionBudget['spec'], pods: Pod[], disruptedPods: Record<string, string> = {}) {
  const budget: PodDisruptionBudget = {
    metadata: { name: 'b', generation: 3 },
    spec: spec ?? {},
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0, disruptedPods },
  };
  const plan = planDisruption({ budget, pods, scaleOf: () => ({ uid: 'w', replicas: 4 }) }, NOW);
  return { status: plan.actions[0]?.status, next: plan.recheckAfterMs };
}

const CASES: [name: string, spec: PodDisruptionBudget['spec'], expected: number, desired: number, allowed: number][] = [
  ['one must stay', { minAvailable: 1 }, 3, 1, 1],
  ['all must stay', { minAvailable: 3 }, 3, 3, 0],
  ['a quarter must stay', { minAvailable: '25%' }, 4, 1, 1],
  ['three may go', { maxUnavailable: 3 }, 4, 1, 1],
  ['half may go', { maxUnavailable: '50%' }, 4, 2, 0],
  ['parts are rounded up', { maxUnavailable: '30%' }, 4, 2, 0],
];

for (const [name, spec, expectedPods, desiredHealthy, disruptionsAllowed] of CASES) {
  test(`a budget: ${name}`, () => {
    assert.deepEqual(statusFor(spec, THREE).status, {
      observedGeneration: 3,
      currentHealthy: 2,
      expectedPods,
      desiredHealthy,
      disruptionsAllowed,
      conditions: [
        {
          type: 'DisruptionAllowed',
          status: disruptionsAllowed > 0 ? 'True' : 'False',
          reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
          message: '',
          observedGeneration: 3,
          lastTransitionTime: '2026-01-01T00:10:00Z',
        },
      ],
    });
  });
}

test('an eviction on its way counts, until it is forgotten', () => {
  const granted = { a: '2026-01-01T00:09:00Z', b: '2026-01-01T00:07:00Z', gone: '2026-01-01T00:09:59Z' };
  const { status, next } = statusFor({ minAvailable: 0 }, THREE, granted);
  assert.deepEqual([status?.currentHealthy, status?.disruptedPods, next], [1, { a: '2026-01-01T00:09:00Z' }, 60_000]);
});

test('a budget without pods allows nothing', () => {
  assert.equal(statusFor({ minAvailable: 0 }, []).status?.disruptionsAllowed, 0);
});
