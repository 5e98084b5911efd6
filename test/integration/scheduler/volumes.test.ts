import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PersistentVolumeClaim, Pod } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { nodeOf, PODS, startWorkloadSite, type WorkloadSite } from '../../support/workload-site.ts';
import { onNode } from '../../support/volumes.ts';

const VOLUMES = builtIn('v1', 'persistentvolumes');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');
const DEFAULT = { namespace: 'default' };
const ONCE = { accessModes: ['ReadWriteOnce'] };
const WAITS = { volumeBindingMode: 'WaitForFirstConsumer' };

let site: WorkloadSite;
before(async () => {
  site = await startWorkloadSite();
  for (const name of ['a', 'b']) {
    await site.addNode(nodeOf(name, { metadata: { labels: { 'kubernetes.io/hostname': name } } }));
  }
  const { signal } = new AbortController();
  const shelf = { metadata: { name: 'shelf' }, provisioner: 'kubernetes.io/no-provisioner', ...WAITS };
  await site.client.create(CLASSES, {}, shelf, signal);
  await site.client.create(
    CLASSES,
    {},
    { metadata: { name: 'far' }, provisioner: 'example.com/far', ...WAITS },
    signal,
  );
});
after(() => site.close());

async function makeVolume(name: string, node: string, signal: AbortSignal): Promise<void> {
  const capacity = { storage: '1Gi' };
  const spec = { ...ONCE, capacity, storageClassName: 'shelf', local: { path: `/${name}` }, ...onNode(node) };
  await site.client.create(VOLUMES, {}, { metadata: { name }, spec }, signal);
}

async function makeClaim(name: string, storageClassName: string, signal: AbortSignal): Promise<void> {
  const spec = { ...ONCE, storageClassName, resources: { requests: { storage: '1Gi' } } };
  await site.client.create(CLAIMS, DEFAULT, { metadata: { name }, spec }, signal);
}

async function makePod(claimName: string, signal: AbortSignal): Promise<void> {
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
  const spec = { containers: [{ name: 'main', image: 'app:1' }], volumes };
  await site.client.create(PODS, DEFAULT, { metadata: { name: claimName }, spec }, signal);
}

const podOnce = (name: string, holds: (pod: Pod) => boolean) =>
  site.find<Pod>(PODS, (pod) => pod.metadata?.name === name && holds(pod));
const placed = async (name: string) => (await podOnce(name, ({ spec }) => spec?.nodeName !== undefined)).spec?.nodeName;
const whyNot = async (name: string) => {
  const conditionOf = ({ status }: Pod) => status?.conditions?.find(({ reason }) => reason === 'Unschedulable');
  return conditionOf(await podOnce(name, (pod) => conditionOf(pod) !== undefined))?.message;
};

test('a pod goes where its volume is, once its claim is bound', { timeout: 60_000 }, async ({ signal }) => {
  await makeVolume('on-b', 'b', signal);
  await makeClaim('stored', 'shelf', signal);
  await makePod('stored', signal);
  assert.equal(await placed('stored'), 'b');
  const claim = await site.client.get<PersistentVolumeClaim>(CLAIMS, { ...DEFAULT, name: 'stored' }, signal);
  assert.equal(claim.spec?.volumeName, 'on-b');
  assert.equal(claim.status?.phase, 'Bound', 'a pod is not bound before its claim');
});

test('a pod without its volume says why, and comes when there is one', { timeout: 60_000 }, async ({ signal }) => {
  await makePod('late', signal);
  assert.match((await whyNot('late')) ?? '', /^0\/2 nodes are available: persistentvolumeclaim "late" not found\. /);
  await makeVolume('on-a', 'a', signal);
  await makeClaim('late', 'shelf', signal);
  assert.equal(await placed('late'), 'a');
});

test('a provisioner is told the node, and waited for', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('made', 'far', signal);
  await makePod('made', signal);
  const selected = ({ metadata }: PersistentVolumeClaim) =>
    metadata?.name === 'made' ? metadata.annotations?.['volume.kubernetes.io/selected-node'] : undefined;
  const isAsked = (claim: PersistentVolumeClaim) =>
    selected(claim) !== undefined &&
    claim.metadata?.annotations?.['volume.kubernetes.io/storage-provisioner'] === 'example.com/far';
  const claim = await site.find<PersistentVolumeClaim>(CLAIMS, isAsked);
  assert.equal((await podOnce('made', () => true)).spec?.nodeName, undefined);
  const claimRef = { namespace: 'default', name: 'made', uid: claim.metadata?.uid };
  const far = { ...ONCE, capacity: { storage: '1Gi' }, storageClassName: 'far', claimRef, hostPath: { path: '/far' } };
  await site.client.create(VOLUMES, {}, { metadata: { name: 'made' }, spec: far }, signal);
  assert.equal(await placed('made'), selected(claim));
});
