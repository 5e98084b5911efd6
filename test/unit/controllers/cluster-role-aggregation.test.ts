import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRole } from '../../../src/api/kinds.ts';
import { planAggregation } from '../../../src/controllers/clusterrole-aggregation/cluster-role-aggregation.ts';

const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });

function part(name: string, ...resources: string[]): ClusterRole {
  return { metadata: { name, labels: { to: 'view' } }, rules: resources.map(rule) };
}

test('the rules of the parts come in the order of their names, each once', () => {
  const role: ClusterRole = {
    metadata: { name: 'view', labels: { to: 'view' } },
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: 'view' } }] },
    rules: [rule('old')],
  };
  const all = [
    role,
    part('b', 'pods', 'nodes'),
    part('a', 'pods'),
    { metadata: { name: 'c' }, rules: [rule('secrets')] },
  ];
  const [action] = planAggregation({ role, all }).actions;
  assert.deepEqual(action?.rules, [rule('pods'), rule('nodes')]);
  const settled = { ...role, rules: [...(action?.rules ?? [])] };
  assert.deepEqual(planAggregation({ role: settled, all }).actions, []);
});

test('a role that takes in no others keeps its rules', () => {
  assert.deepEqual(planAggregation({ role: part('a', 'pods'), all: [] }).actions, []);
});
