import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../../src/api/object.ts';
import { planCharge } from '../../../../src/apiserver/admission/quota/plan-charge.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const PODS = { group: '', plural: 'pods' };

function quotaOf(hard: Record<string, string>, used: Record<string, string>, spec: KubeObject = {}): KubeObject {
  return { metadata: { name: 'q' }, spec: { hard, ...spec }, status: { hard, used } };
}

function podOf(resources: KubeObject, more: KubeObject = {}): KubeObject {
  return { spec: { containers: [{ name: 'c', image: 'i', resources }], ...more } };
}

const HALF = { requests: { cpu: '500m' }, limits: { memory: '512Mi' } };

const CASES: readonly (readonly [string, KubeObject, { group: string; plural: string }, KubeObject, object])[] = [
  [
    'what fits is added up',
    quotaOf({ 'requests.cpu': '1', pods: '2' }, { 'requests.cpu': '500m', pods: '1' }),
    PODS,
    podOf(HALF),
    { kind: 'charge', used: { 'requests.cpu': '1', pods: '2' } },
  ],
  [
    'what does not fit is refused with the names that are exceeded',
    quotaOf(
      { 'requests.cpu': '1', 'limits.memory': '1Gi', pods: '9' },
      { 'requests.cpu': '600m', 'limits.memory': '768Mi', pods: '1' },
    ),
    PODS,
    podOf(HALF),
    {
      kind: 'refuse',
      why:
        'exceeded quota: q, requested: limits.memory=512Mi,requests.cpu=500m, ' +
        'used: limits.memory=768Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1',
    },
  ],
  [
    'each container must say what it needs',
    quotaOf({ 'requests.cpu': '1', 'limits.memory': '1Gi' }, { 'requests.cpu': '0', 'limits.memory': '0' }),
    PODS,
    podOf({}),
    { kind: 'refuse', why: 'failed quota: q: must specify limits.memory for: c; requests.cpu for: c' },
  ],
  [
    'a quota that nobody has counted yet refuses',
    { metadata: { name: 'q' }, spec: { hard: { pods: '1' } } },
    PODS,
    podOf({}),
    { kind: 'refuse', why: 'status unknown for quota: q, resources: pods' },
  ],
  [
    'other kinds are not its business',
    quotaOf({ pods: '0' }, { pods: '0' }),
    { group: '', plural: 'configmaps' },
    {},
    { kind: 'nothing' },
  ],
  [
    'any kind can be counted by its name',
    quotaOf({ 'count/leases.coordination.k8s.io': '1' }, { 'count/leases.coordination.k8s.io': '0' }),
    { group: 'coordination.k8s.io', plural: 'leases' },
    {},
    { kind: 'charge', used: { 'count/leases.coordination.k8s.io': '1' } },
  ],
  [
    'scopes leave pods out',
    quotaOf({ pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] }),
    PODS,
    podOf(HALF),
    { kind: 'nothing' },
  ],
  [
    'scopes by priority class',
    quotaOf(
      { pods: '0' },
      { pods: '0' },
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }] } },
    ),
    PODS,
    podOf({}, { priorityClassName: 'high' }),
    { kind: 'refuse', why: 'exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0' },
  ],
  [
    'node ports',
    quotaOf({ 'services.nodeports': '1' }, { 'services.nodeports': '0' }),
    { group: '', plural: 'services' },
    { spec: { type: 'NodePort', ports: [{ port: 80 }, { port: 81 }] } },
    {
      kind: 'refuse',
      why: 'exceeded quota: q, requested: services.nodeports=2, used: services.nodeports=0, limited: services.nodeports=1',
    },
  ],
];

for (const [what, quota, resource, object, expected] of CASES) {
  test(what, () => {
    const charge = { resource, object, oldObject: undefined, now: NOW };
    assert.deepEqual(planCharge(quota, charge), expected);
  });
}

test('an update is charged for what it adds', () => {
  const quota = quotaOf({ 'requests.storage': '10Gi' }, { 'requests.storage': '4Gi' });
  const claim = (storage: string): KubeObject => ({ spec: { resources: { requests: { storage } } } });
  const charge = { resource: { group: '', plural: 'persistentvolumeclaims' }, now: NOW };
  const plan = (size: string): unknown =>
    planCharge(quota, { ...charge, object: claim(size), oldObject: claim('4Gi') });
  assert.deepEqual(plan('6Gi'), { kind: 'charge', used: { 'requests.storage': '6Gi' } });
  assert.deepEqual(plan('2Gi'), { kind: 'nothing' });
});
