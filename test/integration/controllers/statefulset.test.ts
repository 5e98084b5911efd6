import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const STATEFUL_SETS = builtIn('apps/v1', 'statefulsets');
const DEFAULT = { namespace: 'default' };

let site: ControlPlane;
before(async () => {
  site = await startControlPlane();
});
after(() => site.close());

async function bringUp(pods: Pod[], name: string, signal: AbortSignal): Promise<void> {
  assert.ok(pods.some(({ metadata }) => metadata?.name === name));
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };
  const status = { phase: 'Running', conditions: [ready] };
  await site.client.patch(PODS, { ...DEFAULT, name, subresource: 'status' }, 'merge', { status }, signal);
}

test('pods of a stateful set come in order, with their claims', { timeout: 60_000 }, async ({ signal }) => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const spec = {
    replicas: 2,
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'c', image: 'db:1' }] } },
    volumeClaimTemplates: [claim],
  };
  await site.client.create<StatefulSet>(STATEFUL_SETS, DEFAULT, { metadata: { name: 'db' }, spec }, signal);
  await bringUp(await site.until<Pod>(PODS, (all) => all.length === 1), 'db-0', signal);
  await bringUp(await site.until<Pod>(PODS, (all) => all.length === 2), 'db-1', signal);
  const [set] = await site.until<StatefulSet>(STATEFUL_SETS, ([one]) => one?.status?.availableReplicas === 2);
  assert.equal(set?.status?.currentRevision, set?.status?.updateRevision);
  const claims = await site.client.list<PersistentVolumeClaim>(CLAIMS, DEFAULT, signal);
  assert.deepEqual(claims.items.map(({ metadata }) => metadata?.name ?? '').sort(), ['data-db-0', 'data-db-1']);
  await site.client.patch(STATEFUL_SETS, { ...DEFAULT, name: 'db' }, 'merge', { spec: { replicas: 1 } }, signal);
  const [left] = await site.until<Pod>(PODS, (all) => all.length === 1);
  assert.equal(left?.metadata?.name, 'db-0');
});

test('claims go with their pods, and with their set, where it says so', { timeout: 60_000 }, async ({ signal }) => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const labels = { app: 'brief' };
  const spec = {
    replicas: 2,
    serviceName: 'brief',
    podManagementPolicy: 'Parallel',
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'db:1' }] } },
    volumeClaimTemplates: [claim],
    persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' },
  };
  const ofSet = (claims: PersistentVolumeClaim[]) =>
    claims.map(({ metadata }) => metadata?.name ?? '').filter((name) => name.startsWith('data-brief-'));
  await site.client.create<StatefulSet>(STATEFUL_SETS, DEFAULT, { metadata: { name: 'brief' }, spec }, signal);
  await site.until<PersistentVolumeClaim>(CLAIMS, (all) => ofSet(all).length === 2);
  await site.client.patch(STATEFUL_SETS, { ...DEFAULT, name: 'brief' }, 'merge', { spec: { replicas: 1 } }, signal);
  const left = await site.until<PersistentVolumeClaim>(CLAIMS, (all) => ofSet(all).length === 1);
  assert.deepEqual(ofSet(left), ['data-brief-0']);
  await site.client.delete(STATEFUL_SETS, { ...DEFAULT, name: 'brief' }, signal, { propagationPolicy: 'Background' });
  await site.until<PersistentVolumeClaim>(CLAIMS, (all) => ofSet(all).length === 0);
});
