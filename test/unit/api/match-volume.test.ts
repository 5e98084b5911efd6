import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, PersistentVolume, PersistentVolumeClaim } from '../../../src/api/kinds.ts';
import { bestVolume, mismatch } from '../../../src/api/volumes/match-volume.ts';
import { claimOf, onNode, referenceTo, volumeOf } from '../../support/volumes.ts';

const CLAIM = claimOf('c', '5Gi');
const MANY = { spec: { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] } };
const here: Node = { metadata: { name: 'here', labels: { 'kubernetes.io/hostname': 'here' } } };

const CHOICES: [what: string, PersistentVolumeClaim, PersistentVolume[], expected: string | undefined][] = [
  ['none', CLAIM, [], undefined],
  ['the smallest that fits', CLAIM, [volumeOf('l', '20Gi'), volumeOf('s', '1Gi'), volumeOf('m', '6Gi')], 'm'],
  ['exactly enough', CLAIM, [volumeOf('v', '5120Mi')], 'v'],
  ['the first by name among equals', CLAIM, [volumeOf('b', '5Gi'), volumeOf('a', '5Gi')], 'a'],
  ['with the fewest access modes', CLAIM, [volumeOf('many', '5Gi', MANY), volumeOf('one', '9Gi')], 'one'],
  ['with all access modes', claimOf('c', '1Gi', MANY), [volumeOf('one', '5Gi'), volumeOf('many', '5Gi', MANY)], 'many'],
  ['of its class', claimOf('c', '1Gi', { spec: { storageClassName: 'x' } }), [volumeOf('v', '1Gi')], undefined],
  [
    'with the labels it selects',
    claimOf('c', '1Gi', { spec: { selector: { matchLabels: { disk: 'ssd' } } } }),
    [volumeOf('plain', '1Gi'), volumeOf('ssd', '9Gi', { labels: { disk: 'ssd' } })],
    'ssd',
  ],
  [
    'its own, though another fits better',
    CLAIM,
    [volumeOf('tight', '5Gi'), volumeOf('own', '9Gi', { spec: { claimRef: { name: 'c', namespace: 'default' } } })],
    'own',
  ],
  [
    'not a predecessor’s',
    CLAIM,
    [
      volumeOf('v', '5Gi', {
        spec: { claimRef: referenceTo({ ...CLAIM, metadata: { ...CLAIM.metadata, uid: 'old' } }) },
      }),
    ],
    undefined,
  ],
  [
    'not one reserved for another',
    CLAIM,
    [volumeOf('v', '5Gi', { spec: { claimRef: { name: 'd', namespace: 'default' } } })],
    undefined,
  ],
  ['not a released one', CLAIM, [volumeOf('v', '5Gi', { status: { phase: 'Released' } })], undefined],
  ['not one that goes', CLAIM, [volumeOf('v', '5Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' })], undefined],
  ['not a block device', CLAIM, [volumeOf('v', '5Gi', { spec: { volumeMode: 'Block' } })], undefined],
  [
    'within reach of the node',
    CLAIM,
    [volumeOf('far', '5Gi', { spec: onNode('there') }), volumeOf('near', '9Gi', { spec: onNode('here') })],
    'near',
  ],
];

for (const [what, claim, volumes, expected] of CHOICES) {
  test(`the volume for a claim: ${what}`, () => {
    assert.equal(bestVolume(claim, volumes, here)?.metadata?.name, expected);
  });
}

test('a reserved volume out of reach of the node is not replaced by another', () => {
  const reserved = volumeOf('own', '5Gi', { spec: { ...onNode('there'), claimRef: referenceTo(CLAIM) } });
  assert.equal(bestVolume(CLAIM, [reserved, volumeOf('v', '5Gi')], here), undefined);
});

test('why a volume that was asked for by name will not do', () => {
  const cases: [string | undefined, PersistentVolume][] = [
    [undefined, volumeOf('v', '5Gi')],
    ['requested PV is too small', volumeOf('v', '4Gi')],
    ['storageClassName does not match', volumeOf('v', '5Gi', { spec: { storageClassName: 'x' } })],
    ['incompatible volumeMode', volumeOf('v', '5Gi', { spec: { volumeMode: 'Block' } })],
    ['incompatible accessMode', volumeOf('v', '5Gi', { spec: { accessModes: ['ReadOnlyMany'] } })],
  ];
  for (const [expected, volume] of cases) assert.equal(mismatch(volume, CLAIM), expected);
});
