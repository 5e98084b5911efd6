import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../../src/api/kinds.ts';
import { planPhase } from '../../../src/controllers/volume-protection/volume-phase.ts';
import { planClaim, planVolume } from '../../../src/controllers/volume-protection/volume-protection.ts';

const DELETED = { deletionTimestamp: '2026-01-02T03:04:05Z' };

function claim(metadata: object): PersistentVolumeClaim {
  return { metadata: { name: 'c', namespace: 'n', finalizers: ['kubernetes.io/pvc-protection'], ...metadata } };
}

function pod(claimName: string, phase: string, namespace = 'n'): Pod {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  return { metadata: { name: 'p', namespace }, spec: { volumes, containers: [] }, status: { phase } };
}

test('a deleted claim is released when nothing that runs names it', () => {
  const cases: [string, object, Pod[], number][] = [
    ['not deleted', {}, [], 0],
    ['deleted, unused', DELETED, [], 1],
    ['used by a running pod', DELETED, [pod('c', 'Running')], 0],
    ['used by a pod that waits', DELETED, [pod('c', 'Pending')], 0],
    ['named by a pod that has ended', DELETED, [pod('c', 'Succeeded'), pod('c', 'Failed')], 1],
    ['another claim is used', DELETED, [pod('d', 'Running')], 1],
    ['already released', { ...DELETED, finalizers: [] }, [], 0],
  ];
  for (const [what, metadata, pods, released] of cases) {
    assert.equal(planClaim({ claim: claim(metadata), pods }).actions.length, released, what);
  }
});

test('a volume is released unless it is bound, and available while it is new and unclaimed', () => {
  const finalizers = ['kubernetes.io/pv-protection'];
  const cases: [string, PersistentVolume, released: number, available: number][] = [
    ['new', { metadata: { finalizers } }, 0, 1],
    ['pending', { metadata: { finalizers }, status: { phase: 'Pending' } }, 0, 1],
    ['available', { metadata: { finalizers }, status: { phase: 'Available' } }, 0, 0],
    ['reserved', { metadata: { finalizers }, spec: { claimRef: { name: 'c' } } }, 0, 0],
    ['deleted', { metadata: { ...DELETED, finalizers }, status: { phase: 'Available' } }, 1, 0],
    ['deleted and bound', { metadata: { ...DELETED, finalizers }, status: { phase: 'Bound' } }, 0, 0],
  ];
  for (const [what, volume, released, available] of cases) {
    assert.equal(planVolume(volume).actions.length, released, what);
    assert.equal(planPhase(volume).actions.length, available, what);
  }
});
