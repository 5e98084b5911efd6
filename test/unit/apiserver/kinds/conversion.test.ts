import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conversionOf } from '../../../../src/apiserver/kinds/index.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import type { KubeObject } from '../../../../src/api/object.ts';

function conversion(apiVersion: string, plural: string) {
  const found = conversionOf(builtIn(apiVersion, plural));
  assert.ok(found !== undefined);
  return found;
}

test('what is stored as it is served is not converted', () => {
  assert.equal(conversionOf(builtIn('autoscaling/v2', 'horizontalpodautoscalers')), undefined);
  assert.equal(conversionOf(builtIn('v1', 'events')), undefined);
});

test('an event keeps its meaning under the names of the other group', () => {
  const { toStorage, fromStorage } = conversion('events.k8s.io/v1', 'events');
  const event: KubeObject = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'n' },
    regarding: { kind: 'Pod', name: 'p' },
    note: 'text',
    reportingController: 'example.com/c',
    reportingInstance: 'i',
    deprecatedCount: 3,
  };
  const stored = toStorage(event);
  assert.deepEqual(stored, {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'n' },
    involvedObject: { kind: 'Pod', name: 'p' },
    message: 'text',
    reportingComponent: 'example.com/c',
    reportingInstance: 'i',
    count: 3,
  });
  assert.deepEqual(fromStorage(stored), event);
});

test('an autoscaler of v1 carries what only v2 can say in annotations, and back', () => {
  const { toStorage, fromStorage } = conversion('autoscaling/v1', 'horizontalpodautoscalers');
  const stored: KubeObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', annotations: { own: '1' } },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'd' },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        { type: 'Pods', pods: { metric: { name: 'qps' }, target: { type: 'AverageValue', averageValue: '1k' } } },
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
      ],
      behavior: { scaleUp: { selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }] } },
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  };
  const served = fromStorage(stored);
  assert.deepEqual(served.spec, {
    scaleTargetRef: { kind: 'Deployment', name: 'd' },
    minReplicas: 2,
    maxReplicas: 5,
    targetCPUUtilizationPercentage: 60,
  });
  assert.deepEqual(served.metadata?.annotations, {
    own: '1',
    'autoscaling.alpha.kubernetes.io/metrics':
      '[{"type":"Pods","pods":{"metricName":"qps","targetAverageValue":"1k"}}]',
    'autoscaling.alpha.kubernetes.io/behavior':
      '{"ScaleUp":{"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":4,"PeriodSeconds":15}]}}',
  });
  assert.deepEqual(toStorage(served), stored);
});
