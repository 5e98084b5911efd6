import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../../src/api/kinds.ts';
import {
  planVolume,
  unboundVolume,
  type VolumeAction,
} from '../../../../src/controllers/volume-binding/volume-plan.ts';
import { claimOf, referenceTo, volumeOf } from '../../../support/volumes.ts';

const claim = claimOf('c', '1Gi', { spec: { volumeName: 'v' } });
const claimRef = referenceTo(claim);
const provisioned = { annotations: { 'pv.kubernetes.io/provisioned-by': 'example.com/disks' } };
const released = { status: { phase: 'Released' } };

function bound(policy: string, changes: object = { status: { phase: 'Bound' } }): PersistentVolume {
  return volumeOf('v', '1Gi', { spec: { claimRef, persistentVolumeReclaimPolicy: policy }, ...changes });
}

function text(action: VolumeAction): string {
  if (action.kind === 'set-phase') return action.phase;
  return action.kind === 'fail' ? `fail ${action.event}: ${action.message}` : action.kind;
}

const elsewhere = claimOf('c', '1Gi', { spec: { volumeName: 'w' } });
const CASES: [what: string, PersistentVolume, PersistentVolumeClaim | undefined, expected: string[]][] = [
  ['it is new', volumeOf('v', '1Gi', { status: { phase: 'Pending' } }), undefined, ['Available']],
  ['nobody claims it', volumeOf('v', '1Gi'), undefined, []],
  [
    'it is reserved',
    volumeOf('v', '1Gi', { spec: { claimRef: { name: 'c' } }, status: { phase: 'Pending' } }),
    claim,
    ['Available'],
  ],
  ['it goes unclaimed', volumeOf('v', '1Gi', { deletionTimestamp: '2026-01-01T00:00:00Z', status: {} }), undefined, []],
  ['its claim is on the way', bound('Retain'), claimOf('c', '1Gi'), []],
  ['its claim is bound', bound('Retain', {}), claim, ['Bound']],
  ['all is well', bound('Retain'), claim, []],
  ['its claim is gone', bound('Retain'), undefined, ['release']],
  [
    'its claim has a successor',
    bound('Retain'),
    { ...claim, metadata: { ...claim.metadata, uid: 'new' } },
    ['release'],
  ],
  ['it is kept', bound('Retain', released), undefined, []],
  [
    'it cannot be recycled',
    bound('Recycle', released),
    undefined,
    ['fail VolumeFailedRecycle: No recycler plugin found for the volume!'],
  ],
  ['its provisioner deletes it', bound('Delete', { ...provisioned, ...released }), undefined, []],
  [
    'nobody deletes it',
    bound('Delete', released),
    undefined,
    ['fail VolumeFailedDelete: error getting deleter volume plugin for volume "v": no deletable volume plugin matched'],
  ],
  ['it has failed', bound('Delete', { status: { phase: 'Failed' } }), undefined, []],
  ['its claim chose another', bound('Retain'), elsewhere, ['unbind']],
  ['it was made for a claim that chose another', bound('Delete', provisioned), elsewhere, ['release']],
];

for (const [what, volume, given, expected] of CASES) {
  test(`a volume: ${what}`, () => {
    assert.deepEqual(planVolume({ volume, claim: given }).actions.map(text), expected);
  });
}

test('a binding that is rolled back leaves a reservation by hand as it was', () => {
  assert.deepEqual(unboundVolume(bound('Retain')).spec?.claimRef, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    name: 'c',
    namespace: 'default',
  });
  const chosen = bound('Retain', { annotations: { 'pv.kubernetes.io/bound-by-controller': 'yes', other: '1' } });
  assert.equal(unboundVolume(chosen).spec?.claimRef, undefined);
  assert.deepEqual(unboundVolume(chosen).metadata?.annotations, { other: '1' });
});
