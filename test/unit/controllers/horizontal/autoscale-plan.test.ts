import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HorizontalPodAutoscaler, MetricSpec, Pod } from '../../../../src/api/kinds.ts';
import {
  afterRescale,
  type AutoscaleState,
  planAutoscale,
} from '../../../../src/controllers/horizontal/autoscale-plan.ts';
import type { MetricReading } from '../../../../src/controllers/horizontal/metric-proposal.ts';
import { NO_HISTORY } from '../../../../src/controllers/horizontal/scaling-rules.ts';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const LONG_AGO = '2026-01-01T10:00:00Z';

const cpu = (averageUtilization: number): MetricSpec => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

function autoscaler(metrics: MetricSpec[] = [cpu(50)], spec: object = {}): HorizontalPodAutoscaler {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  return {
    metadata: { name: 'web', namespace: 'default' },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, metrics, ...spec },
    status: { desiredReplicas: 0 },
  };
}

function pods(count: number): Pod[] {
  return Array.from({ length: count }, (_, index) => ({
    metadata: { name: `p${index}` },
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '100m' } } }] },
    status: {
      phase: 'Running',
      startTime: LONG_AGO,
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: LONG_AGO }],
    },
  }));
}

/** Every pod uses so many millicores. */
function used(count: number, each: number): MetricReading {
  const reading = { value: each, time: NOW, windowMs: 15_000 };
  return { pods: new Map(pods(count).map(({ metadata }) => [metadata?.name ?? '', reading])) };
}

function state(current: number, readings: MetricReading[], changes: Partial<AutoscaleState> = {}): AutoscaleState {
  const target = { current, present: current };
  return {
    autoscaler: autoscaler(),
    target,
    selected: { pods: pods(current) },
    readings,
    history: NO_HISTORY,
    ...changes,
  };
}

function conditions({ status }: ReturnType<typeof planAutoscale>): Record<string, string> {
  return Object.fromEntries((status.conditions ?? []).map(({ type, status: is, reason }) => [type, `${is} ${reason}`]));
}

test('a busy target gets more replicas, its status says why', () => {
  const plan = planAutoscale(state(2, [used(2, 100)]), NOW);
  assert.deepEqual(plan.rescale, {
    replicas: 4,
    reason: 'cpu resource utilization (percentage of request) above target',
  });
  assert.deepEqual(conditions(plan), {
    AbleToScale: 'True ReadyForNewScale',
    ScalingActive: 'True ValidMetricFound',
    ScalingLimited: 'False DesiredWithinRange',
  });
  const { currentMetrics, currentReplicas, desiredReplicas } = plan.status;
  assert.deepEqual([currentReplicas, desiredReplicas], [2, 4]);
  const current = { averageUtilization: 100, averageValue: '100m' };
  assert.deepEqual(currentMetrics, [{ type: 'Resource', resource: { name: 'cpu', current } }]);
  assert.deepEqual(plan.notes, []);
});

test('after the write the status and an event tell of it, after a refusal too', () => {
  const { autoscaler: of } = state(2, []);
  const plan = planAutoscale(state(2, [used(2, 100)]), NOW);
  assert.ok(plan.rescale !== undefined);
  const done = afterRescale(plan, of, plan.rescale, undefined, NOW);
  assert.equal(done.status.lastScaleTime, '2026-01-01T12:00:00Z');
  assert.match(done.note.message, /^New size: 4; reason: cpu resource .* above target$/);
  assert.equal(done.note.reason, 'SuccessfulRescale');
  const refused = afterRescale(plan, of, plan.rescale, 'no', NOW);
  assert.deepEqual([refused.status.desiredReplicas, refused.status.lastScaleTime], [0, undefined]);
  assert.match(refused.note.message, /; error: no$/);
  const able = refused.status.conditions?.find(({ type }) => type === 'AbleToScale');
  assert.deepEqual([able?.status, able?.reason], ['False', 'FailedUpdateScale']);
});

test('the bounds come first', () => {
  const rows: [current: number, spec: object, rescale: object | undefined][] = [
    [12, {}, { replicas: 10, reason: 'Current number of replicas above Spec.MaxReplicas' }],
    [1, { minReplicas: 3 }, { replicas: 3, reason: 'Current number of replicas below Spec.MinReplicas' }],
    [0, {}, undefined],
  ];
  for (const [current, spec, rescale] of rows) {
    const plan = planAutoscale(state(current, [], { autoscaler: autoscaler([cpu(50)], spec) }), NOW);
    assert.deepEqual(plan.rescale, rescale, `${current} replicas`);
  }
  const off = planAutoscale(state(0, []), NOW);
  assert.equal(conditions(off)['ScalingActive'], 'False ScalingDisabled');
});

test('what fails is a condition and an event in the words of upstream', () => {
  const missing = 'unable to get metrics for resource cpu: no metrics returned from resource metrics API';
  const plan = planAutoscale(state(2, [{ problem: missing }]), NOW);
  const failed = `failed to get cpu utilization: ${missing}`;
  const active = plan.status.conditions?.find(({ type }) => type === 'ScalingActive');
  assert.deepEqual(
    [active?.status, active?.reason, active?.message],
    ['False', 'FailedGetResourceMetric', `the HPA was unable to compute the replica count: ${failed}`],
  );
  assert.deepEqual(
    plan.notes.map(({ reason, message }) => `${reason}: ${message}`),
    [
      `FailedGetResourceMetric: ${failed}`,
      'FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: ' +
        `failed to get cpu resource metric value: ${failed}`,
    ],
  );
  const gone = planAutoscale(state(2, [], { target: { problem: 'deployments.apps "web" not found' } }), NOW);
  assert.deepEqual(conditions(gone), { AbleToScale: 'False FailedGetScale' });
  const selected = {
    problem: 'selector is required',
    event: 'SelectorRequired',
    reason: 'InvalidSelector',
    message: 'm',
  };
  const blind = planAutoscale(state(2, [], { selected }), NOW);
  assert.equal(conditions(blind)['ScalingActive'], 'False InvalidSelector');
});

test('of several metrics the highest counts; one that fails keeps the others from lowering', () => {
  const two = autoscaler([cpu(50), cpu(20)]);
  const plan = planAutoscale(state(2, [used(2, 50), used(2, 50)], { autoscaler: two }), NOW);
  assert.equal(plan.rescale?.replicas, 4, 'four are free');
  const up = planAutoscale(state(2, [used(2, 100), { problem: 'x' }], { autoscaler: two }), NOW);
  assert.equal(up.rescale?.replicas, 4);
  const down = planAutoscale(state(4, [used(4, 10), { problem: 'x' }], { autoscaler: two }), NOW);
  assert.equal(down.rescale, undefined);
  assert.equal(conditions(down)['ScalingActive'], 'False FailedGetResourceMetric');
});

test('every kind of metric has its name, its reading and its status', () => {
  const of = { apiVersion: 'v1', kind: 'Service', name: 'front' };
  const metric = { name: 'hits' };
  const rows: [MetricSpec, MetricReading, replicas: number, status: object][] = [
    [
      { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Ki' } } },
      used(2, 2_048_000),
      4,
      { resource: { name: 'memory', current: { averageValue: '2048' } } },
    ],
    [
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      used(2, 100),
      4,
      {
        containerResource: {
          name: 'cpu',
          container: 'main',
          current: { averageUtilization: 100, averageValue: '100m' },
        },
      },
    ],
    [
      { type: 'Pods', pods: { metric, target: { type: 'AverageValue', averageValue: '10' } } },
      used(2, 15_000),
      3,
      { pods: { metric, current: { averageValue: '15' } } },
    ],
    [
      { type: 'Object', object: { describedObject: of, metric, target: { type: 'Value', value: '10' } } },
      { value: 20_000 },
      4,
      { object: { describedObject: of, metric, current: { value: '20' } } },
    ],
    [
      { type: 'External', external: { metric, target: { type: 'AverageValue', averageValue: '5' } } },
      { value: 20_000 },
      4,
      { external: { metric, current: { averageValue: '10' } } },
    ],
  ];
  for (const [spec, reading, replicas, status] of rows) {
    const plan = planAutoscale(state(2, [reading], { autoscaler: autoscaler([spec]) }), NOW);
    assert.equal(plan.rescale?.replicas, replicas, spec.type);
    assert.deepEqual(plan.status.currentMetrics, [{ type: spec.type, ...status }]);
    const failed = planAutoscale(state(2, [{ problem: 'x' }], { autoscaler: autoscaler([spec]) }), NOW);
    assert.equal(conditions(failed)['ScalingActive'], `False FailedGet${spec.type}Metric`);
  }
});

test('with a steady load the plan comes to rest within the bounds, and stays there', () => {
  const load = fc.integer({ min: 0, max: 2_000 });
  fc.assert(
    fc.property(load, fc.integer({ min: 1, max: 10 }), (total, start) => {
      let current = start;
      let history: AutoscaleState['history'] = NO_HISTORY;
      let status: HorizontalPodAutoscaler['status'] = { desiredReplicas: 0 };
      let now = NOW;
      let last: ReturnType<typeof planAutoscale> | undefined;
      for (let round = 0; round < 60; round += 1, now += 15_000) {
        const of = { ...autoscaler(), status };
        last = planAutoscale(
          state(current, [used(current, Math.round(total / current))], { autoscaler: of, history }),
          now,
        );
        ({ history, status } = last);
        current = last.rescale?.replicas ?? current;
        assert.ok(current >= 1 && current <= 10);
      }
      assert.equal(last?.rescale, undefined);
      const use = total / current;
      assert.ok(current === 10 || use <= 56, `${use} each of ${current}`);
      assert.ok(history.recommendations.length <= 21);
    }),
  );
});
