import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../../../src/api/kinds.ts';
import { annotated, takenVolume } from '../../../../src/api/volumes/bindings.ts';
import {
  type ClaimAction,
  type ClaimState,
  planClaim,
  sayingOf,
} from '../../../../src/controllers/volume-binding/claim-plan.ts';
import { claimOf, classOf, referenceTo, volumeOf } from '../../../support/volumes.ts';

const COMPLETED = { 'pv.kubernetes.io/bind-completed': 'yes' };
const ASKED = { 'volume.kubernetes.io/storage-provisioner': 'example.com/disks' };
const FIRST = classOf('first', { volumeBindingMode: 'WaitForFirstConsumer' });
const NOBODY = classOf('nobody', { provisioner: 'kubernetes.io/no-provisioner' });
const of = (storageClassName: string) => ({ spec: { storageClassName } });
const named = (volumeName: string) => ({ spec: { volumeName } });

function state(claim: PersistentVolumeClaim, rest: Partial<ClaimState> = {}): ClaimState {
  return { claim, volumes: [], storageClass: undefined, hasNode: true, waitingPods: [], told: undefined, ...rest };
}

function text(action: ClaimAction): string {
  switch (action.kind) {
    case 'take-volume':
    case 'mark-volume':
      return `${action.kind} ${action.volume.metadata?.name}`;
    case 'bind-claim':
      return `bind-claim ${action.volumeName}`;
    case 'set-status':
      return `${action.status.phase}${action.event === undefined ? '' : ` ${sayingOf(action.event)}`}`;
    case 'ask-provisioner':
      return `ask ${action.provisioner}`;
    case 'forget-node':
      return action.kind;
    case 'tell':
      return sayingOf(action.event);
  }
}

const claim = claimOf('c', '1Gi');
const own = referenceTo(claim);
const bound = { annotations: COMPLETED, spec: { volumeName: 'v' } };
const isBound = { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' } };
const taken = volumeOf('v', '1Gi', { spec: { claimRef: own }, status: { phase: 'Bound' } });

const CASES: [what: string, ClaimState, expected: string[]][] = [
  [
    'nothing suits it and it is of no class',
    state(claim),
    ['FailedBinding: no persistent volumes available for this claim and no storage class is set'],
  ],
  ['a volume suits it', state(claim, { volumes: [volumeOf('v', '1Gi')] }), ['take-volume v']],
  [
    'the volume is taken',
    state(claim, { volumes: [volumeOf('v', '1Gi', { spec: { claimRef: own } })] }),
    ['mark-volume v'],
  ],
  ['the volume is marked', state(claim, { volumes: [taken] }), ['bind-claim v']],
  ['it is bound', state(claimOf('c', '1Gi', bound), { volumes: [taken] }), ['Bound']],
  ['it says so', state(claimOf('c', '1Gi', { ...bound, status: isBound }), { volumes: [taken] }), []],
  [
    'it has grown meanwhile',
    state(claimOf('c', '1Gi', { ...bound, status: { ...isBound, capacity: { storage: '2Gi' } } }), {
      volumes: [taken],
    }),
    [],
  ],
  ['the volume it names is not there', state(claimOf('c', '1Gi', named('v'))), []],
  [
    'the volume it names is free',
    state(claimOf('c', '1Gi', named('v')), { volumes: [volumeOf('v', '1Gi')] }),
    ['take-volume v'],
  ],
  [
    'the volume it names is too small',
    state(claimOf('c', '2Gi', named('v')), { volumes: [volumeOf('v', '1Gi')] }),
    ['VolumeMismatch: Cannot bind to requested volume "v": requested PV is too small'],
  ],
  [
    'the volume it names is another’s',
    state(claimOf('d', '1Gi', named('v')), { volumes: [taken] }),
    ['FailedBinding: volume "v" already bound to a different claim.'],
  ],
  [
    'its class is not there',
    state(claimOf('c', '1Gi', of('x'))),
    ['ProvisioningFailed: storageclass.storage.k8s.io "x" not found'],
  ],
  [
    'people make the volumes of its class',
    state(claimOf('c', '1Gi', of('nobody')), { storageClass: NOBODY }),
    ['ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner'],
  ],
  [
    'its class has a provisioner',
    state(claimOf('c', '1Gi', of('any')), { storageClass: classOf('any') }),
    ['ask example.com/disks'],
  ],
  [
    'its class waits for a pod',
    state(claimOf('c', '1Gi', of('first')), { storageClass: FIRST, volumes: [volumeOf('v', '1Gi', of('first'))] }),
    ['WaitForFirstConsumer: waiting for first consumer to be created before binding'],
  ],
  [
    'pods wait for a node',
    state(claimOf('c', '1Gi', of('first')), { storageClass: FIRST, waitingPods: ['a', 'b'] }),
    ['WaitForPodScheduled: waiting for pods a,b to be scheduled'],
  ],
  [
    'a node is chosen',
    state(claimOf('c', '1Gi', { ...of('first'), annotations: { 'volume.kubernetes.io/selected-node': 'n' } }), {
      storageClass: FIRST,
    }),
    ['ask example.com/disks'],
  ],
  [
    'the node that was chosen is gone',
    state(claimOf('c', '1Gi', { ...of('first'), annotations: { 'volume.kubernetes.io/selected-node': 'n' } }), {
      storageClass: FIRST,
      hasNode: false,
    }),
    ['forget-node'],
  ],
  [
    'its class waits, but a volume is reserved for it',
    state(claimOf('c', '1Gi', of('first')), { storageClass: FIRST, volumes: [{ ...taken, status: {} }] }),
    ['mark-volume v'],
  ],
  ['it goes before it was bound', state(claimOf('c', '1Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' })), []],
  [
    'its volume is gone',
    state(claimOf('c', '1Gi', { ...bound, status: isBound })),
    ['Lost ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!'],
  ],
  [
    'its name of a volume is gone',
    state(claimOf('c', '1Gi', { annotations: COMPLETED, status: isBound })),
    ['Lost ClaimLost: Bound claim has lost reference to PersistentVolume. Data on the volume is lost!'],
  ],
  [
    'its volume is another’s',
    state(claimOf('d', '1Gi', { ...bound, status: isBound }), { volumes: [taken] }),
    ['Lost ClaimMisbound: Two claims are bound to the same volume, this one is bound incorrectly'],
  ],
  ['lost is said once', state(claimOf('c', '1Gi', { ...bound, status: { phase: 'Lost' } })), []],
];

for (const [what, given, expected] of CASES) {
  test(`a claim: ${what}`, () => {
    assert.deepEqual(planClaim(given).actions.map(text), expected);
  });
}

test('what was said is not said again until it changes', () => {
  const said = 'WaitForFirstConsumer: waiting for first consumer to be created before binding';
  const waiting = state(claimOf('c', '1Gi', of('first')), { storageClass: FIRST, told: said });
  assert.deepEqual(planClaim(waiting).actions, []);
  assert.equal(planClaim({ ...waiting, waitingPods: ['p'] }).actions.length, 1);
});

test('a volume that was reserved by hand is not marked as chosen by the controller', () => {
  const reserved = volumeOf('v', '1Gi', { spec: { claimRef: { name: 'c', namespace: 'default' } } });
  assert.equal(takenVolume(reserved, claim).metadata?.annotations, undefined);
  assert.deepEqual(takenVolume(volumeOf('v', '1Gi'), claim).metadata?.annotations, {
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
});

/** What the executors do, on a model. */
function done(given: ClaimState, action: ClaimAction): ClaimState {
  const replaced = (next: PersistentVolume) =>
    given.volumes.map((each) => (each.metadata?.name === next.metadata?.name ? next : each));
  switch (action.kind) {
    case 'take-volume':
      return { ...given, volumes: replaced(takenVolume(action.volume, action.claim)) };
    case 'mark-volume':
      return { ...given, volumes: replaced({ ...action.volume, status: { phase: 'Bound' } }) };
    case 'bind-claim': {
      const spec = { ...given.claim.spec, volumeName: action.volumeName };
      return { ...given, claim: { ...given.claim, metadata: annotated(given.claim, COMPLETED), spec } };
    }
    case 'set-status':
      return { ...given, claim: { ...given.claim, status: action.status } };
    case 'ask-provisioner':
      return { ...given, claim: { ...given.claim, metadata: annotated(given.claim, ASKED) } };
    case 'forget-node':
      return { ...given, hasNode: true };
    case 'tell':
      return { ...given, told: sayingOf(action.event) };
  }
}

const size = fc.integer({ min: 1, max: 3 }).map((gib) => `${gib}Gi`);
const className = fc.constantFrom('', 'any', 'first', 'nobody');
const classes: Readonly<Record<string, StorageClass>> = { any: classOf('any'), first: FIRST, nobody: NOBODY };
const volume = fc
  .record({ size, className, name: fc.constantFrom('u', 'v', 'w'), holder: fc.constantFrom('', 'c', 'other') })
  .map(({ size, className, name, holder }) => {
    const claimRef = { name: holder, namespace: 'default' };
    return volumeOf(name, size, { spec: { storageClassName: className, ...(holder === '' ? {} : { claimRef }) } });
  });
const world = fc
  .record({
    size,
    className,
    volumeName: fc.constantFrom('', 'u', 'v'),
    volumes: fc.uniqueArray(volume, { selector: ({ metadata }) => metadata?.name, maxLength: 3 }),
  })
  .map(({ size, className, volumeName, volumes }) =>
    state(claimOf('c', size, { spec: { storageClassName: className, volumeName } }), {
      volumes,
      storageClass: classes[className],
    }),
  );

test('a claim settles in a few rounds: bound to one volume that suits it and names it, or Pending', () => {
  fc.assert(
    fc.property(world, (given) => {
      let now = given;
      for (let rounds = 0; planClaim(now).actions.length > 0; rounds++) {
        assert.ok(rounds < 6, 'it does not settle');
        for (const action of planClaim(now).actions) now = done(now, action);
      }
      const { phase, capacity } = now.claim.status ?? {};
      const mine = now.volumes.filter(({ spec }) => spec?.claimRef?.uid === 'uid-c');
      assert.equal(mine.length, phase === 'Bound' ? 1 : 0);
      if (phase !== 'Bound') return assert.equal(phase, 'Pending');
      assert.equal(now.claim.spec?.volumeName, mine[0]?.metadata?.name);
      assert.deepEqual(capacity, mine[0]?.spec?.capacity);
    }),
  );
});
