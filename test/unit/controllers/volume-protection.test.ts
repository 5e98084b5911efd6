import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/api/kinds.ts';
import { planClaim, planVolume } from '../../../src/controllers/volume-protection/volume-protection.ts';

const DELETED = { deletionTimestamp: '2026-01-02T03:04:05Z' };

function claim(metadata: object): PersistentVolumeClaim {
  return { metadata: { name: 'c', namespace: 'n', finalizers: ['kubernetes.io/pvc-protection'], ...metadata } };
}

function pods(...phases: string[]): Pod[] {
  return phases.map((phase) => ({ metadata: { name: phase, namespace: 'n' }, status: { phase } }));
}

test('a deleted claim is released when nothing that runs names it', () => {
  const cases: [string, object, Pod[], number][] = [
    ['not deleted', {}, [], 0],
    ['deleted, unused', DELETED, [], 1],
    ['used by a running pod', DELETED, pods('Running'), 0],
    ['used by a pod that waits', DELETED, pods('Pending'), 0],
    ['named by pods that have ended', DELETED, pods('Succeeded', 'Failed'), 1],
    ['already released', { ...DELETED, finalizers: [] }, [], 0],
  ];
  for (const [what, metadata, users, released] of cases) {
    assert.equal(planClaim({ claim: claim(metadata), pods: users }).actions.length, released, what);
  }
});

test('a volume is released unless it is bound', () => {
  const finalizers = ['kubernetes.io/pv-protection'];
  const cases: [string, PersistentVolume, released: number][] = [
    ['new', { metadata: { finalizers } }, 0],
    ['deleted', { metadata: { ...DELETED, finalizers }, status: { phase: 'Available' } }, 1],
    ['deleted and bound', { metadata: { ...DELETED, finalizers }, status: { phase: 'Bound' } }, 0],
  ];
  for (const [what, volume, released] of cases) {
    assert.equal(planVolume(volume).actions.length, released, what);
  }
});
