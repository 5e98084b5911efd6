import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from './field-errors.ts';

const classes = checksOf('storage.k8s.io/v1', 'storageclasses');
const drivers = checksOf('storage.k8s.io/v1', 'csidrivers');
const nodes = checksOf('storage.k8s.io/v1', 'csinodes');
const autoscalers = checksOf('autoscaling/v2', 'horizontalpodautoscalers');
const metadata = { name: 'o' };

test('storage classes: topologies name their keys once, and differ', () => {
  const zone = { key: 'zone', values: ['a', 'a'] };
  const allowedTopologies = [
    { matchLabelExpressions: [zone, { key: 'zone', values: ['a'] }] },
    { matchLabelExpressions: [{ key: 'zone', values: ['a'] }] },
  ];
  assert.deepEqual(classes.created({ metadata, provisioner: 'p', allowedTopologies }), [
    'allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
    'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "zone"',
    'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""',
  ]);
});

test('drivers: tokens of one audience, for a sensible time', () => {
  const spec = {
    volumeLifecycleModes: ['X'],
    nodeAllocatableUpdatePeriodSeconds: 9,
    tokenRequests: [
      { audience: 'a', expirationSeconds: 599 },
      { audience: 'a', expirationSeconds: 1 },
      { audience: 'b', expirationSeconds: 2 ** 32 + 1 },
    ],
  };
  const path = 'spec.tokenRequests';
  assert.deepEqual(drivers.created({ metadata, spec }), [
    `${path}[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes`,
    `${path}[1].audience: Duplicate value: "a"`,
    `${path}[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds`,
    'spec.volumeLifecycleModes: Unsupported value: "X": supported values: "Persistent", "Ephemeral"',
    'spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: must be greater than or equal to 10 seconds',
  ]);
});

test('drivers on nodes: they stay, but for what they can take', () => {
  const driver = { name: 'd', nodeID: 'i', topologyKeys: ['zone'] };
  const old = { metadata, spec: { drivers: [driver] } };
  const changed = (to: object) => nodes.updated({ metadata, spec: { drivers: [{ ...driver, ...to }] } }, old);
  assert.deepEqual(changed({ allocatable: { count: 3 } }), []);
  assert.deepEqual(changed({ nodeID: 'j' }), [
    'spec.drivers: Invalid value: {"Name":"d","NodeID":"j","TopologyKeys":["zone"],"Allocatable":null}: field is immutable',
  ]);
  assert.deepEqual(changed({ topologyKeys: ['', 'zone', 'zone'] }).slice(0, 2), [
    'spec.drivers[0]: Required value',
    'spec.drivers[0]: Invalid value: "": name part must be non-empty',
  ]);
});

/** One metric and what is wrong with it. */
const METRICS: Readonly<Record<string, readonly [metric: object, ...errors: string[]]>> = {
  'no type, and an empty resource': [
    { resource: {} },
    '.type: Required value: must specify a metric source type',
    '.type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"',
    '.resource.name: Required value: must specify a resource name',
    '.resource.target.type: Required value: must specify a metric target type',
    '.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization',
  ],
  'more sources than the type': [
    {
      type: 'Pods',
      pods: { metric: { name: 'm' }, target: { type: 'AverageValue', averageValue: '1' } },
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 1 } },
    },
    '.resource: Forbidden: must populate the given metric source only',
  ],
  'an external metric with two targets': [
    { type: 'External', external: { metric: { name: 'm' }, target: { type: 'Value', value: '1', averageValue: '1' } } },
    '.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target',
  ],
  'an object without a target': [
    {
      type: 'Object',
      object: { describedObject: { kind: 'K', name: 'n' }, metric: { name: 'm' }, target: { type: 'Value' } },
    },
    '.object.target.averageValue: Required value: must set either a target value or averageValue',
  ],
  'pods without an average': [
    { type: 'Pods', pods: { metric: { name: 'm' }, target: { type: 'AverageValue' } } },
    '.pods.target.averageValue: Required value: must specify a positive target averageValue',
  ],
};

for (const [name, [metric, ...errors]] of Object.entries(METRICS)) {
  test(`autoscaler: ${name}`, () => {
    const spec = { maxReplicas: 1, scaleTargetRef: { kind: 'Deployment', name: 'd' }, metrics: [metric] };
    const all = autoscalers.created({ metadata: { name: 'o', namespace: 'n' }, spec });
    assert.deepEqual(
      all,
      errors.map((error) => `spec.metrics[0]${error}`),
    );
  });
}
