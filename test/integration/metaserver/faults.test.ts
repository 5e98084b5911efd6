/** What clients see when the API server fails, in every way a server can: nothing wrong, nothing lost, nothing twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { metaSite } from '../../support/meta-site.ts';

const PODS = '/api/v1/namespaces/default/pods';

type Site = Awaited<ReturnType<typeof metaSite>>;
type Watch = Awaited<ReturnType<Site['watch']>>;

function fault(name: string, body: (site: Site) => Promise<void>, options: { readTimeoutMs?: number } = {}): void {
  test(name, async () => {
    const site = await metaSite(options);
    try {
      await body(site);
    } finally {
      await site.close();
    }
  });
}

function pod(name: string, app = 'web') {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app } } };
}

/** Lists and watches on from there, as a reflector does. */
async function follow(site: Site, query = ''): Promise<Watch> {
  const list = await site.ask(`${PODS}?${query}`);
  return await site.watch(`${PODS}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}&${query}`);
}

/** The next `count` events, as `TYPE name`; their revisions must grow. */
async function taken(watch: Watch, count: number): Promise<string[]> {
  const seen: string[] = [];
  let revision = 0;
  for (let index = 0; index < count; index += 1) {
    const event = await watch.next();
    seen.push(`${event.type} ${event.object.metadata.name}`);
    assert.ok(Number(event.object.metadata.resourceVersion) > revision, 'in order');
    revision = Number(event.object.metadata.resourceVersion);
  }
  return seen;
}

async function notice(site: Site): Promise<void> {
  await site.ask('/version');
}

/** Time passes until the API is asked whether it is still there. */
async function heartbeat(site: Site): Promise<void> {
  while (site.clock.sleepers === 0) await setImmediate();
  site.clock.advance(5_000);
}

function comeBack(site: Site): void {
  site.api.mode = 'up';
  site.clock.advance(1_000);
}

fault('killed: each event that was missed comes once, in order', async (site) => {
  const { api } = site;
  for (const name of ['a', 'b']) api.put(PODS, pod(name));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.put(PODS, pod('a', 'first'));
  api.put(PODS, pod('a', 'second'));
  api.remove(PODS, 'b');
  api.put(PODS, pod('b'));
  comeBack(site);
  const expected = ['MODIFIED a', 'MODIFIED a', 'DELETED b', 'ADDED b'];
  assert.deepEqual(await taken(watch, 4), expected);
  api.put(PODS, pod('c'));
  assert.deepEqual(await taken(watch, 1), ['ADDED c'], 'and the watch goes on');
  watch.close();
});

fault('restarted without its history: the list says what was missed', async (site) => {
  const { api } = site;
  for (const name of ['a', 'b', 'c', 'd']) api.put(PODS, pod(name));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.put(PODS, pod('a', 'other'));
  api.remove(PODS, 'b');
  api.remove(PODS, 'c');
  api.put(PODS, pod('c'));
  api.put(PODS, pod('e'));
  api.restart();
  comeBack(site);
  const seen = await taken(watch, 5);
  assert.deepEqual(seen.toSorted(), ['ADDED c', 'ADDED e', 'DELETED b', 'DELETED c', 'MODIFIED a']);
  assert.ok(seen.indexOf('DELETED c') < seen.indexOf('ADDED c'), 'another object of the same name');
  watch.close();
});

fault('restored from an older backup: clients are made to list anew', async (site) => {
  const { api } = site;
  api.put(PODS, pod('kept'));
  const backup = api.backup();
  api.put(PODS, pod('lost'));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.restore(backup);
  comeBack(site);
  const error = await watch.next();
  assert.deepEqual([error.type, error.object.code], ['ERROR', 410]);
  assert.equal(await watch.next(), undefined);
  const again = await follow(site);
  api.put(PODS, pod('new'));
  assert.deepEqual(await taken(again, 1), ['ADDED new']);
  api.kill();
  await notice(site);
  const names = (await site.ask(PODS)).json.items.map((item: { metadata: { name: string } }) => item.metadata.name);
  assert.deepEqual(names, ['kept', 'new'], 'the lost one is not shown without the API either');
  again.close();
});

fault('restored, and written to beyond where it was: still another history', async (site) => {
  const { api } = site;
  api.put(PODS, pod('a'));
  const backup = api.backup();
  api.put(PODS, pod('lost'));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.restore(backup);
  for (const name of ['x', 'y', 'z']) api.put(PODS, pod(name));
  comeBack(site);
  assert.equal((await watch.next()).object.code, 410);
});

fault('restored, and only other collections written to: what was lost is not shown on', async (site) => {
  const { api } = site;
  api.put(PODS, pod('a'));
  const backup = api.backup();
  api.put(PODS, pod('lost'));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.restore(backup);
  const service = (name: string) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name } });
  for (const name of ['x', 'y']) api.put('/api/v1/namespaces/default/services', service(name));
  comeBack(site);
  while (api.watches === 0) await notice(site);
  site.clock.advance(2_000);
  assert.equal((await watch.next()).object.code, 410);
});

fault('restored, and one revision used for another write of the same object', async (site) => {
  const { api } = site;
  api.put(PODS, pod('a'));
  const backup = api.backup();
  api.put(PODS, pod('a', 'here'));
  const watch = await follow(site);
  api.kill();
  await notice(site);
  api.restore(backup);
  api.put(PODS, pod('a', 'there'));
  comeBack(site);
  assert.equal((await watch.next()).object.code, 410);
});

fault('hung without closing anything: noticed by the heartbeat', async (site) => {
  const { api } = site;
  api.put(PODS, pod('a'));
  const watch = await follow(site);
  api.mode = 'hangs';
  const hanging = site.ask(PODS);
  site.clock.advance(5_000);
  assert.equal((await hanging).headers['x-edgesite-source'], 'edge-store', 'what hangs is answered at once');
  api.put(PODS, pod('b'));
  comeBack(site);
  assert.deepEqual(await taken(watch, 1), ['ADDED b']);
  watch.close();
});

fault('hung when the first client comes to watch: it is served what is kept', async (site) => {
  const { api } = site;
  api.put(PODS, pod('a'));
  const list = await site.ask(PODS);
  await notice(site);
  api.mode = 'hangs';
  const opening = site.watch(`${PODS}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}`);
  await heartbeat(site);
  const watch = await opening;
  assert.equal(watch.headers['x-edgesite-source'], 'edge-store');
  api.put(PODS, pod('b'));
  comeBack(site);
  assert.deepEqual(await taken(watch, 1), ['ADDED b']);
  watch.close();
});

fault(
  'slow: reads are answered from what is kept, the watch loses nothing',
  async (site) => {
    const { api } = site;
    api.put(PODS, pod('a'));
    const watch = await follow(site);
    api.mode = 'slow';
    assert.equal((await site.ask(PODS)).headers['x-edgesite-source'], 'edge-store');
    api.put(PODS, pod('b'));
    comeBack(site);
    assert.deepEqual(await taken(watch, 1), ['ADDED b']);
    watch.close();
  },
  { readTimeoutMs: 50 },
);

for (const mode of ['fails', 'throttles'] as const) {
  fault(`a server that ${mode}: the watch waits for better times`, async (site) => {
    const { api, clock } = site;
    api.put(PODS, pod('a'));
    const watch = await follow(site);
    api.kill();
    api.mode = mode;
    await notice(site);
    api.put(PODS, pod('b'));
    const asked = api.requests.length;
    api.mode = 'up';
    while (api.requests.length === asked) {
      clock.advance(1_000);
      await notice(site);
    }
    assert.deepEqual(await taken(watch, 1), ['ADDED b']);
    watch.close();
  });
}

fault('a client that was cut off resumes from what it saw last', async (site) => {
  const { api } = site;
  const first = await follow(site);
  api.put(PODS, pod('a'));
  const { resourceVersion } = (await first.next()).object.metadata;
  first.close();
  api.put(PODS, pod('b'));
  api.remove(PODS, 'a');
  const again = await site.watch(`${PODS}?watch=true&resourceVersion=${resourceVersion}`);
  assert.deepEqual(await taken(again, 2), ['ADDED b', 'DELETED a']);
  again.close();
});

fault('without the API a client resumes from what came before the break', async (site) => {
  const { api } = site;
  const first = await follow(site);
  api.put(PODS, pod('a'));
  const { resourceVersion } = (await first.next()).object.metadata;
  api.put(PODS, pod('b'));
  await first.next();
  api.kill();
  await notice(site);
  const again = await site.watch(`${PODS}?watch=true&resourceVersion=${resourceVersion}`);
  assert.equal(again.headers['x-edgesite-source'], 'edge-store');
  assert.deepEqual(await taken(again, 1), ['ADDED b']);
  for (const each of [first, again]) each.close();
});

fault('a client of another history is sent back to the list', async (site) => {
  const watch = await site.watch(`${PODS}?watch=true&resourceVersion=5000`);
  assert.equal((await watch.next()).object.code, 410);
});

fault('1,000 watchers cost one upstream watch, with selectors of their own a few', async (site) => {
  const { api } = site;
  const watches = await Promise.all(Array.from({ length: 1_000 }, () => follow(site)));
  assert.equal(api.watches, 1);
  const selecting = await Promise.all(
    Array.from({ length: 50 }, (_, index) => follow(site, `labelSelector=app%3Dn${index}`)),
  );
  assert.equal(api.watches, 1, 'the whole collection answers for its parts');
  api.put(PODS, pod('one', 'n7'));
  for (const watch of watches) assert.deepEqual(await taken(watch, 1), ['ADDED one']);
  assert.deepEqual(await taken(selecting[7]!, 1), ['ADDED one']);
  api.put(PODS, pod('one', 'n8'));
  assert.deepEqual(await taken(selecting[7]!, 1), ['DELETED one'], 'no longer selected');
  assert.deepEqual(await taken(selecting[8]!, 1), ['ADDED one']);
  for (const watch of [...watches, ...selecting]) watch.close();
});

fault('many parts of a collection are served by a watch of the whole', async (site) => {
  const { api } = site;
  const watches = [];
  for (let index = 0; index < 10; index += 1) watches.push(await follow(site, `labelSelector=app%3Dn${index}`));
  assert.equal(api.watches, 3);
  api.put(PODS, pod('one', 'n9'));
  assert.deepEqual(await taken(watches[9]!, 1), ['ADDED one']);
  for (const watch of watches) watch.close();
});

fault('a bookmark tells each client how far it is', async (site) => {
  const { api, clock } = site;
  const watch = await follow(site, 'allowWatchBookmarks=true');
  api.put('/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } });
  api.bookmark();
  api.put(PODS, pod('a'));
  assert.deepEqual(await taken(watch, 1), ['ADDED a']);
  clock.advance(60_000);
  const bookmark = await watch.next();
  assert.deepEqual([bookmark.type, bookmark.object.metadata.resourceVersion], ['BOOKMARK', String(api.revision)]);
  watch.close();
});

fault(
  'a collection too large to be held in memory: its watches pass one by one, parts of it are shared',
  async (site) => {
    const { api } = site;
    const filler = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 66; index += 1)
      api.put(PODS, { ...pod(`p${index}`, index === 0 ? 'small' : 'web'), spec: { filler } });
    const lists = (): number => api.requests.filter(({ target }) => target === PODS).length;
    const since = `watch=true&resourceVersion=${api.revision}`;
    const watches = [await site.watch(`${PODS}?${since}`), await site.watch(`${PODS}?${since}`)];
    assert.equal(api.watches, 2);
    assert.equal(lists(), 1, 'its size is found out once');
    const part = [`${PODS}?${since}&labelSelector=app%3Dsmall`, `${PODS}?${since}&labelSelector=app%3Dsmall`];
    for (const target of part) watches.push(await site.watch(target));
    while (api.watches < 3) await setImmediate();
    assert.equal(api.watches, 3, 'one for both');
    api.put(PODS, pod('p0', 'small'));
    for (const watch of watches) assert.deepEqual(await taken(watch, 1), ['MODIFIED p0']);
    for (const watch of watches) watch.close();
  },
);
