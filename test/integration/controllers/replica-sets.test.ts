import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Pod, ReplicaSet } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { nodeOf, PODS, startWorkloadSite, type WorkloadSite } from '../../support/workload-site.ts';

const REPLICA_SETS = builtIn('apps/v1', 'replicasets');
const INSIDE = { namespace: 'default' };
const CONTAINERS = [{ name: 'main', image: 'app:1' }];

let site: WorkloadSite;
before(async () => {
  site = await startWorkloadSite();
  await site.addNode(nodeOf('edge'));
});
after(() => site.close());

async function create(name: string, replicas: number, signal: AbortSignal, spec: object = {}): Promise<ReplicaSet> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: CONTAINERS, ...spec } };
  return site.client.create<ReplicaSet>(
    REPLICA_SETS,
    INSIDE,
    {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name },
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
    signal,
  );
}

function available(name: string, replicas: number): Promise<ReplicaSet> {
  return site.find<ReplicaSet>(
    REPLICA_SETS,
    ({ metadata, status }) => metadata?.name === name && status?.availableReplicas === replicas,
  );
}

async function labelled(app: string, signal: AbortSignal): Promise<Pod[]> {
  return (await site.client.list<Pod>(PODS, { ...INSIDE, labelSelector: `app=${app}` }, signal)).items;
}

test('an orphan that fits is adopted and counts', async ({ signal }) => {
  const metadata = { name: 'orphan', labels: { app: 'adopting' } };
  const orphan = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: CONTAINERS } };
  await site.client.create<Pod>(PODS, INSIDE, orphan, signal);
  const owner = await create('adopting', 2, signal);
  await available('adopting', 2);
  const pods = await labelled('adopting', signal);
  assert.equal(pods.length, 2);
  assert.ok(pods.some(({ metadata: { name } = {} }) => name === 'orphan'));
  for (const pod of pods) {
    const { uid = '' } = owner.metadata ?? {};
    assert.deepEqual(pod.metadata?.ownerReferences, [
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'adopting', uid, controller: true, blockOwnerDeletion: true },
    ]);
  }
});

test('a pod whose label is taken away is let go and replaced', async ({ signal }) => {
  await create('releasing', 1, signal);
  await available('releasing', 1);
  const [pod] = await labelled('releasing', signal);
  const name = pod?.metadata?.name ?? '';
  await site.client.patch(PODS, { ...INSIDE, name }, 'merge', { metadata: { labels: { app: 'debug' } } }, signal);
  const freed = await site.find<Pod>(
    PODS,
    ({ metadata }) => metadata?.name === name && (metadata.ownerReferences ?? []).length === 0,
  );
  assert.equal(freed.metadata?.deletionTimestamp, undefined);
  await site.until<Pod>(PODS, (all) => all.some(({ metadata }) => metadata?.labels?.['app'] === 'releasing'));
  assert.equal((await labelled('releasing', signal)).length, 1);
});

test('what hinders the making of pods is told, and mended without a word from anybody', async ({ signal }) => {
  await create('hindered', 1, signal, { serviceAccountName: 'missing' });
  const told = await site.find<ReplicaSet>(
    REPLICA_SETS,
    ({ metadata, status }) => metadata?.name === 'hindered' && status?.conditions !== undefined,
  );
  const [condition] = told.status?.conditions ?? [];
  assert.deepEqual([condition?.type, condition?.status, condition?.reason], ['ReplicaFailure', 'True', 'FailedCreate']);
  assert.match(
    condition?.message ?? '',
    /error looking up service account default\/missing: serviceaccount "missing" not found$/,
  );
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'missing' } };
  await site.client.create(builtIn('v1', 'serviceaccounts'), INSIDE, account, signal);
  const mended = await available('hindered', 1);
  assert.equal(mended.status?.conditions, undefined);
});
