import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ClusterRole, PodDisruptionBudget, Secret } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane, TEST_CA } from '../../support/control-plane.ts';

const SECRETS = builtIn('v1', 'secrets');
const ACCOUNTS = builtIn('v1', 'serviceaccounts');
const ROLES = builtIn('rbac.authorization.k8s.io/v1', 'clusterroles');
const BUDGETS = builtIn('policy/v1', 'poddisruptionbudgets');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

test('a secret for the token of an account is filled, and goes with the account', async ({ signal }) => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } };
  await site.client.create(ACCOUNTS, DEFAULT, account, signal);
  const metadata = { name: 'robot', annotations: { 'kubernetes.io/service-account.name': 'robot' } };
  const type = 'kubernetes.io/service-account-token';
  await site.client.create(SECRETS, DEFAULT, { apiVersion: 'v1', kind: 'Secret', type, metadata }, signal);
  const ours = ({ metadata: each }: Secret) => each?.name === 'robot';
  const secrets = await site.until<Secret>(SECRETS, (all) =>
    all.some((each) => ours(each) && each.data?.['token'] !== undefined),
  );
  const data = secrets.find(ours)?.data ?? {};
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
  assert.deepEqual([text('ca.crt'), text('namespace')], [TEST_CA, 'default']);
  const claims = JSON.parse(Buffer.from(text('token').split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
  assert.equal(claims.sub, 'system:serviceaccount:default:robot');
  await site.client.delete(ACCOUNTS, { ...DEFAULT, name: 'robot' }, signal);
  await site.until<Secret>(SECRETS, (all) => !all.some(ours));
});

test('a role joins the roles that take it in', async ({ signal }) => {
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rules = [{ apiGroups: ['test.example'], resources: ['gadgets'], verbs: ['get'] }];
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'x', labels },
    rules,
  };
  await site.client.create(ROLES, {}, role, signal);
  const takes = (name: string) => (each: ClusterRole) =>
    each.metadata?.name === name && each.rules?.some(({ apiGroups }) => apiGroups?.includes('test.example'));
  for (const name of ['view', 'edit', 'admin']) await site.until<ClusterRole>(ROLES, (all) => all.some(takes(name)));
});

test('a budget says how many pods may go', async ({ signal }) => {
  const spec = { minAvailable: 1, selector: { matchLabels: { app: 'none' } } };
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'none' }, spec };
  await site.client.create(BUDGETS, DEFAULT, budget, signal);
  const budgets = await site.until<PodDisruptionBudget>(BUDGETS, (all) => all.some(({ status }) => status?.conditions));
  const { disruptionsAllowed, desiredHealthy, expectedPods } = budgets[0]?.status ?? {};
  assert.deepEqual([disruptionsAllowed, desiredHealthy, expectedPods], [0, 1, 0]);
});
