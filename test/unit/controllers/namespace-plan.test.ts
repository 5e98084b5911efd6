import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Namespace } from '../../../src/api/kinds.ts';
import { namespaceConditions } from '../../../src/controllers/namespace/namespace-conditions.ts';
import { planNamespace, withoutFinalizer } from '../../../src/controllers/namespace/namespace-plan.ts';
import type { Sweep } from '../../../src/controllers/namespace/namespace-state.ts';
import { planRootCa } from '../../../src/controllers/root-ca/root-ca-controller.ts';
import { planDefaultAccount } from '../../../src/controllers/serviceaccount/default-account-controller.ts';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const ACTIVE: Namespace = {
  metadata: { name: 'n' },
  spec: { finalizers: ['kubernetes'] },
  status: { phase: 'Active' },
};
const ENDING: Namespace = {
  metadata: { name: 'n', deletionTimestamp: '2026-01-01T00:00:00Z' },
  spec: { finalizers: ['kubernetes', 'other'] },
  status: { phase: 'Terminating' },
};
const CLEAN: Sweep = {
  at: NOW,
  count: 1,
  discoveryFailure: undefined,
  failures: [],
  remaining: new Map(),
  finalizers: new Map(),
};
const DIRTY: Sweep = { ...CLEAN, remaining: new Map([['pods.', 2]]) };

function told(sweep: Sweep): Namespace {
  return { ...ENDING, status: { phase: 'Terminating', conditions: namespaceConditions([], sweep, NOW) } };
}

const CASES: [
  name: string,
  namespace: Namespace,
  sweep: Sweep | undefined,
  now: number,
  actions: string[],
  ms?: number,
][] = [
  ['in use', ACTIVE, undefined, NOW, []],
  ['just deleted', ENDING, undefined, NOW, ['sweep']],
  ['swept, not told', ENDING, CLEAN, NOW, ['status']],
  ['swept and told', told(CLEAN), CLEAN, NOW, ['finalize']],
  ['something left', told(DIRTY), DIRTY, NOW, [], 100],
  ['something left for the third time', told(DIRTY), { ...DIRTY, count: 3 }, NOW, [], 400],
  ['something left for long', told(DIRTY), { ...DIRTY, count: 50 }, NOW, [], 5000],
  ['time for the next sweep', told(DIRTY), DIRTY, NOW + 100, ['sweep']],
  ['already let go', withoutFinalizer(told(CLEAN)), CLEAN, NOW, []],
];

for (const [name, namespace, sweep, now, actions, ms] of CASES) {
  test(`a namespace ${name}`, () => {
    const plan = planNamespace({ namespace, sweep }, now);
    assert.deepEqual(
      plan.actions.map(({ kind }) => kind),
      actions,
    );
    assert.equal(plan.recheckAfterMs, ms);
  });
}

test('only our finalizer is taken away', () => {
  assert.deepEqual(withoutFinalizer(ENDING).spec?.finalizers, ['other']);
});

test('failures of the sweep are told', () => {
  const sweep = { ...DIRTY, discoveryFailure: 'no answer', failures: ['pods.: forbidden'] };
  const bad = namespaceConditions(undefined, sweep, NOW).filter(({ status }) => status === 'True');
  assert.deepEqual(
    bad.map(({ reason, message }) => [reason, message]),
    [
      ['DiscoveryFailed', 'Discovery failed: no answer'],
      ['ContentDeletionFailed', 'Failed to delete all resource types, 1 remaining: pods.: forbidden'],
      ['SomeResourcesRemain', 'Some resources are remaining: pods. has 2 resource instances'],
    ],
  );
});

test('namespaces in use get what they lack, ending ones nothing', () => {
  const kinds = ({ actions }: { actions: readonly { kind: string }[] }) => actions.map(({ kind }) => kind);
  assert.deepEqual(kinds(planDefaultAccount({ namespace: ACTIVE, exists: false })), ['create']);
  assert.deepEqual(kinds(planDefaultAccount({ namespace: ACTIVE, exists: true })), []);
  assert.deepEqual(kinds(planDefaultAccount({ namespace: ENDING, exists: false })), []);
  const [made] = planRootCa({ namespace: ACTIVE, published: undefined, pem: 'ca' }).actions;
  assert.deepEqual(made?.configMap.data, { 'ca.crt': 'ca' });
  const published = made?.configMap;
  assert.deepEqual(kinds(planRootCa({ namespace: ACTIVE, published, pem: 'ca' })), []);
  assert.deepEqual(kinds(planRootCa({ namespace: ACTIVE, published, pem: 'new' })), ['update']);
  assert.deepEqual(kinds(planRootCa({ namespace: ENDING, published: undefined, pem: 'ca' })), []);
});
