import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metaSite } from '../../support/meta-site.ts';

const PODS = '/api/v1/namespaces/default/pods';
const SERVICES = '/api/v1/namespaces/default/services';

type Site = Awaited<ReturnType<typeof metaSite>>;

function scenario(name: string, body: (site: Site) => Promise<void>, options: { readTimeoutMs?: number } = {}): void {
  test(name, async () => {
    const site = await metaSite(options);
    try {
      await body(site);
    } finally {
      await site.close();
    }
  });
}

function pod(name: string, fields: { app?: string; node?: string } = {}) {
  const { app = 'web', node = 'edge' } = fields;
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app } }, spec: { nodeName: node } };
}

/** Store and answer go separate ways: a further request sees what the one before left. */
async function settled(site: Site): Promise<void> {
  await site.ask('/version');
}

scenario('online it answers with the bytes of the API server', async ({ api, ask }) => {
  api.put(PODS, pod('web'));
  const answer = await ask(`${PODS}/web`);
  assert.equal(answer.status, 200);
  assert.equal(answer.json.metadata.resourceVersion, '101');
  assert.equal(answer.headers['age'], undefined);
  assert.equal((await ask(`${PODS}/none`)).json.message, 'pods "none" not found');
});

scenario('what was read is answered without the API, with its age', async (site) => {
  const { api, ask, clock } = site;
  api.put(PODS, pod('web'));
  await ask(`${PODS}/web`);
  await ask('/api/v1/pods?limit=500&resourceVersion=0');
  await ask('/version');
  await settled(site);
  api.kill();
  clock.advance(42_000);
  const object = await ask(`${PODS}/web`);
  assert.deepEqual([object.status, object.json.kind, object.headers['age']], [200, 'Pod', '42']);
  assert.equal(object.headers['x-edgesite-source'], 'edge-store');
  const list = await ask('/api/v1/pods');
  assert.deepEqual(
    [list.json.kind, list.json.apiVersion, list.json.metadata.resourceVersion],
    ['PodList', 'v1', '101'],
  );
  assert.equal(list.json.items[0].metadata.name, 'web');
  assert.deepEqual((await ask('/version')).json, { major: '1', minor: '36' });
  assert.equal((await ask('/readyz')).text, 'ok');
  assert.match((await ask('/metrics')).text, /edgesite_metaserver_api_up 0/);
});

scenario('what was never seen is not said to be absent', async (site) => {
  const { api, ask } = site;
  await ask('/api/v1/pods');
  await settled(site);
  api.kill();
  const empty = await ask('/api/v1/pods');
  assert.deepEqual([empty.status, empty.json.items, empty.json.metadata.resourceVersion], [200, [], '100']);
  assert.equal((await ask(`${PODS}/none`)).status, 404);
  for (const target of ['/api/v1/services', `${SERVICES}/web`, '/apis', '/openapi/v2', `${PODS}/web/log`]) {
    const answer = await ask(target);
    assert.deepEqual([target, answer.status, answer.json.reason], [target, 503, 'ServiceUnavailable']);
  }
  assert.equal((await ask('/api/v1/services')).headers['retry-after'], '1');
});

scenario('selectors and pages work without the API', async (site) => {
  const { api, ask } = site;
  for (const name of ['a', 'b', 'c', 'd']) api.put(PODS, pod(name, { app: name, node: name === 'd' ? 'far' : 'edge' }));
  await ask('/api/v1/pods');
  await settled(site);
  api.kill();
  const names = (answer: { json: { items: { metadata: { name: string } }[] } }) =>
    answer.json.items.map((i) => i.metadata.name);
  assert.deepEqual(names(await ask('/api/v1/pods?fieldSelector=spec.nodeName%3Dedge')), ['a', 'b', 'c']);
  assert.deepEqual(names(await ask('/api/v1/pods?labelSelector=app+notin+(a,b)')), ['c', 'd']);
  const first = await ask(`${PODS}?limit=3`);
  assert.deepEqual([names(first), first.json.metadata.remainingItemCount], [['a', 'b', 'c'], 1]);
  const token = encodeURIComponent(first.json.metadata.continue);
  const second = await ask(`${PODS}?limit=3&continue=${token}`);
  assert.deepEqual([names(second), second.json.metadata.continue], [['d'], undefined]);
  assert.equal((await ask(`${PODS}?continue=of-the-api-server`)).status, 410);
  const future = await ask('/api/v1/pods?resourceVersion=999');
  assert.deepEqual([future.status, future.json.details.causes[0].reason], [504, 'ResourceVersionTooLarge']);
  assert.equal((await ask('/api/v1/pods?labelSelector=%3D%3D')).status, 400);
});

scenario('a Table has its columns without the API too, also in watches', async (site) => {
  const { api, ask, watch } = site;
  api.put(PODS, pod('web'));
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
  await ask(PODS, { accept });
  await settled(site);
  api.kill();
  await ask('/version');
  const table = await ask(PODS, { accept });
  assert.equal(table.json.kind, 'Table');
  const columns = table.json.columnDefinitions.map(({ name }: { name: string }) => name);
  assert.deepEqual(columns.slice(0, 4), ['Name', 'Ready', 'Status', 'Restarts']);
  assert.deepEqual(table.json.rows[0].cells[0], 'web');
  assert.equal(table.json.rows[0].object.kind, 'PartialObjectMetadata');
  const events = await watch(`${PODS}?watch=true`, { accept });
  const first = await events.next();
  assert.deepEqual([first.type, first.object.kind, first.object.rows[0].cells[0]], ['ADDED', 'Table', 'web']);
  events.close();
  assert.equal((await ask(PODS, { accept: 'application/vnd.kubernetes.protobuf' })).status, 406);
  const only = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
  const metadata = await ask(`${PODS}/web`, { accept: only });
  assert.deepEqual([metadata.json.kind, metadata.json.spec], ['PartialObjectMetadata', undefined]);
  const list = await ask(PODS, { accept: only.replace('Metadata', 'MetadataList') });
  assert.deepEqual([list.json.kind, list.json.items[0].metadata.name], ['PartialObjectMetadataList', 'web']);
  const added = await (await watch(`${PODS}?watch=true`, { accept: only })).next();
  assert.deepEqual([added.object.kind, added.object.metadata.name], ['PartialObjectMetadata', 'web']);
});

scenario('writes are refused without the API, and say when to come back', async ({ api, ask }) => {
  api.kill();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const answer = await ask(`${PODS}/web`, { 'content-type': 'application/json' }, method, '{}');
    assert.deepEqual(
      [answer.status, answer.json.reason, answer.headers['retry-after']],
      [503, 'ServiceUnavailable', '1'],
    );
  }
});

scenario(
  'a hung API is given up for what is kept',
  async (site) => {
    site.api.put(PODS, pod('web'));
    await site.ask('/api/v1/pods');
    await settled(site);
    site.api.mode = 'hangs';
    assert.equal((await site.ask('/api/v1/pods')).json.items.length, 1);
    const asked = (): number => site.api.requests.filter(({ target }) => target === '/api/v1/pods').length;
    const before = asked();
    assert.equal((await site.ask('/api/v1/pods')).json.items.length, 1);
    assert.equal(asked(), before, 'the second read does not wait for it again');
    assert.equal((await site.ask('/api/v1/services')).status, 503);
  },
  { readTimeoutMs: 50 },
);

scenario('an API that fails inside is answered for, where something is kept', async (site) => {
  site.api.put(PODS, pod('web'));
  await site.ask('/api/v1/pods');
  await settled(site);
  site.api.mode = 'fails';
  assert.equal((await site.ask('/api/v1/pods')).json.items.length, 1);
  const unknown = await site.ask('/api/v1/services');
  assert.deepEqual([unknown.status, unknown.json.message], [500, 'etcd is gone']);
});

scenario('a watch brings events online, and they are kept', async (site) => {
  const { api, ask, watch } = site;
  api.put(PODS, pod('old'));
  const list = await ask(PODS);
  const events = await watch(`${PODS}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}`);
  api.put(PODS, pod('new'));
  const added = await events.next();
  assert.deepEqual([added.type, added.object.metadata.name], ['ADDED', 'new']);
  api.remove(PODS, 'old');
  assert.equal((await events.next()).type, 'DELETED');
  api.put(PODS, pod('last'));
  await events.next();
  api.kill();
  await ask('/version');
  const offline = await ask(PODS);
  assert.deepEqual(
    offline.json.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ['last', 'new'],
  );
  assert.equal(offline.json.metadata.resourceVersion, String(api.revision));
  events.close();
});

scenario('a watch that starts behind what is kept leaves no ghosts in the edge store', async (site) => {
  const { api, ask, watch } = site;
  api.put(PODS, pod('a'));
  await ask(PODS);
  await settled(site);
  api.put(PODS, pod('b'));
  api.remove(PODS, 'a');
  const events = await watch(`${PODS}?watch=true&resourceVersion=${api.revision}`);
  api.put(PODS, pod('c'));
  await events.next();
  api.kill();
  await ask('/version');
  const names = (await ask(PODS)).json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  assert.deepEqual(names, ['b', 'c'], 'no ghost of a, nothing missed');
  events.close();
});

scenario(
  'an offline watch starts with what is there, marks its end, and outlives the return of the API',
  async (site) => {
    const { api, ask, watch, clock } = site;
    api.put(PODS, pod('web'));
    await ask(PODS);
    await settled(site);
    api.kill();
    await ask('/version');
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    const events = await watch(`${PODS}?${query}`);
    const added = await events.next();
    assert.deepEqual([added.type, added.object.metadata.name], ['ADDED', 'web']);
    const bookmark = await events.next();
    assert.equal(bookmark.type, 'BOOKMARK');
    assert.equal(bookmark.object.kind, 'Pod');
    assert.deepEqual(bookmark.object.metadata, {
      resourceVersion: '101',
      annotations: { 'k8s.io/initial-events-end': 'true' },
    });
    api.put(PODS, pod('later'));
    api.mode = 'up';
    clock.advance(1_000);
    assert.equal((await events.next()).object.metadata.name, 'later');
    events.close();
  },
);

scenario('an offline watch from a revision that is too old says so in the stream', async (site) => {
  site.api.put(PODS, pod('web'));
  await site.ask(PODS);
  await settled(site);
  site.api.kill();
  await site.ask('/version');
  const tooOld = await site.watch(`${PODS}?watch=true&resourceVersion=50`);
  const error = await tooOld.next();
  assert.deepEqual([error.type, error.object.code, error.object.reason], ['ERROR', 410, 'Expired']);
  assert.equal(await tooOld.next(), undefined);
});

scenario('a watch ends after its time', async (site) => {
  const events = await site.watch(`${PODS}?watch=true&timeoutSeconds=90`);
  site.clock.advance(90_000);
  assert.equal(await events.next(), undefined);
});

scenario('identity and hop headers do not pass', async ({ api, ask }) => {
  const smuggled = {
    'impersonate-user': 'admin',
    'Impersonate-Group': 'system:masters',
    'x-remote-user': 'admin',
    authorization: 'Bearer stolen',
    connection: 'close, x-sneaky',
    'x-sneaky': '1',
    'user-agent': 'test',
  };
  await ask('/api/v1/pods', smuggled);
  const { headers } = api.requests.at(-1)!;
  assert.deepEqual(headers, { 'user-agent': 'test' });
});

scenario('paths that could be read in two ways are refused', async ({ api, ask }) => {
  const asked = api.requests.length;
  for (const target of [
    '/api/v1/../secrets',
    '/api/v1/%2e%2e/secrets',
    '//api/v1/pods',
    '/api/v1/pods%2fweb',
    '/api\\v1',
    '/a%00',
    'http://evil/api',
    '/api/%zz',
  ]) {
    assert.equal((await ask(target)).status, 400, target);
  }
  assert.equal(api.requests.length, asked);
});

scenario('web pages of other names and origins are refused', async ({ ask }) => {
  assert.equal((await ask('/api/v1/pods', { host: 'rebound.example:10550' })).status, 403);
  assert.equal((await ask('/api/v1/pods', { origin: 'https://evil.example' })).status, 403);
  assert.equal((await ask('/api/v1/pods', { host: 'localhost:10550' })).status, 200);
});
