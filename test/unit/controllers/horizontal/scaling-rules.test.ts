import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HorizontalPodAutoscaler, ScalingRules } from '../../../../src/api/kinds.ts';
import {
  limited,
  NO_HISTORY,
  type ScalingHistory,
  stabilized,
  withChange,
  withRecommendation,
} from '../../../../src/controllers/horizontal/scaling-rules.ts';

type Behavior = NonNullable<HorizontalPodAutoscaler['spec']>['behavior'];

const NOW = 1_000_000;
const DEFAULT_DOWN: ScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};
const DEFAULT_UP: ScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const behavior = (scaleUp: ScalingRules = {}, scaleDown: ScalingRules = {}): Behavior => ({
  scaleUp: { ...DEFAULT_UP, ...scaleUp },
  scaleDown: { ...DEFAULT_DOWN, ...scaleDown },
});
const recommended = (...rows: [replicas: number, secondsAgo: number][]): ScalingHistory => ({
  recommendations: rows.map(([replicas, secondsAgo]) => ({ replicas, at: NOW - secondsAgo * 1000 })),
  changes: [],
});
const changed = (...rows: [change: number, secondsAgo: number][]): ScalingHistory => ({
  recommendations: [],
  changes: rows.map(([change, secondsAgo]) => ({ change, at: NOW - secondsAgo * 1000 })),
});

test('a smaller number waits for the window, a greater one only where it is told to', () => {
  const slowUp = behavior({ stabilizationWindowSeconds: 60 });
  const fastDown = behavior({}, { stabilizationWindowSeconds: 0 });
  const rows: [what: string, desired: number, current: number, Behavior, ScalingHistory, [number, string]][] = [
    ['nothing before', 3, 5, undefined, NO_HISTORY, [3, 'ReadyForNewScale']],
    ['more was recommended lately', 3, 5, undefined, recommended([5, 200]), [5, 'ScaleDownStabilized']],
    ['the highest counts', 1, 5, undefined, recommended([3, 10], [4, 200], [2, 299]), [4, 'ScaleDownStabilized']],
    ['that was long ago', 3, 5, undefined, recommended([5, 300]), [3, 'ReadyForNewScale']],
    ['up at once', 9, 5, undefined, recommended([5, 10]), [9, 'ReadyForNewScale']],
    ['up after a while', 9, 5, slowUp, recommended([6, 10], [8, 20]), [6, 'ScaleUpStabilized']],
    ['never below what there is', 9, 5, slowUp, recommended([2, 10]), [5, 'ScaleUpStabilized']],
    ['down at once', 1, 5, fastDown, recommended([5, 1]), [1, 'ReadyForNewScale']],
  ];
  for (const [what, desired, current, rules, history, expected] of rows) {
    const { replicas, reason } = stabilized(desired, current, rules, history, NOW);
    assert.deepEqual([replicas, reason], expected, what);
  }
});

test('bounds and policies limit what is wanted', () => {
  const onePod = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
  const rows: [what: string, desired: number, current: number, Behavior, ScalingHistory, [number, string]][] = [
    ['fine', 4, 3, undefined, NO_HISTORY, [4, 'DesiredWithinRange']],
    ['above the maximum', 30, 10, undefined, NO_HISTORY, [12, 'TooManyReplicas']],
    ['below the minimum', 0, 3, undefined, NO_HISTORY, [2, 'TooFewReplicas']],
    ['four are free', 9, 1, undefined, NO_HISTORY, [4, 'ScaleUpLimit']],
    ['then double', 12, 5, undefined, NO_HISTORY, [10, 'ScaleUpLimit']],
    ['the greater of the default policies', 12, 2, behavior(), NO_HISTORY, [6, 'ScaleUpLimit']],
    ['the smaller one', 12, 2, behavior({ selectPolicy: 'Min' }), NO_HISTORY, [4, 'ScaleUpLimit']],
    ['what was added lately counts', 12, 6, behavior(), changed([4, 10]), [6, 'ScaleUpLimit']],
    ['and what was taken away', 12, 6, behavior(), changed([-4, 10]), [12, 'DesiredWithinRange']],
    ['but not what is long past', 12, 6, behavior(), changed([4, 15]), [12, 'DesiredWithinRange']],
    ['one pod a minute', 9, 5, behavior({ policies: onePod }), NO_HISTORY, [6, 'ScaleUpLimit']],
    ['which was used up', 9, 6, behavior({ policies: onePod }), changed([1, 59]), [6, 'ScaleUpLimit']],
    ['one pod a minute down', 2, 5, behavior({}, { policies: onePod }), NO_HISTORY, [4, 'ScaleDownLimit']],
    ['used up', 2, 4, behavior({}, { policies: onePod }), changed([-1, 59]), [4, 'ScaleDownLimit']],
    [
      'half at a time',
      2,
      7,
      behavior({}, { policies: [{ type: 'Percent', value: 50, periodSeconds: 15 }] }),
      NO_HISTORY,
      [3, 'ScaleDownLimit'],
    ],
    ['never up', 9, 5, behavior({ selectPolicy: 'Disabled' }), NO_HISTORY, [5, 'ScaleUpLimit']],
    ['never down', 2, 5, behavior({}, { selectPolicy: 'Disabled' }), NO_HISTORY, [5, 'ScaleDownLimit']],
  ];
  for (const [what, desired, current, rules, history, expected] of rows) {
    const { replicas, reason } = limited(desired, current, { min: 2, max: 12 }, rules, history, NOW);
    assert.deepEqual([replicas, reason], expected, what);
  }
});

test('history holds what the windows still see, and no more', () => {
  const kept = withRecommendation(recommended([7, 301], [6, 299]), 5, undefined, NOW);
  assert.deepEqual(kept.recommendations, [...recommended([6, 299]).recommendations, { replicas: 5, at: NOW }]);
  assert.deepEqual(withChange(changed([1, 16], [2, 14]), 3, behavior(), NOW).changes, [
    { change: 2, at: NOW - 14_000 },
    { change: 3, at: NOW },
  ]);
  assert.deepEqual(withChange(changed([1, 1]), 3, undefined, NOW).changes, [{ change: 3, at: NOW }]);
});

test('the verdict lies between what there is and what is wanted, or within the bounds', () => {
  const replicas = fc.integer({ min: 0, max: 50 });
  const rules = fc.constantFrom(undefined, behavior(), behavior({ selectPolicy: 'Min' }, { selectPolicy: 'Min' }));
  const change = fc.record({
    change: fc.integer({ min: -5, max: 5 }),
    at: fc.integer({ min: NOW - 30_000, max: NOW }),
  });
  fc.assert(
    fc.property(replicas, fc.integer({ min: 1, max: 20 }), rules, fc.array(change), (desired, current, of, changes) => {
      const bounds = { min: 1, max: 20 };
      const verdict = limited(desired, current, bounds, of, { recommendations: [], changes }, NOW);
      const allowed = [desired, current, bounds.min, bounds.max];
      assert.ok(verdict.replicas >= Math.min(...allowed) && verdict.replicas <= Math.max(...allowed));
      assert.ok(verdict.replicas >= bounds.min && verdict.replicas <= bounds.max);
      if (desired >= current) assert.ok(verdict.replicas >= current);
      else assert.ok(verdict.replicas <= current);
    }),
  );
});
