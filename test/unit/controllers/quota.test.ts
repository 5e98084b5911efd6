import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '../../../src/api/object.ts';
import { planQuota } from '../../../src/controllers/quota/quota-plan.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const PODS = { group: '', plural: 'pods' };

function podOf(cpu: string, phase = 'Running'): KubeObject {
  return { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] }, status: { phase } };
}

function countedBy(hard: Record<string, string>, objects: KubeObject[], spec: object = {}): unknown {
  const quota = { metadata: { name: 'q' }, spec: { hard, ...spec } };
  return planQuota({ quota, counted: [{ resource: PODS, objects }], now: NOW }).actions.map(({ status }) => status);
}

test('adds up what the pods of a namespace ask for', () => {
  const hard = { 'requests.cpu': '2', pods: '5', secrets: '3' };
  assert.deepEqual(countedBy(hard, [podOf('500m'), podOf('1')]), [
    { hard, used: { 'requests.cpu': '1500m', pods: '2', secrets: '0' } },
  ]);
});

test('what has ended takes nothing, but is still an object', () => {
  const hard = { pods: '5', 'count/pods': '5' };
  assert.deepEqual(countedBy(hard, [podOf('1', 'Failed'), podOf('1')]), [
    { hard, used: { pods: '1', 'count/pods': '2' } },
  ]);
});

test('scopes leave out the others', () => {
  const hard = { pods: '5' };
  assert.deepEqual(countedBy(hard, [podOf('1')], { scopes: ['BestEffort'] }), [{ hard, used: { pods: '0' } }]);
});

test('a count that holds is not written again', () => {
  const status = { hard: { pods: '5' }, used: { pods: '1' } };
  const quota = { metadata: { name: 'q' }, spec: { hard: { pods: '5' } }, status };
  assert.deepEqual(planQuota({ quota, counted: [{ resource: PODS, objects: [podOf('1')] }], now: NOW }).actions, []);
});
