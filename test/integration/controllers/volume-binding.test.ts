import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CoreEvent, PersistentVolume, PersistentVolumeClaim } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const VOLUMES = builtIn('v1', 'persistentvolumes');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');
const EVENTS = builtIn('v1', 'events');
const NODES = builtIn('v1', 'nodes');
const DEFAULT = { namespace: 'default' };
const MODES = { accessModes: ['ReadWriteOnce'] };

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
});
after(() => plane.close());

function makeVolume(name: string, storage: string, spec: object, signal: AbortSignal): Promise<PersistentVolume> {
  const whole = { ...MODES, capacity: { storage }, hostPath: { path: `/${name}` }, ...spec };
  return plane.client.create<PersistentVolume>(VOLUMES, {}, { metadata: { name }, spec: whole }, signal);
}

function makeClaim(name: string, storage: string, spec: object, signal: AbortSignal): Promise<PersistentVolumeClaim> {
  const whole = { ...MODES, resources: { requests: { storage } }, ...spec };
  return plane.client.create<PersistentVolumeClaim>(CLAIMS, DEFAULT, { metadata: { name }, spec: whole }, signal);
}

async function claimOnce(name: string, holds: (claim: PersistentVolumeClaim) => boolean) {
  const isIt = (claim: PersistentVolumeClaim) => claim.metadata?.name === name && holds(claim);
  return (await plane.until<PersistentVolumeClaim>(CLAIMS, (all) => all.some(isIt))).find(isIt);
}

async function volumeOnce(name: string, phase: string) {
  const isIt = ({ metadata, status }: PersistentVolume) => metadata?.name === name && status?.phase === phase;
  return (await plane.until<PersistentVolume>(VOLUMES, (all) => all.some(isIt))).find(isIt);
}

async function told(name: string, reason: string): Promise<string> {
  const isIt = (event: CoreEvent) => event.involvedObject.name === name && event.reason === reason;
  return (await plane.until<CoreEvent>(EVENTS, (all) => all.some(isIt))).find(isIt)?.message ?? '';
}

test('a claim gets the smallest volume of its class that holds it, and keeps it', { timeout: 60_000 }, async ({
  signal,
}) => {
  await makeVolume('large', '9Gi', { storageClassName: 'shelf' }, signal);
  await makeVolume('fits', '3Gi', { storageClassName: 'shelf' }, signal);
  await makeVolume('small', '1Gi', { storageClassName: 'shelf' }, signal);
  await makeClaim('data', '2Gi', { storageClassName: 'shelf' }, signal);
  const claim = await claimOnce('data', ({ status }) => status?.phase === 'Bound');
  assert.equal(claim?.spec?.volumeName, 'fits');
  assert.deepEqual(claim?.status?.capacity, { storage: '3Gi' });
  assert.deepEqual(claim?.metadata?.annotations, {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
  });
  const volume = await volumeOnce('fits', 'Bound');
  assert.equal(volume?.spec?.claimRef?.uid, claim?.metadata?.uid);

  await plane.client.delete(VOLUMES, { name: 'fits' }, signal);
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'data' }, signal);
  // The volume was asked to go while it was bound: it goes with its claim.
  await plane.until<PersistentVolume>(VOLUMES, (all) => all.every(({ metadata }) => metadata?.name !== 'fits'));
});

test('a released volume is kept for whoever wants its data', { timeout: 60_000 }, async ({ signal }) => {
  const claimRef = { name: 'reserved', namespace: 'default' };
  await makeVolume('kept', '1Gi', { storageClassName: 'other', claimRef }, signal);
  await makeClaim('reserved', '1Gi', { storageClassName: '' }, signal);
  const claim = await claimOnce('reserved', ({ status }) => status?.phase === 'Bound');
  assert.equal(claim?.spec?.volumeName, 'kept', 'reserved by name, whatever its class');
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'reserved' }, signal);
  await volumeOnce('kept', 'Released');
  await makeClaim('next', '1Gi', { storageClassName: 'other', volumeName: 'kept' }, signal);
  assert.equal(await told('next', 'FailedBinding'), 'volume "kept" already bound to a different claim.');
});

test('a claim learns that the volume that it asks for is another’s', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('asking', '1Gi', { storageClassName: '', volumeName: 'reserved-volume' }, signal);
  const claimRef = { name: 'nobody', namespace: 'default' };
  await makeVolume('reserved-volume', '1Gi', { storageClassName: '', claimRef }, signal);
  assert.equal(await told('asking', 'FailedBinding'), 'volume "reserved-volume" already bound to a different claim.');
});

test('of claims that want the only volume at once, one gets it', { timeout: 60_000 }, async ({ signal }) => {
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((name) => makeClaim(`race-${name}`, '1Gi', { storageClassName: 'race' }, signal)));
  await makeVolume('only', '1Gi', { storageClassName: 'race' }, signal);
  const volume = await volumeOnce('only', 'Bound');
  const winner = volume?.spec?.claimRef?.name ?? '';
  await claimOnce(winner, ({ status }) => status?.phase === 'Bound');
  const { items } = await plane.client.list<PersistentVolumeClaim>(CLAIMS, DEFAULT, signal);
  const racers = items.filter(({ metadata }) => metadata?.name?.startsWith('race-') === true);
  assert.deepEqual(
    racers.filter(({ status }) => status?.phase === 'Bound').map(({ metadata }) => metadata?.name),
    [winner],
  );
});

test('a claim whose volume was taken away by force is lost', { timeout: 60_000 }, async ({ signal }) => {
  await makeVolume('brief', '1Gi', { storageClassName: 'brief' }, signal);
  await makeClaim('lost', '1Gi', { storageClassName: 'brief' }, signal);
  await claimOnce('lost', ({ status }) => status?.phase === 'Bound');
  await plane.client.delete(VOLUMES, { name: 'brief' }, signal);
  await plane.client.patch(VOLUMES, { name: 'brief' }, 'merge', { metadata: { finalizers: null } }, signal);
  const claim = await claimOnce('lost', ({ status }) => status?.phase === 'Lost');
  assert.equal(claim?.status?.capacity, undefined);
  assert.match(await told('lost', 'ClaimLost'), /Data on the volume is lost!$/);
});

test('a claim waits for a pod where its class says so, and says what it waits for', { timeout: 60_000 }, async ({
  signal,
}) => {
  const storageClass = { provisioner: 'example.com/disks', volumeBindingMode: 'WaitForFirstConsumer' };
  await plane.client.create(CLASSES, {}, { metadata: { name: 'late' }, ...storageClass }, signal);
  await makeVolume('waits', '1Gi', { storageClassName: 'late' }, signal);
  await makeClaim('waiting', '1Gi', { storageClassName: 'late' }, signal);
  await told('waiting', 'WaitForFirstConsumer');
  await plane.client.create(NODES, {}, { metadata: { name: 'n' } }, signal);
  const annotations = { 'volume.kubernetes.io/selected-node': 'n' };
  await plane.client.patch(CLAIMS, { ...DEFAULT, name: 'waiting' }, 'merge', { metadata: { annotations } }, signal);
  assert.match(await told('waiting', 'ExternalProvisioning'), /external provisioner 'example.com\/disks'/);
  const claim = await claimOnce('waiting', () => true);
  assert.equal(claim?.metadata?.annotations?.['volume.kubernetes.io/storage-provisioner'], 'example.com/disks');
  await plane.client.delete(NODES, { name: 'n' }, signal);
  await claimOnce(
    'waiting',
    ({ metadata }) => metadata?.annotations?.['volume.kubernetes.io/selected-node'] === undefined,
  );
});

test('a volume from a template lives as long as its pod', { timeout: 60_000 }, async ({ signal }) => {
  const spec = { ...MODES, storageClassName: '', resources: { requests: { storage: '1Gi' } } };
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec } } }];
  const pod = { metadata: { name: 'short' }, spec: { volumes, containers: [{ name: 'c', image: 'i:1' }] } };
  await plane.client.create(PODS, DEFAULT, pod, signal);
  await claimOnce('short-scratch', () => true);
  await plane.client.delete(PODS, { ...DEFAULT, name: 'short' }, signal);
  await plane.until(CLAIMS, (all) => all.every(({ metadata }) => metadata?.name !== 'short-scratch'));
});
