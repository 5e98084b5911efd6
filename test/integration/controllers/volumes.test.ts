import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { type ControlPlane, startControlPlane } from '../../support/control-plane.ts';

const PODS = builtIn('v1', 'pods');
const VOLUMES = builtIn('v1', 'persistentvolumes');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const DEFAULT = { namespace: 'default' };

let plane: ControlPlane;
before(async () => {
  plane = await startControlPlane();
});
after(() => plane.close());

test('a volume is available until it is claimed, and goes when it is deleted', { timeout: 60_000 }, async ({
  signal,
}) => {
  const capacity = { storage: '1Gi' };
  const spec = { capacity, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' }, storageClassName: 'none' };
  await plane.client.create(VOLUMES, {}, { metadata: { name: 'v' }, spec }, signal);
  await plane.until<PersistentVolume>(VOLUMES, ([volume]) => volume?.status?.phase === 'Available');
  await plane.client.delete(VOLUMES, { name: 'v' }, signal);
  await plane.until(VOLUMES, (volumes) => volumes.length === 0);
});

test('a claim that a pod uses stays until the pod is gone', { timeout: 60_000 }, async ({ signal }) => {
  const resources = { requests: { storage: '1Gi' } };
  const spec = { accessModes: ['ReadWriteOnce'], resources, storageClassName: 'none' };
  await plane.client.create(CLAIMS, DEFAULT, { metadata: { name: 'c' }, spec }, signal);
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }];
  const pod = { metadata: { name: 'p' }, spec: { volumes, containers: [{ name: 'c', image: 'i:1' }] } };
  await plane.client.create(PODS, DEFAULT, pod, signal);
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'c' }, signal);
  const held = await plane.until<PersistentVolumeClaim>(
    CLAIMS,
    ([claim]) => claim?.metadata?.deletionTimestamp !== undefined,
  );
  assert.deepEqual(held[0]?.metadata?.finalizers, ['kubernetes.io/pvc-protection']);
  await plane.client.delete(PODS, { ...DEFAULT, name: 'p' }, signal);
  await plane.until(CLAIMS, (claims) => claims.length === 0);
});
