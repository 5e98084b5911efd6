/** The faults of `faults.test.ts` with a real API server as a process of its own, over TLS, and a real edge store. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { builtInKinds } from '../../../src/apiserver/index.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { createKubeClient, HttpTransport, type KubeClient, loadKubeconfig } from '../../../src/client/index.ts';
import { SqliteEdgeStore } from '../../../src/edgestore/index.ts';
import { MetaServer } from '../../../src/metaserver/index.ts';
import { ApiProcess } from '../../support/api-process.ts';
import { MetaClient, type OpenWatch } from '../../support/meta-client.ts';
import { temporaryFolder } from '../../support/site-process.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const CONFIG_MAPS = builtIn('v1', 'configmaps');
const limit = { timeout: 60_000 };
const never = new AbortController().signal;

const folder = await temporaryFolder();
const api = await ApiProcess.start();
const store = new SqliteEdgeStore(
  { file: join(folder.path, 'edge.db'), maxBytes: 64 * 1024 * 1024, nodeName: 'edge' },
  systemClock,
  silentLogger,
);
const transport = new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'test' });
const server = new MetaServer(
  { address: '127.0.0.1', port: 0 },
  { transport, store, kinds: builtInKinds(systemClock), clock: systemClock, random: Math.random, logger: silentLogger },
);
const meta = new MetaClient(() => server.port);

before(async () => {
  await store.start();
  await server.start(never);
});
after(async () => {
  await server.close();
  await store.close();
  transport.close();
  await api.close();
  await folder.remove();
});

/** Straight to the API server. */
function direct(): KubeClient {
  return createKubeClient(new HttpTransport({ connection: loadKubeconfig(api.kubeconfig), userAgent: 'direct' }));
}

async function put(name: string): Promise<void> {
  await direct().create(CONFIG_MAPS, { namespace: 'default' }, { metadata: { name }, data: {} }, never);
}

async function remove(name: string): Promise<void> {
  await direct().delete(CONFIG_MAPS, { namespace: 'default', name }, never);
}

async function follow(): Promise<OpenWatch> {
  const list = await meta.ask(`${MAPS}?limit=500&resourceVersion=0`);
  assert.equal(list.status, 200);
  return await meta.watch(`${MAPS}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}`);
}

async function taken(watch: OpenWatch): Promise<string> {
  const { type, object } = await watch.next();
  return `${type} ${object.metadata.name ?? object.code}`;
}

async function namesOffline(): Promise<string[]> {
  const list = await meta.ask(MAPS);
  assert.equal(list.headers['x-edgesite-source'], 'edge-store');
  return list.json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
}

/** What a watch has brought goes to the edge store a moment later; the time limit of the test ends the wait. */
async function untilKeptOffline(name: string): Promise<string[]> {
  for (;;) {
    const names = await namesOffline();
    if (names.includes(name)) return names;
  }
}

test('stopped (SIGSTOP): reads are answered, the watch goes on when it goes on', limit, async () => {
  await put('first');
  const watch = await follow();
  await put('second');
  assert.equal(await taken(watch), 'ADDED second');
  api.signal('SIGSTOP');
  const began = Date.now();
  assert.deepEqual(await namesOffline(), ['first', 'second']);
  assert.ok(Date.now() - began < 8_000, 'given up after the limit of reads');
  api.signal('SIGCONT');
  await put('third');
  assert.equal(await taken(watch), 'ADDED third');
  watch.close();
});

test('killed and started again, its history gone: what was missed comes once', limit, async () => {
  const watch = await follow();
  await api.stop('SIGKILL');
  assert.deepEqual(await untilKeptOffline('third'), ['first', 'second', 'third']);
  const joined = await meta.watch(`${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
  for (const name of ['first', 'second', 'third']) assert.equal(await taken(joined), `ADDED ${name}`);
  await api.start();
  await put('fourth');
  await remove('first');
  const seen = [await taken(watch), await taken(watch)];
  assert.deepEqual(seen.toSorted(), ['ADDED fourth', 'DELETED first']);
  assert.deepEqual([await taken(joined), await taken(joined)], seen);
  for (const each of [watch, joined]) each.close();
});

test('restored from an older backup: clients list anew and see what is there', limit, async () => {
  const watch = await follow();
  await api.stop('SIGTERM');
  api.backup();
  await api.start();
  await put('lost');
  assert.equal(await taken(watch), 'ADDED lost');
  await api.stop('SIGTERM');
  await untilKeptOffline('lost');
  api.restore();
  await api.start();
  assert.equal(await taken(watch), 'ERROR 410');
  assert.equal(await watch.next(), undefined);
  const again = await follow();
  await put('after');
  assert.equal(await taken(again), 'ADDED after');
  await api.stop('SIGKILL');
  assert.deepEqual(await untilKeptOffline('after'), ['after', 'fourth', 'second', 'third']);
  again.close();
});
