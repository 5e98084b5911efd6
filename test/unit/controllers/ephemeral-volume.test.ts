import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolumeClaim, Pod } from '../../../src/api/kinds.ts';
import { planEphemeral } from '../../../src/controllers/ephemeral-volume/ephemeral-volume-controller.ts';

const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const template = { metadata: { labels: { app: 'x' } }, spec };

function podOf(metadata: object = {}): Pod {
  const volumes = [
    { name: 'a', ephemeral: { volumeClaimTemplate: template } },
    { name: 'b', emptyDir: {} },
  ];
  return { metadata: { name: 'p', namespace: 'n', uid: 'u', ...metadata }, spec: { containers: [], volumes } };
}

function plan(pod: Pod, claim?: PersistentVolumeClaim, told: string[] = []) {
  return planEphemeral({ pod, claim: (name) => (name === 'p-a' ? claim : undefined), told: new Set(told) }).actions;
}

test('a pod gets a claim of its own for each template', () => {
  const [made, ...others] = plan(podOf());
  assert.equal(others.length, 0);
  assert.ok(made?.kind === 'create');
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: true, blockOwnerDeletion: true };
  const metadata = { name: 'p-a', namespace: 'n', labels: { app: 'x' }, ownerReferences: [owner] };
  assert.deepEqual(made.claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec });
  assert.deepEqual(plan(podOf(), made.claim), [], 'once');
  assert.deepEqual(plan(podOf({ deletionTimestamp: '2026-01-01T00:00:00Z' })), [], 'and not at its end');
});

test('a claim of somebody else is told of once and left alone', () => {
  const foreign = { metadata: { name: 'p-a', namespace: 'n' } };
  const [action] = plan(podOf(), foreign);
  assert.equal(action?.kind, 'tell');
  assert.equal(action?.reason, 'PVC n/p-a was not created for pod n/p (pod is not owner)');
  assert.deepEqual(plan(podOf(), foreign, ['p-a']), []);
});
