import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../../src/api/kinds.ts';
import { objectKey } from '../../../src/api/object.ts';
import { type ClusterView, nodeView } from '../../../src/scheduler/cluster-view.ts';
import { decide } from '../../../src/scheduler/decide.ts';
import type { StorageView } from '../../../src/scheduler/volumes/storage-view.ts';
import { claimOf, classOf, onNode, volumeOf } from '../../support/volumes.ts';

interface Storage {
  readonly claims?: readonly PersistentVolumeClaim[];
  readonly volumes?: readonly PersistentVolume[];
  readonly selected?: Readonly<Record<string, string>>;
}

const DISKS = classOf('disks', { volumeBindingMode: 'WaitForFirstConsumer' });
const EAST = { ...DISKS, allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: ['east'] }] }] };
const CLASSES: Readonly<Record<string, StorageClass>> = {
  disks: DISKS,
  east: EAST,
  shelf: classOf('shelf', { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' }),
  now: classOf('now'),
};

function storageOf({ claims = [], volumes = [], selected = {} }: Storage): StorageView {
  return {
    claim: (key) => claims.find((claim) => objectKey(claim) === key),
    volume: (name) => volumes.find(({ metadata }) => metadata?.name === name),
    storageClass: (name) => CLASSES[name],
    volumes: () => volumes,
    selectedNode: (key) => selected[key],
  };
}

function using(...claimNames: string[]): Pod {
  const volumes = claimNames.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } }));
  return { metadata: { name: 'p', namespace: 'default', uid: 'p' }, spec: { containers: [{ name: 'c' }], volumes } };
}

function clusterOf(storage: Storage, pods: readonly Pod[] = []): ClusterView {
  const node = (name: string, zone: string) =>
    nodeView(
      { metadata: { name, labels: { 'kubernetes.io/hostname': name, zone } }, status: { allocatable: { pods: '9' } } },
      pods.filter(({ spec }) => spec?.nodeName === name),
    );
  const nodes = [node('a', 'east'), node('b', 'west')];
  return { nodes, storage: storageOf(storage), budgets: [], namespaceLabels: () => ({}) };
}

function outcome(pod: Pod, storage: Storage, pods: readonly Pod[] = []): string {
  const decision = decide(pod, clusterOf(storage, pods), () => 0);
  if (decision.kind === 'unschedulable') return decision.message;
  const { bindings, provisions } = decision.volumes;
  const bound = bindings.map(({ claim, volume }) => `${claim.metadata?.name}=${volume.metadata?.name}`);
  const made = provisions.map(({ metadata }) => `${metadata?.name}=new`);
  return [`→ ${decision.node}`, ...bound, ...made].join(' ');
}

const of = (storageClassName: string, rest: object = {}) => ({ spec: { storageClassName }, ...rest });
const bound = (volumeName: string) => ({
  annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
  spec: { volumeName },
  status: { phase: 'Bound' },
});
const refused = (why: string) =>
  `0/2 nodes are available: ${why}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.`;
const onShelf = (name: string, node: string, size = '1Gi') =>
  volumeOf(name, size, { spec: { storageClassName: 'shelf', ...onNode(node) } });
const annotated = (node: string) => ({ annotations: { 'volume.kubernetes.io/selected-node': node } });
const holder: Pod = { ...using('c'), metadata: { name: 'q', namespace: 'default', uid: 'q' } };
const onA: Pod = { ...holder, spec: { containers: [], ...holder.spec, nodeName: 'a' } };
const single = { spec: { storageClassName: 'disks', accessModes: ['ReadWriteOncePod'] } };

const CASES: [what: string, Pod, Storage, expected: string][] = [
  ['no claim', using(), {}, '→ a'],
  ['a claim that is not there', using('c'), {}, refused('persistentvolumeclaim "c" not found')],
  [
    'a claim that goes',
    using('c'),
    { claims: [claimOf('c', '1Gi', { deletionTimestamp: '2026-01-01T00:00:00Z' })] },
    refused('persistentvolumeclaim "c" is being deleted'),
  ],
  [
    'a claim that is lost',
    using('c'),
    { claims: [claimOf('c', '1Gi', { spec: { volumeName: 'v' }, status: { phase: 'Lost' } })] },
    refused('persistentvolumeclaim "c" bound to non-existent persistentvolume "v"'),
  ],
  [
    'a claim that does not wait for the pod',
    using('c'),
    { claims: [claimOf('c', '1Gi', of('now'))] },
    refused('pod has unbound immediate PersistentVolumeClaims'),
  ],
  [
    'a volume on one node',
    using('c'),
    { claims: [claimOf('c', '1Gi', bound('v'))], volumes: [volumeOf('v', '1Gi', { spec: onNode('b') })] },
    '→ b',
  ],
  [
    'a volume on no node',
    using('c'),
    { claims: [claimOf('c', '1Gi', bound('v'))], volumes: [volumeOf('v', '1Gi', { spec: onNode('z') })] },
    refused('2 node(s) had volume node affinity conflict'),
  ],
  [
    'a volume that is not there',
    using('c'),
    { claims: [claimOf('c', '1Gi', bound('v'))] },
    refused('2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)'),
  ],
  ['a volume that is made', using('c'), { claims: [claimOf('c', '1Gi', of('disks'))] }, '→ a c=new'],
  ['a volume that can be made in one zone', using('c'), { claims: [claimOf('c', '1Gi', of('east'))] }, '→ a c=new'],
  [
    'a volume that waits on a shelf',
    using('c'),
    { claims: [claimOf('c', '1Gi', of('shelf'))], volumes: [onShelf('v', 'b')] },
    '→ b c=v',
  ],
  [
    'an empty shelf',
    using('c'),
    { claims: [claimOf('c', '1Gi', of('shelf'))] },
    refused("2 node(s) didn't find available persistent volumes to bind"),
  ],
  [
    'two claims and two volumes',
    using('c', 'd'),
    {
      claims: [claimOf('c', '5Gi', of('shelf')), claimOf('d', '1Gi', of('shelf'))],
      volumes: [onShelf('large', 'b', '5Gi'), onShelf('small', 'b'), onShelf('only', 'a', '9Gi')],
    },
    '→ b d=small c=large',
  ],
  [
    'a node that was chosen before',
    using('c'),
    { claims: [claimOf('c', '1Gi', of('disks', annotated('b')))] },
    '→ b c=new',
  ],
  [
    'a node that was chosen a moment ago',
    using('c'),
    { claims: [claimOf('c', '1Gi', of('disks'))], selected: { 'default/c': 'b' } },
    '→ b c=new',
  ],
];

for (const [what, pod, storage, expected] of CASES) {
  test(`the volumes of a pod: ${what}`, () => {
    assert.equal(outcome(pod, storage), expected);
  });
}

test('a claim for one pod alone has one', () => {
  const storage = { claims: [claimOf('c', '1Gi', single)] };
  assert.equal(outcome(using('c'), storage), '→ a c=new');
  const why = 'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
  const vain = '2 No preemption victims found for incoming pod';
  const expected = `0/2 nodes are available: 2 ${why}. preemption: 0/2 nodes are available: ${vain}.`;
  assert.equal(outcome(using('c'), storage, [onA]), expected);
});

test('a volume that a template makes is waited for, and must be the pod’s own', () => {
  const volumes = [{ name: 'v', ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } }];
  const pod: Pod = {
    metadata: { name: 'p', namespace: 'default', uid: 'p' },
    spec: { containers: [{ name: 'c' }], volumes },
  };
  const missing = 'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v"';
  assert.equal(outcome(pod, {}), refused(missing));
  const claim = claimOf('p-v', '1Gi', of('disks'));
  const foreign = 'PVC default/p-v was not created for pod default/p (pod is not owner)';
  assert.equal(outcome(pod, { claims: [claim] }), refused(foreign));
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p' }];
  assert.equal(
    outcome(pod, { claims: [{ ...claim, metadata: { ...claim.metadata, ownerReferences } }] }),
    '→ a p-v=new',
  );
});
