import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { UserError } from '../../../src/base/errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SqliteEdgeStore } from '../../../src/edgestore/index.ts';
import { edgeStoreContract, pod } from '../../contract/edge-store.ts';

const pods = { group: '', version: 'v1', plural: 'pods' };
const configMaps = { group: '', version: 'v1', plural: 'configmaps' };
const MIB = 1024 * 1024;

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'edgestore-'));
  return { path, file: join(path, 'edge.db'), remove: () => rm(path, { recursive: true }) };
}

function storeIn(file: string, clock: ManualClock, maxBytes = MIB) {
  return new SqliteEdgeStore({ file, maxBytes, nodeName: 'edge' }, clock, silentLogger);
}

edgeStoreContract('SQLite', async () => {
  const { file, remove } = await folder();
  const clock = new ManualClock(1_000_000);
  const store = storeIn(file, clock);
  await store.start();
  const close = async () => {
    await store.close();
    await remove();
  };
  return { store, clock, close };
});

test('what was acknowledged is there after a restart', async () => {
  const { file, remove } = await folder();
  const clock = new ManualClock(1_000_000);
  const first = storeIn(file, clock);
  await first.start();
  await first.replace({ collection: pods }, { resourceVersion: '7', listKind: 'PodList', objects: [pod('web', 5)] });
  await first.close();
  clock.advance(60_000);
  const second = storeIn(file, clock);
  await second.start();
  assert.equal(second.get(pods, 'default', 'web')?.resourceVersion, '5');
  assert.equal(second.knowledge({ collection: pods })?.confirmedAt, 1_000_000);
  await second.close();
  await remove();
});

test('a corrupt file is named, and left as it is', async () => {
  const { file, remove } = await folder();
  await writeFile(file, 'not a database, but long enough to be looked at as one'.repeat(100));
  const before = await readFile(file);
  const store = storeIn(file, new ManualClock(0));
  await assert.rejects(store.start(), (error) => error instanceof UserError && error.message.includes(file));
  await store.close();
  assert.deepEqual(await readFile(file), before);
  await remove();
});

function configMap(name: string, bytes: number, resourceVersion = '5') {
  const json = JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', resourceVersion },
    data: { text: 'x'.repeat(bytes) },
  });
  return { namespace: 'default', name, resourceVersion, json };
}

test('a full store lets go of what was not read for longest, never of what the pods of the node need', async () => {
  const { file, remove } = await folder();
  const clock = new ManualClock(1_000_000);
  const store = storeIn(file, clock, 100_000);
  await store.start();
  const spec = { nodeName: 'edge', containers: [], volumes: [{ name: 'v', configMap: { name: 'needed' } }] };
  const json = JSON.stringify({ metadata: { name: 'web', namespace: 'default' }, spec });
  await store.remember(pods, { ...pod('web', 5), json });
  await store.remember(configMaps, configMap('needed', 60_000));
  const small = {
    resourceVersion: '9',
    listKind: 'ConfigMapList',
    objects: [configMap('a', 10_000), configMap('b', 10_000)],
  };
  await store.replace({ collection: configMaps, namespace: 'default', fieldSelector: 'metadata.name!=needed' }, small);
  clock.advance(1_000);
  store.get(configMaps, 'default', 'a');
  clock.advance(1_000);
  await store.remember(configMaps, configMap('newest', 22_000, '12'));
  const names = store.list({ collection: configMaps }).map(({ name }) => name);
  assert.deepEqual(names, ['needed', 'newest']);
  assert.ok(store.bytes <= 100_000);
  assert.notEqual(store.get(pods, 'default', 'web'), undefined);
  const scope = { collection: configMaps, namespace: 'default', fieldSelector: 'metadata.name!=needed' };
  assert.equal(store.knowledge(scope), undefined, 'what was let go of must not be said to be absent');
  await store.close();
  await remove();
});

test('what is pinned stays, however full the store and however old the word of it', async () => {
  const { file, remove } = await folder();
  const clock = new ManualClock(1_000_000);
  const roles = { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'roles' };
  const pinned = { collections: [roles], documents: ['keys'] };
  const store = new SqliteEdgeStore({ file, maxBytes: 20_000, nodeName: 'edge', pinned }, clock, silentLogger);
  await store.start();
  const role = { ...configMap('reader', 1_000), name: 'reader' };
  await store.replace({ collection: roles }, { resourceVersion: '5', listKind: 'RoleList', objects: [role] });
  await store.putDocument('keys', 'application/json', Buffer.from('{}'));
  await store.putDocument('/apis', 'application/json', Buffer.from('{}'));
  clock.advance(1_000);
  for (let index = 0; index <= 1_000; index += 1) {
    const scope = { collection: pods, namespace: `n${index}` };
    await store.replace(scope, { resourceVersion: '9', listKind: 'PodList', objects: [] });
  }
  await store.remember(configMaps, configMap('big', 25_000));
  assert.equal(store.list({ collection: roles }).length, 1);
  assert.notEqual(store.knowledge({ collection: roles }), undefined);
  assert.notEqual(store.document('keys'), undefined);
  assert.equal(store.document('/apis'), undefined);
  await store.close();
  await remove();
});
