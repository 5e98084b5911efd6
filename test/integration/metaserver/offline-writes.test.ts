/** Writes without the API: taken where the configuration says so, seen locally, replayed in order, reported where refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Answer, metaSite } from '../../support/meta-site.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PODS = '/api/v1/namespaces/default/pods';
const RULES = [{ group: '', resource: 'configmaps', verbs: ['*'] }] as const;

type Site = Awaited<ReturnType<typeof metaSite>>;

function scenario(name: string, body: (site: Site, file: string) => Promise<void>): void {
  test(name, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'edgesite-writes-'));
    const file = join(folder, 'writes.db');
    const site = await metaSite({ writes: { file, rules: RULES } });
    try {
      await body(site, file);
    } finally {
      await site.close();
      rmSync(folder, { recursive: true });
    }
  });
}

function map(name: string, data: Record<string, string>, resourceVersion?: string) {
  const metadata = { name, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
}

function write(site: Site, method: string, target: string, body: object, type = 'application/json'): Promise<Answer> {
  return site.ask(target, { 'content-type': type }, method, JSON.stringify(body));
}

async function goAway(site: Site): Promise<void> {
  await site.ask('/version');
  site.api.kill();
  await site.ask('/version');
}

/** Until all that waited has been tried. */
async function comeBack(site: Site): Promise<void> {
  site.api.mode = 'up';
  site.clock.advance(1_000);
  for (let tries = 0; (await waiting(site)) > 0 && tries < 50; tries += 1);
}

async function waiting(site: Site): Promise<number> {
  const { text } = await site.ask('/edgesite/metrics');
  return Number(/^edgesite_metaserver_waiting_writes (\d+)$/m.exec(text)?.[1]);
}

const names = (list: Answer): string[] => list.json.items.map((i: { metadata: { name: string } }) => i.metadata.name);

scenario('what is written offline is seen by later reads and watches, and comes to the API in order', async (site) => {
  const { api, ask } = site;
  api.put(MAPS, map('old', { a: '1' }));
  api.put(MAPS, map('goes', {}));
  const list = await ask(MAPS);
  const watch = await site.watch(`${MAPS}?watch=true&resourceVersion=${list.json.metadata.resourceVersion}`);
  await goAway(site);
  const created = await write(site, 'POST', MAPS, map('new', { x: '1' }));
  assert.equal(created.status, 201);
  assert.match(String(created.headers['warning']), /^299 - ".*waits at the edge/);
  const { uid, creationTimestamp, resourceVersion } = created.json.metadata;
  assert.ok(uid && creationTimestamp && resourceVersion);
  const patch = await write(site, 'PATCH', `${MAPS}/old`, { data: { b: '2' } }, 'application/merge-patch+json');
  assert.deepEqual(patch.json.data, { a: '1', b: '2' });
  assert.equal((await write(site, 'PUT', `${MAPS}/new`, map('new', { x: '2' }, resourceVersion))).status, 200);
  const deleted = await write(site, 'DELETE', `${MAPS}/goes`, {});
  assert.deepEqual([deleted.status, deleted.json.status], [200, 'Success']);
  assert.deepEqual(names(await ask(MAPS)), ['new', 'old']);
  assert.deepEqual((await ask(`${MAPS}/new`)).json.data, { x: '2' });
  assert.equal((await ask(`${MAPS}/goes`)).status, 404);
  const seen = [];
  for (let index = 0; index < 4; index += 1) {
    const { type, object } = await watch.next();
    seen.push(`${type} ${object.metadata.name}`);
  }
  assert.deepEqual(seen, ['ADDED new', 'MODIFIED old', 'MODIFIED new', 'DELETED goes']);

  const before = api.requests.length;
  await comeBack(site);
  const writes = api.requests.slice(before).filter(({ method }) => method !== 'GET');
  assert.deepEqual(
    writes.map(({ method, target }) => `${method} ${target}`),
    [`POST ${MAPS}`, `PATCH ${MAPS}/old`, `PUT ${MAPS}/new`, `DELETE ${MAPS}/goes`],
  );
  const after = await ask(MAPS);
  assert.deepEqual(names(after), ['new', 'old']);
  assert.deepEqual(after.json.items[0].data, { x: '2' });
  assert.deepEqual(after.json.items[1].data, { a: '1', b: '2' });
  assert.equal((await watch.next()).object.code, 410, 'clients list anew: the API has its own revisions');
});

scenario('what changed meanwhile is a conflict, told by an Event and a metric', async (site) => {
  const { api, ask } = site;
  api.put(MAPS, map('one', { a: '1' }));
  const { resourceVersion } = (await ask(`${MAPS}/one`)).json.metadata;
  await ask(MAPS);
  await goAway(site);
  assert.equal((await write(site, 'PUT', `${MAPS}/one`, map('one', { a: 'edge' }, resourceVersion))).status, 200);
  assert.equal((await write(site, 'POST', MAPS, map('two', { of: 'edge' }))).status, 201);
  api.put(MAPS, map('one', { a: 'centre' }));
  api.put(MAPS, map('two', { of: 'centre' }));
  await comeBack(site);
  assert.deepEqual((await ask(`${MAPS}/one`)).json.data, { a: 'centre' });
  assert.deepEqual((await ask(`${MAPS}/two`)).json.data, { of: 'centre' });
  const events = await ask('/api/v1/namespaces/default/events');
  const told = events.json.items.map((event: { reason: string; involvedObject: { name: string }; type: string }) => [
    event.type,
    event.reason,
    event.involvedObject.name,
  ]);
  assert.deepEqual(told.toSorted(), [
    ['Warning', 'OfflineWriteConflict', 'one'],
    ['Warning', 'OfflineWriteConflict', 'two'],
  ]);
  assert.match((await ask('/edgesite/metrics')).text, /replayed_writes_total\{result="conflict"\} 2/);
});

scenario('a write survives a restart of the edge, and waits in order', async (site, file) => {
  await site.ask(MAPS);
  await goAway(site);
  await write(site, 'POST', MAPS, map('kept', { n: '1' }));
  const { api, store } = site;
  await site.close();
  const again = await metaSite({ writes: { file, rules: RULES }, api, store });
  try {
    await again.ask('/version');
    const { resourceVersion } = (await again.ask(`${MAPS}/kept`)).json.metadata;
    const watch = await again.watch(`${MAPS}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
    assert.equal((await watch.next()).object.metadata.name, 'kept');
    await write(again, 'PUT', `${MAPS}/kept`, map('kept', { n: '2' }, resourceVersion));
    assert.deepEqual((await watch.next()).object.data, { n: '2' });
    await comeBack(again);
    assert.deepEqual((await again.ask(`${MAPS}/kept`)).json.data, { n: '2' });
  } finally {
    await again.close();
  }
});

scenario('what the API would refuse at once is refused at once', async (site) => {
  const { api, ask } = site;
  api.put(MAPS, map('one', {}));
  await ask(MAPS);
  await goAway(site);
  assert.equal((await write(site, 'POST', MAPS, map('one', {}))).json.reason, 'AlreadyExists');
  assert.equal((await write(site, 'PUT', `${MAPS}/one`, map('one', {}, '5'))).json.reason, 'Conflict');
  assert.equal((await write(site, 'DELETE', `${MAPS}/none`, {})).status, 404);
  assert.equal((await write(site, 'POST', MAPS, { apiVersion: 'v1' })).status, 400);
  assert.equal((await write(site, 'PATCH', `${MAPS}/one`, {}, 'application/cbor')).status, 415);
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } };
  const refused = await write(site, 'POST', PODS, pod);
  assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1'], 'not configured');
  const drawn = await write(site, 'POST', MAPS, { ...map('', {}), metadata: { generateName: 'g-' } });
  assert.match(drawn.json.metadata.name, /^g-[a-z0-9]{5}$/);
});

scenario('what builds on a refused write is refused with it, a patch of the same object is not', async (site) => {
  const { api, ask } = site;
  api.put(MAPS, map('one', { a: '1' }));
  await ask(MAPS);
  await goAway(site);
  const first = await write(site, 'PUT', `${MAPS}/one`, map('one', { a: 'edge' }));
  const { resourceVersion } = first.json.metadata;
  await write(site, 'PUT', `${MAPS}/one`, map('one', { a: 'edge 2' }, resourceVersion));
  api.put(MAPS, map('one', { a: 'centre' }));
  await comeBack(site);
  assert.deepEqual((await ask(`${MAPS}/one`)).json.data, { a: 'centre' });
  await goAway(site);
  await write(site, 'PUT', `${MAPS}/one`, map('one', { a: 'edge 3' }));
  await write(site, 'PATCH', `${MAPS}/one`, { data: { b: 'patched' } }, 'application/merge-patch+json');
  api.put(MAPS, map('one', { a: 'centre 2' }));
  await comeBack(site);
  assert.deepEqual((await ask(`${MAPS}/one`)).json.data, { a: 'centre 2', b: 'patched' });
});
