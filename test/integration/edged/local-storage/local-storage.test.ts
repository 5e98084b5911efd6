/** The provisioner of the node on a real API server, with the controllers that bind and nothing but its own rights. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CoreEvent, PersistentVolume, PersistentVolumeClaim } from '../../../../src/api/kinds.ts';
import { builtIn } from '../../../../src/api/resources.ts';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { LocalStorage } from '../../../../src/edged/index.ts';
import { readManifests } from '../../../../src/site/manifests.ts';
import { type ControlPlane, startControlPlane } from '../../../support/control-plane.ts';

const VOLUMES = builtIn('v1', 'persistentvolumes');
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');
const EVENTS = builtIn('v1', 'events');
const DEFAULT = { namespace: 'default' };
const NODE = 'edge-node';
const USER = 'system:edgesite:local-storage';

let plane: ControlPlane;
let storage: LocalStorage;
const base = await mkdtemp(join(tmpdir(), 'edgesite-storage-'));
const root = join(base, 'storage');

function provisioner(): LocalStorage {
  const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
  return new LocalStorage({ client: plane.clientAs(USER), nodeName: NODE, root, ...tools });
}

before(async () => {
  plane = await startControlPlane();
  const { signal } = new AbortController();
  for (const object of await readManifests()) {
    if (object.metadata?.name !== 'edgesite:local-storage') continue;
    const plural = object.kind === 'ClusterRole' ? 'clusterroles' : 'clusterrolebindings';
    await plane.client.create(builtIn('rbac.authorization.k8s.io/v1', plural), {}, object, signal);
  }
  const late = { provisioner: 'edgesite.io/local-path', volumeBindingMode: 'WaitForFirstConsumer' };
  await plane.client.create(CLASSES, {}, { metadata: { name: 'local' }, ...late, allowVolumeExpansion: true }, signal);
  await plane.client.create(CLASSES, {}, { metadata: { name: 'kept' }, ...late, reclaimPolicy: 'Retain' }, signal);
  await plane.client.create(builtIn('v1', 'nodes'), {}, { metadata: { name: NODE } }, signal);
  storage = provisioner();
  await storage.start();
});
after(async () => {
  await storage.close();
  await plane.close();
  await rm(base, { recursive: true, force: true });
});

async function makeClaim(
  name: string,
  storageClassName: string,
  signal: AbortSignal,
  spec: object = {},
): Promise<void> {
  const annotations = { 'volume.kubernetes.io/selected-node': NODE };
  const resources = { requests: { storage: '1Gi' } };
  const whole = { accessModes: ['ReadWriteOnce'], resources, storageClassName, ...spec };
  await plane.client.create(CLAIMS, DEFAULT, { metadata: { name, annotations }, spec: whole }, signal);
}

async function claimOnce(name: string, holds: (claim: PersistentVolumeClaim) => boolean) {
  const isIt = (claim: PersistentVolumeClaim) => claim.metadata?.name === name && holds(claim);
  const found = (await plane.until<PersistentVolumeClaim>(CLAIMS, (all) => all.some(isIt))).find(isIt);
  return found ?? assert.fail();
}

async function volumeOf(claim: string): Promise<PersistentVolume> {
  const { spec } = await claimOnce(claim, ({ status }) => status?.phase === 'Bound');
  return plane.client.get<PersistentVolume>(VOLUMES, { name: spec?.volumeName ?? '' }, new AbortController().signal);
}

test('a claim gets a folder that goes with it', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('data', 'local', signal);
  const { spec, metadata } = await volumeOf('data');
  const path = spec?.local?.path ?? '';
  assert.equal(path, join(root, `${metadata?.name}_default_data`));
  assert.equal(metadata?.annotations?.['pv.kubernetes.io/provisioned-by'], 'edgesite.io/local-path');
  await writeFile(join(path, 'file'), 'x');
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'data' }, signal);
  await plane.until(VOLUMES, (all) => all.length === 0);
  assert.deepEqual(await readdir(root), []);
});

test('what is to be kept outlives its volume', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('precious', 'kept', signal);
  const { spec, metadata } = await volumeOf('precious');
  const file = join(spec?.local?.path ?? '', 'file');
  await writeFile(file, 'precious');
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'precious' }, signal);
  await plane.until<PersistentVolume>(VOLUMES, ([one]) => one?.status?.phase === 'Released');
  await plane.client.delete(VOLUMES, { name: metadata?.name ?? '' }, signal);
  await plane.until(VOLUMES, (all) => all.length === 0);
  assert.equal(await readFile(file, 'utf8'), 'precious');
});

test('a volume that was deleted first takes its folder with it once its claim is gone', { timeout: 60_000 }, async ({
  signal,
}) => {
  await makeClaim('second', 'local', signal);
  const { metadata, spec } = await volumeOf('second');
  await plane.client.delete(VOLUMES, { name: metadata?.name ?? '' }, signal);
  assert.deepEqual(await readdir(spec?.local?.path ?? ''), [], 'the folder is there as long as its claim is');
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'second' }, signal);
  await plane.until(VOLUMES, (all) => all.length === 0);
  await assert.rejects(readdir(spec?.local?.path ?? ''), { code: 'ENOENT' });
});

test('a claim that grows is told so', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('growing', 'local', signal);
  await volumeOf('growing');
  const more = { spec: { resources: { requests: { storage: '3Gi' } } } };
  await plane.client.patch(CLAIMS, { ...DEFAULT, name: 'growing' }, 'merge', more, signal);
  await claimOnce('growing', ({ status }) => status?.capacity?.['storage'] === '3Gi');
  assert.deepEqual((await volumeOf('growing')).spec?.capacity, { storage: '3Gi' });
});

test('a claim of a class that does not let it grow stays as it is', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('fixed', 'kept', signal);
  await volumeOf('fixed');
  const more = { spec: { resources: { requests: { storage: '3Gi' } } } };
  const growing = plane.client.patch(CLAIMS, { ...DEFAULT, name: 'fixed' }, 'merge', more, signal);
  await assert.rejects(growing, {
    message:
      'persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that ' +
      'provisions the pvc must support resize',
  });
});

test('what a folder cannot be is refused with a word', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('shared', 'local', signal, { accessModes: ['ReadWriteMany'] });
  const isIt = ({ involvedObject, reason }: CoreEvent) =>
    involvedObject.name === 'shared' && reason === 'ProvisioningFailed';
  const event = (await plane.until<CoreEvent>(EVENTS, (all) => all.some(isIt))).find(isIt);
  assert.match(event?.message ?? '', /StorageClass "local": only ReadWriteOnce and ReadWriteOncePod/);
});

test('a removal that was cut short is finished by the next process', { timeout: 60_000 }, async ({ signal }) => {
  await makeClaim('cut', 'local', signal);
  const { spec } = await volumeOf('cut');
  await storage.close();
  await plane.client.delete(CLAIMS, { ...DEFAULT, name: 'cut' }, signal);
  const isIt = (one: PersistentVolume) => one.spec?.claimRef?.name === 'cut';
  await plane.until<PersistentVolume>(VOLUMES, (all) => all.find(isIt)?.status?.phase === 'Released');
  await rm(spec?.local?.path ?? '', { recursive: true }); // as far as the last one came
  storage = provisioner();
  await storage.start();
  await plane.until<PersistentVolume>(VOLUMES, (all) => !all.some(isIt));
});
