import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ClusterRole, PodDisruptionBudget } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { hasReason } from '../../../src/api/status-error.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const BUDGETS = builtIn('policy/v1', 'poddisruptionbudgets');
const CLUSTER_ROLES = builtIn('rbac.authorization.k8s.io/v1', 'clusterroles');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

test('evictions are granted as far as the budget goes', { timeout: 60_000 }, async ({ signal }) => {
  const ready = { type: 'Ready', status: 'True' };
  for (const name of ['one', 'two']) {
    const pod = { metadata: { name, labels: { app: 'kept' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
    await site.client.create(PODS, DEFAULT, pod, signal);
    const status = { phase: 'Running', conditions: [ready] };
    await site.client.patch(PODS, { ...DEFAULT, name, subresource: 'status' }, 'merge', { status }, signal);
  }
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } };
  await site.client.create(BUDGETS, DEFAULT, { metadata: { name: 'kept' }, spec }, signal);
  await site.until<PodDisruptionBudget>(BUDGETS, ([budget]) => budget?.status?.disruptionsAllowed === 1);
  const evict = (name: string) =>
    site.client.create(PODS, { ...DEFAULT, name, subresource: 'eviction' }, { metadata: { name } }, signal);
  await evict('one');
  await assert.rejects(evict('two'), (error) => hasReason(error, 'TooManyRequests'));
});

test('a role gathers the rules of others as they come', { timeout: 60_000 }, async ({ signal }) => {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { gather: 'yes' } }] };
  await site.client.create(CLUSTER_ROLES, {}, { metadata: { name: 'gathering' }, aggregationRule, rules: [] }, signal);
  const rules = [{ apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get'] }];
  await site.client.create(CLUSTER_ROLES, {}, { metadata: { name: 'part', labels: { gather: 'yes' } }, rules }, signal);
  const roles = await site.until<ClusterRole>(CLUSTER_ROLES, (all) =>
    all.some((role) => role.metadata?.name === 'gathering' && role.rules?.length === 1),
  );
  assert.deepEqual(roles.find(({ metadata }) => metadata?.name === 'gathering')?.rules, rules);
});
