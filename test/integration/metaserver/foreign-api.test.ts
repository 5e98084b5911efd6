/** Over the API server of somebody else: what load balancers, aggregated servers and expired tokens do must not look like its end. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtInKinds } from '../../../src/apiserver/index.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { HttpTransport } from '../../../src/client/index.ts';
import { MetaServer } from '../../../src/metaserver/index.ts';
import { ForeignApi } from '../../support/foreign-api.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';
import { type Answer, MetaClient, type OpenWatch } from '../../support/meta-client.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const METRICS = '/apis/metrics.k8s.io/v1beta1/nodes';
const TEXT = 'Größe 3 µm, 😀';
const limit = { timeout: 60_000 };

let foreign: ForeignApi;
let transport: HttpTransport;
let server: MetaServer;
let meta: MetaClient;

beforeEach(async () => {
  foreign = new ForeignApi();
  transport = new HttpTransport({ connection: { server: await foreign.listen() }, userAgent: 'test' });
  server = new MetaServer(
    { address: '127.0.0.1', port: 0 },
    {
      transport,
      store: new MemoryEdgeStore(systemClock),
      kinds: builtInKinds(systemClock),
      clock: systemClock,
      random: () => 0,
      logger: silentLogger,
    },
  );
  await server.start(new AbortController().signal);
  meta = new MetaClient(() => server.port);
});

afterEach(async () => {
  await server.close();
  transport.close();
  foreign.close();
});

function map(name: string, text = ''): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } };
}

async function follow(collection: string): Promise<OpenWatch> {
  const { json } = await meta.ask(collection);
  return await meta.watch(`${collection}?watch=true&resourceVersion=${json.metadata.resourceVersion}`);
}

/** Until the metaserver itself watches the collection. */
async function watched(collection: string): Promise<void> {
  while (foreign.watches(collection) === 0) await setImmediate();
}

function assertOnline(answer: Answer): void {
  assert.deepEqual([answer.status, answer.headers['x-edgesite-source']], [200, undefined]);
}

async function isUp(): Promise<boolean> {
  return /^edgesite_metaserver_api_up 1$/m.test((await meta.ask('/edgesite/metrics')).text);
}

test('a watch that comes in pieces of letters is whole', limit, async () => {
  const watch = await follow(MAPS);
  await watched(MAPS);
  foreign.api.put(MAPS, map('one', TEXT));
  assert.equal((await watch.next()).object.data.text, TEXT);
  watch.close();
});

test(
  'a watch that is cut on the way is opened again: the API is not taken for away, other watches go on',
  limit,
  async () => {
    const pods = await follow(PODS);
    const maps = await follow(MAPS);
    await Promise.all([watched(PODS), watched(MAPS)]);
    const before = foreign.asked.filter((target) => target.startsWith(`${PODS}?`)).length;
    foreign.cutWatches(MAPS);
    foreign.api.put(MAPS, map('missed'));
    assertOnline(await meta.ask('/version'));
    assert.equal((await maps.next()).object.metadata.name, 'missed');
    assert.equal(await isUp(), true);
    assert.equal(
      foreign.asked.filter((target) => target.startsWith(`${PODS}?`)).length,
      before,
      'nobody asks for pods anew',
    );
    foreign.api.put(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' } });
    assert.equal((await pods.next()).object.metadata.name, 'web');
    pods.close();
    maps.close();
  },
);

test('an aggregated API server that is down is down alone', limit, async () => {
  foreign.api.put(MAPS, map('one'));
  const maps = await follow(MAPS);
  await watched(MAPS);
  for (const target of [METRICS, `${METRICS}?watch=true`, '/apis/metrics.k8s.io/v1beta1']) {
    assert.equal((await meta.ask(target)).status, 503, target);
    assert.equal(await isUp(), true, target);
    assertOnline(await meta.ask(MAPS));
  }
  assert.equal(foreign.watches(MAPS), 1);
  foreign.api.put(MAPS, map('two'));
  assert.equal((await maps.next()).object.metadata.name, 'two');
  maps.close();
});

test('a kept connection that closes as the next read comes is no end of the API', limit, async () => {
  foreign.quirks.closesKept = true;
  for (let index = 0; index < 5; index += 1) assertOnline(await meta.ask(MAPS));
});

test('what comes compressed unasked is passed on as it is, and never kept as something else', limit, async () => {
  foreign.api.put(MAPS, map('one', TEXT));
  assertOnline(await meta.ask(`${MAPS}/one`));
  assertOnline(await meta.ask('/version'));
  foreign.quirks.gzip = true;
  for (const target of [`${MAPS}/one`, '/version', '/api']) {
    const { status, headers } = await meta.ask(target).catch((error: unknown) => {
      // A client that does not unpack cannot read it: the bytes are those of the server.
      assert.ok(error instanceof SyntaxError);
      return { status: 200, headers: { 'content-encoding': 'gzip' } };
    });
    assert.deepEqual([status, headers['content-encoding']], [200, 'gzip']);
  }
  foreign.quirks.badGateway = true;
  assert.equal((await meta.ask(`${MAPS}/one`)).json.data.text, TEXT);
  assert.equal((await meta.ask('/version')).json.major, '1');
  assert.equal((await meta.ask('/api')).status, 502, 'seen only compressed: not kept');
});

test('a token that has expired ends no watch; what was missed comes when there is a new one', limit, async () => {
  const maps = await follow(MAPS);
  await watched(MAPS);
  foreign.quirks.unauthorized = true;
  foreign.cutWatches(MAPS);
  foreign.api.put(MAPS, map('missed'));
  assert.equal((await meta.ask(PODS)).status, 401);
  const refused = foreign.asked.length;
  while (!foreign.asked.slice(refused).some((target) => target.startsWith(MAPS))) await setImmediate();
  foreign.quirks.unauthorized = false;
  assert.equal((await maps.next()).object.metadata.name, 'missed');
  maps.close();
});

test(
  'a load balancer that finds no server: what is kept is answered, what is not passes, watches come back',
  limit,
  async () => {
    foreign.api.put(MAPS, map('one'));
    const maps = await follow(MAPS);
    await watched(MAPS);
    foreign.quirks.badGateway = true;
    foreign.cutWatches(MAPS);
    const kept = await meta.ask(MAPS);
    assert.deepEqual([kept.status, kept.headers['x-edgesite-source']], [200, 'edge-store']);
    assert.ok([502, 503].includes((await meta.ask(`${PODS}/none`)).status));
    foreign.quirks.badGateway = false;
    foreign.api.put(MAPS, map('two'));
    assert.equal((await maps.next()).object.metadata.name, 'two');
    maps.close();
  },
);
