/** Server-side apply and deletions of collections without the API: evaluated at the edge, brought to a real API server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '../../../src/api/object.ts';
import { InProcessTransport } from '../../../src/client/index.ts';
import { type TestApiServer, startApiServer } from '../../support/api-server.ts';
import type { Answer } from '../../support/meta-client.ts';
import { MetaOverApi } from '../../support/meta-over-api.ts';
import { temporaryFolder } from '../../support/site-process.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const APPLY = 'application/apply-patch+yaml';
const limit = { timeout: 60_000 };
const folder = await temporaryFolder();
let api: TestApiServer;
let meta: MetaOverApi;

before(async () => {
  api = await startApiServer();
  const rules = [{ group: '', resource: 'configmaps', verbs: ['*'] }] as const;
  meta = new MetaOverApi(api, { writes: { file: join(folder.path, 'writes.db'), rules } });
  await meta.server.start(new AbortController().signal);
});

after(async () => {
  await meta.server.close();
  await api.close();
  await folder.remove();
});

function write(method: string, target: string, body: object | string, type = 'application/json'): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return meta.client.ask(target, { 'content-type': type }, method, text);
}

function apply(name: string, manager: string, data: Record<string, string>, more = ''): Promise<Answer> {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  return write('PATCH', `${MAPS}/${name}?fieldManager=${manager}${more}`, body, APPLY);
}

function map(name: string, labels: Record<string, string> = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: {} };
}

/** Keeps the whole collection and leaves the API. */
async function goAway(): Promise<void> {
  await meta.client.ask(MAPS);
  meta.cut();
  const { headers } = await meta.client.ask(MAPS);
  assert.equal(headers['x-edgesite-source'], 'edge-store');
}

/** Until all that waited has been tried. */
async function comeBack(): Promise<void> {
  meta.mend();
  for (;;) {
    const { text } = await meta.client.ask('/edgesite/metrics');
    if (/^edgesite_metaserver_api_up 1$/m.test(text) && /^edgesite_metaserver_waiting_writes 0$/m.test(text)) return;
    await setImmediate();
  }
}

/** The order is that of times, which differ. */
function owners(object: KubeObject): Map<string, unknown> {
  const entries = object.metadata?.managedFields ?? [];
  return new Map(entries.map(({ manager = '', fieldsV1 }) => [manager, fieldsV1]));
}

test('an apply offline takes, drops and keeps what it would with the API, and says who owns it', limit, async () => {
  assert.equal((await apply('shared', 'one', { a: '1', b: '1' })).status, 201);
  assert.equal((await apply('shared', 'two', { c: '2' })).status, 200);
  await goAway();
  const applied = await apply('shared', 'one', { a: 'edge' });
  assert.equal(applied.status, 200);
  assert.match(String(applied.headers['warning']), /waits at the edge/);
  assert.deepEqual(applied.json.data, { a: 'edge', c: '2' }, 'b is given up');
  const made = await apply('new', 'one', { of: 'edge' });
  assert.equal(made.status, 201);
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\ndata:\n  of: yaml\n';
  const second = await write('PATCH', `${MAPS}/new?fieldManager=one`, yaml, APPLY);
  assert.deepEqual([second.status, second.json.data], [200, { of: 'yaml' }]);
  await comeBack();
  for (const { json } of [applied, second]) {
    const there = await meta.client.ask(`${MAPS}/${json.metadata.name}`);
    assert.equal(there.headers['x-edgesite-source'], undefined);
    assert.deepEqual(there.json.data, json.data);
    assert.deepEqual(owners(there.json), owners(json));
  }
});

test('an apply that takes from another manager is refused at once, unless it is forced', limit, async () => {
  await apply('contested', 'one', { a: '1' });
  await goAway();
  const refused = await apply('contested', 'two', { a: '2' });
  assert.equal(refused.json.reason, 'Conflict');
  assert.deepEqual(refused.json.details.causes, [
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ]);
  assert.equal((await apply('contested', 'two', { a: '2' }, '&force=true')).status, 200);
  assert.equal((await write('PATCH', `${MAPS}/contested`, map('contested'), APPLY)).status, 400, 'no fieldManager');
  assert.equal((await write('PATCH', `${MAPS}/contested?fieldManager=x`, map('other'), APPLY)).status, 400);
  assert.equal((await write('PATCH', `${MAPS}/contested?fieldManager=x`, 'a: [', APPLY)).status, 400);
  await comeBack();
  assert.deepEqual((await meta.client.ask(`${MAPS}/contested`)).json.data, { a: '2' });
});

test('an apply after a deletion makes the object anew', limit, async () => {
  const { json } = await apply('phoenix', 'one', { a: '1', b: '1' });
  await goAway();
  assert.equal((await write('DELETE', `${MAPS}/phoenix`, '')).status, 200);
  const again = await apply('phoenix', 'two', { c: '3' });
  assert.deepEqual([again.status, again.json.data], [201, { c: '3' }]);
  await comeBack();
  const there = await meta.client.ask(`${MAPS}/phoenix`);
  assert.deepEqual(there.json.data, { c: '3' });
  assert.notEqual(there.json.metadata.uid, json.metadata.uid);
});

test('a collection deleted offline is what it held then: what was made anew meanwhile stays', limit, async () => {
  for (const name of ['gone', 'again']) await write('POST', MAPS, map(name, { of: 'set' }));
  await write('POST', MAPS, map('other'));
  await goAway();
  const options = 'k8s\0\n\x13\n\x02v1\x12\rDeleteOptions\x12\0\x1a\0"\0';
  const type = 'application/vnd.kubernetes.protobuf';
  const deleted = await write('DELETE', `${MAPS}?labelSelector=of%3Dset`, options, type);
  assert.equal(deleted.status, 200);
  assert.match(String(deleted.headers['warning']), /waits at the edge/);
  const names = (list: Answer): string[] => list.json.items.map((each: KubeObject) => each.metadata?.name);
  assert.deepEqual([deleted.json.kind, names(deleted)], ['ConfigMapList', ['again', 'gone']]);
  assert.deepEqual(names(await meta.client.ask(`${MAPS}?labelSelector=of%3Dset`)), []);
  assert.equal((await write('DELETE', `${MAPS}?limit=1`, '')).status, 503);
  assert.equal((await write('DELETE', '/api/v1/configmaps', '')).status, 503, 'never seen in full');
  await behind('DELETE', 'again');
  await behind('POST', 'again');
  await comeBack();
  assert.deepEqual(names(await meta.client.ask(`${MAPS}?labelSelector=of%3Dset`)), ['again']);
  assert.ok(names(await meta.client.ask(MAPS)).includes('other'));
  assert.match((await meta.client.ask('/edgesite/metrics')).text, /replayed_writes_total\{result="conflict"\} 1/);
});

/** What somebody else does at the API meanwhile. */
async function behind(method: 'POST' | 'DELETE', name: string): Promise<void> {
  const caller = { name: 'admin', groups: ['system:masters'] };
  const target = method === 'POST' ? MAPS : `${MAPS}/${name}`;
  const body = method === 'POST' ? Buffer.from(JSON.stringify(map(name, { of: 'set' }))) : new Uint8Array();
  const headers = { 'content-type': 'application/json' };
  const transport = new InProcessTransport(api.server, caller);
  const { status } = await transport.send({ method, target, headers, body }, AbortSignal.timeout(60_000));
  assert.ok(status < 300, `${method} ${target}: ${status}`);
}
