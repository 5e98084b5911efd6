import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../../src/api/kinds.ts';
import { folderNameFor, localVolume } from '../../../../src/edged/local-storage/local-volume.ts';
import { planClaim } from '../../../../src/edged/local-storage/provision-plan.ts';
import { planRemoval, withoutFinalizer } from '../../../../src/edged/local-storage/removal-plan.ts';
import { claimOf, classOf } from '../../../support/volumes.ts';

const NODE = 'here';
const OURS = { 'volume.kubernetes.io/storage-provisioner': 'edgesite.io/local-path' };
const SELECTED = { ...OURS, 'volume.kubernetes.io/selected-node': NODE };
const ELSEWHERE = { ...OURS, 'volume.kubernetes.io/selected-node': 'there' };
const GOING = { deletionTimestamp: '2026-01-01T00:00:00Z' };
const of = (spec: object = {}) => ({ storageClassName: 'local-path', ...spec });

function wanting(annotations: Record<string, string>, spec: object = {}, size = '1Gi'): PersistentVolumeClaim {
  return claimOf('c', size, { annotations, spec: of(spec) });
}

const claim = wanting(SELECTED);
const volume = localVolume(claim, classOf('local-path', { reclaimPolicy: 'Delete' }), { node: NODE, path: '/s/pvc-x' });
const bound = { volumeName: volume.metadata?.name ?? '' };
const grown = (size: string, capacity: string): PersistentVolumeClaim => ({
  ...wanting(SELECTED, bound, size),
  status: { phase: 'Bound', capacity: { storage: capacity } },
});
const refused = (why: string) => [`refuse failed to provision volume with StorageClass "local-path": ${why}`];

const CLAIMS: [what: string, PersistentVolumeClaim, PersistentVolume | undefined, expected: string[]][] = [
  ['a pod of this node waits', claim, undefined, ['provision']],
  ['its volume is made', claim, volume, []],
  ['its pod goes elsewhere', wanting(ELSEWHERE), undefined, []],
  ['another provisioner is asked', wanting({ 'volume.kubernetes.io/selected-node': NODE }), undefined, []],
  ['it goes', { ...claim, metadata: { ...claim.metadata, ...GOING } }, undefined, []],
  [
    'no node is selected',
    wanting(OURS),
    undefined,
    refused('no node is selected: volumeBindingMode of the class must be WaitForFirstConsumer'),
  ],
  [
    'it selects by labels',
    wanting(SELECTED, { selector: {} }),
    undefined,
    refused('claim.Spec.Selector is not supported'),
  ],
  [
    'it wants a device',
    wanting(SELECTED, { volumeMode: 'Block' }),
    undefined,
    refused('block volumes are not supported'),
  ],
  [
    'it wants a copy',
    wanting(SELECTED, { dataSource: { kind: 'PersistentVolumeClaim', name: 'd' } }),
    undefined,
    refused('data sources are not supported'),
  ],
  [
    'many nodes are to write',
    wanting(SELECTED, { accessModes: ['ReadWriteMany'] }),
    undefined,
    refused('only ReadWriteOnce and ReadWriteOncePod access modes are supported'),
  ],
  ['one pod is to write', wanting(SELECTED, { accessModes: ['ReadWriteOncePod'] }), undefined, ['provision']],
  ['it is bound', grown('1Gi', '1Gi'), volume, []],
  ['it wants more', grown('2Gi', '1Gi'), volume, ['grow-volume']],
  ['its volume has more', grown('1Gi', '512Mi'), volume, ['grow-claim']],
  ['it wants more of another’s volume', grown('2Gi', '1Gi'), { ...volume, metadata: { name: 'v' } }, []],
];

for (const [what, given, its, expected] of CLAIMS) {
  test(`provisioning: ${what}`, () => {
    const state = { node: NODE, claim: given, volume: its, storageClass: undefined, told: undefined };
    const { actions } = planClaim(state);
    assert.deepEqual(
      actions.map(({ kind, reason }) => (kind === 'refuse' ? `${kind} ${reason}` : kind)),
      expected,
    );
    const told = actions.find(({ kind }) => kind === 'refuse')?.reason;
    if (told !== undefined) assert.deepEqual(planClaim({ ...state, told }).actions, [], 'said once');
  });
}

function withPhase(phase: string, policy: string, metadata: object = {}): PersistentVolume {
  const spec = { ...volume.spec, persistentVolumeReclaimPolicy: policy };
  return { ...volume, metadata: { ...volume.metadata, ...metadata }, spec, status: { phase } };
}

const VOLUMES: [what: string, PersistentVolume, expected: string[]][] = [
  ['bound', withPhase('Bound', 'Delete'), []],
  ['released', withPhase('Released', 'Delete'), ['remove-folder']],
  ['failed', withPhase('Failed', 'Delete'), ['remove-folder']],
  ['released and kept', withPhase('Released', 'Retain'), []],
  ['deleted while it is bound', withPhase('Bound', 'Delete', GOING), []],
  ['deleted and released', withPhase('Released', 'Delete', GOING), ['remove-folder']],
  ['kept, and deleted by hand', withPhase('Released', 'Retain', GOING), ['let-go']],
  ['deleted before it was bound', withPhase('Available', 'Delete', GOING), ['let-go']],
  ['done', withoutFinalizer(withPhase('Released', 'Delete', GOING)), []],
  ['of another node', { ...withPhase('Released', 'Delete'), spec: { ...volume.spec, nodeAffinity: {} } }, []],
  ['of another provisioner', withPhase('Released', 'Delete', { annotations: {} }), []],
];

for (const [what, given, expected] of VOLUMES) {
  test(`removal: ${what}`, () => {
    assert.deepEqual(
      planRemoval({ node: NODE, volume: given }).actions.map(({ kind }) => kind),
      expected,
    );
  });
}

test('the longest names make a folder that the file system takes', () => {
  const metadata = { uid: '00000000-0000-0000-0000-000000000000', namespace: 'n'.repeat(63), name: 'c'.repeat(253) };
  assert.equal(folderNameFor({ metadata }).length, 255);
});
