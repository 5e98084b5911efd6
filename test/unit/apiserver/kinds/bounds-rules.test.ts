import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checksOf } from './field-errors.ts';

const ranges = checksOf('v1', 'limitranges');
const quotas = checksOf('v1', 'resourcequotas');
const nodes = checksOf('v1', 'nodes');
const metadata = { name: 'o', namespace: 'n' };

/** One item of a limit range and what is wrong with it. */
const LIMITS: Readonly<Record<string, readonly [item: object, ...errors: string[]]>> = {
  'a pod has containers, not storage': [
    { type: 'Pod', max: { storage: '1Gi' }, default: { cpu: '1' } },
    'spec.limits[0].max[storage]: Invalid value: "storage": must be a standard resource for containers',
    "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'",
  ],
  'a claim without storage': [
    { type: 'PersistentVolumeClaim' },
    'spec.limits[0].limits: Required value: either minimum or maximum storage value is required, but neither was provided',
  ],
  'bounds in the wrong order': [
    { type: 'Container', min: { cpu: '4' }, max: { cpu: '1' }, default: { cpu: '2' }, defaultRequest: { cpu: '3' } },
    'spec.limits[0].min[cpu]: Invalid value: "4": min value 4 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": min value 4 is greater than default request value 3',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than max value 1',
    'spec.limits[0].defaultRequest[cpu]: Invalid value: "3": default request value 3 is greater than default limit value 2',
    'spec.limits[0].default[cpu]: Invalid value: "4": min value 4 is greater than default value 2',
    'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
  ],
  'a ratio that no pair can reach': [
    { type: 'Pod', min: { cpu: '2' }, max: { cpu: '3' }, maxLimitRequestRatio: { cpu: '2', memory: '500m' } },
    'spec.limits[0].maxLimitRequestRatio[cpu]: Invalid value: "2": ratio 2 is greater than max/min = 1.500000',
    'spec.limits[0].maxLimitRequestRatio[memory]: Invalid value: "500m": ratio 500m is less than 1',
  ],
  'devices by the piece': [
    { type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } },
    'spec.limits[0].defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu',
  ],
};

for (const [name, [item, ...errors]] of Object.entries(LIMITS)) {
  test(`limit range: ${name}`, () => {
    assert.deepEqual(ranges.created({ metadata, spec: { limits: [item] } }), errors);
  });
}

const EXPRESSIONS = 'spec.scopeSelector.matchExpressions';
const APPLIED = '{"MatchExpressions":[{"ScopeName":"BestEffort","Operator":"In","Values":["a"]}]}';

const QUOTAS: Readonly<Record<string, readonly [spec: object, ...errors: string[]]>> = {
  'what scopes cannot bound': [
    { hard: { pods: '1', 'requests.ephemeral-storage': '1', 'example.com/gpu': '1' }, scopes: ['Terminating'] },
    'spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource',
  ],
  'a plain scope with values': [
    {
      hard: { cpu: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'BestEffort', operator: 'In', values: ['a'] }] },
    },
    `${EXPRESSIONS}: Invalid value: ${APPLIED}: unsupported scope applied to resource`,
    `${EXPRESSIONS}.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
  ],
  'values that are not looked at': [
    { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }] } },
    `${EXPRESSIONS}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`,
  ],
};

for (const [name, [spec, ...errors]] of Object.entries(QUOTAS)) {
  test(`quota: ${name}`, () => assert.deepEqual(quotas.created({ metadata, spec }), errors));
}

test('the scopes of a quota are a set that stays', () => {
  const old = { metadata, spec: { scopes: ['Terminating', 'NotBestEffort'] } };
  assert.deepEqual(quotas.updated({ metadata, spec: { scopes: ['NotBestEffort', 'Terminating'] } }, old), []);
  assert.deepEqual(quotas.updated({ metadata, spec: {} }, old), [
    'spec.scopes: Invalid value: null: field is immutable',
  ]);
});

test('nodes: the features that they declare, and resources of any name', () => {
  const status = { declaredFeatures: ['B', 'A', 'A', 'x'], capacity: { anything: '1', pods: '1500m' } };
  const form =
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";
  assert.deepEqual(nodes.created({ metadata: { name: 'o' }, status }), [
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
    'status.allocatable.pods: Invalid value: "1500m": must be an integer',
    'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
    'status.declaredFeatures[2]: Duplicate value: "A"',
    `status.declaredFeatures[3]: Invalid value: "x": invalid feature name "x": ${form}`,
  ]);
});
