/** Secrets in the databases of the edge: nothing of them is in the files, keys rotate, and a lost key is told. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import { ManualClock } from '../../../src/base/clock.ts';
import { UserError } from '../../../src/base/errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { RowSealing } from '../../../src/base/row-sealing.ts';
import { SqliteEdgeStore, storedFrom } from '../../../src/edgestore/index.ts';
import { type WaitingWrite, localRevision } from '../../../src/metaserver/writes/waiting-write.ts';
import { WriteQueue } from '../../../src/metaserver/writes/write-queue.ts';
import { openSealing } from '../../../src/sealing/index.ts';

const SECRETS = { group: '', version: 'v1', plural: 'secrets' };
const MAPS = { group: '', version: 'v1', plural: 'configmaps' };
const PASSWORD = Buffer.from('correct horse battery staple').toString('base64');
const PLAIN = 'what everybody may read';

function object(kind: string, name: string, text: string, resourceVersion = '7') {
  const metadata = { namespace: 'default', name, resourceVersion, uid: 'u' };
  return storedFrom({ apiVersion: 'v1', kind, metadata, data: { text } });
}

/** A database under test: what a run writes into it, and what a run finds there. */
interface Database {
  readonly file: string;
  fill(path: string, sealing: RowSealing | undefined): Promise<{ close(): Promise<void> }>;
  read(path: string, sealing: RowSealing): Promise<string[]>;
}

async function edgeStore(file: string, sealing: RowSealing | undefined): Promise<SqliteEdgeStore> {
  const options = { file, maxBytes: 1_000_000, nodeName: 'edge', ...(sealing === undefined ? {} : { sealing }) };
  const store = new SqliteEdgeStore(options, new ManualClock(1_000), silentLogger);
  await store.start();
  return store;
}

const EDGE_STORE: Database = {
  file: 'edge.db',
  fill: async (path, sealing) => {
    const store = await edgeStore(path, sealing);
    const listed = [object('Secret', 'listed', PASSWORD)];
    await store.replace({ collection: SECRETS }, { resourceVersion: '9', listKind: 'SecretList', objects: listed });
    await store.remember(SECRETS, object('Secret', 'read', PASSWORD, '11'));
    await store.apply({ collection: SECRETS }, 'put', object('Secret', 'watched', PASSWORD, '12'));
    await store.remember(MAPS, object('ConfigMap', 'plain', PLAIN));
    return store;
  },
  read: async (path, sealing) => {
    const store = await edgeStore(path, sealing);
    const texts = store.list({ collection: SECRETS }).map(({ json }) => textOf(json));
    const single = store.get(SECRETS, 'default', 'listed')?.json ?? '{}';
    const map = store.get(MAPS, 'default', 'plain')?.json ?? '{}';
    await store.close();
    return [...texts, textOf(single), textOf(map)];
  },
};

function waiting(id: number, collection: typeof SECRETS, kind: string, text: string): WaitingWrite {
  const taken = object(kind, 'listed', text);
  return {
    id,
    attempts: 0,
    verb: 'create',
    collection,
    subresource: undefined,
    namespace: 'default',
    name: `n${id}`,
    target: '/',
    contentType: 'application/json',
    body: taken.json,
    caller: undefined,
    acceptedAt: 0,
    basis: { on: 'nothing' },
    object: { ...taken, resourceVersion: localRevision(id) },
  };
}

const WRITES: Database = {
  file: 'writes.db',
  fill: async (path, sealing) => {
    const queue = new WriteQueue(path, sealing);
    await queue.start();
    const tried = queue.add((id) => waiting(id, SECRETS, 'Secret', PASSWORD));
    queue.replace({ ...tried, attempts: 1 });
    queue.add((id) => waiting(id, MAPS, 'ConfigMap', PLAIN));
    return queue;
  },
  read: async (path, sealing) => {
    const queue = new WriteQueue(path, sealing);
    await queue.start();
    const texts = queue.all.flatMap(({ object: { json }, body }) => [textOf(json), textOf(body)]);
    await queue.close();
    return texts;
  },
};

const DATABASES: readonly [database: Database, expected: readonly string[]][] = [
  [EDGE_STORE, [PASSWORD, PASSWORD, PASSWORD, PASSWORD, PLAIN]],
  [WRITES, [PASSWORD, PASSWORD, PLAIN, PLAIN]],
];

function textOf(json: string): string {
  return (JSON.parse(json) as { data: { text: string } }).data.text;
}

function place(t: TestContext, { file }: Database) {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-sealed-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const keys = join(folder, 'encryption.yaml');
  const files = (): string[] => readdirSync(folder).filter((name) => name.startsWith(file));
  return {
    path: join(folder, file),
    keys,
    sealing: () => openSealing(keys, silentLogger),
    files: () => files().map((name) => join(folder, name)),
    holds: (text: string) => files().some((name) => readFileSync(join(folder, name)).includes(text)),
  };
}

interface KeyFile {
  resources: { providers: { aesgcm: { keys: { name: string; secret: string }[] } }[] }[];
}

function changeKeys(path: string, change: (keys: { name: string; secret: string }[]) => void): void {
  const file = parse(readFileSync(path, 'utf8')) as KeyFile;
  change(file.resources[0]?.providers[0]?.aesgcm.keys ?? []);
  writeFileSync(path, stringify(file));
}

for (const [database, expected] of DATABASES) {
  const name = database.file;

  test(`${name}: no secret is in the file or its log, and only the owner may read them`, async (t) => {
    const { path, sealing, files, holds } = place(t, database);
    const open = await database.fill(path, await sealing());
    assert.ok(files().includes(`${path}-wal`), 'the log is looked at too');
    assert.equal(holds(PASSWORD), false);
    assert.equal(holds('k8s:enc:aesgcm:v1:key-'), true);
    assert.equal(holds(PLAIN), true, 'the search finds what is not sealed');
    for (const file of files()) assert.equal(statSync(file).mode & 0o777, 0o600, file);
    await open.close();
    assert.equal(holds(PASSWORD), false);
    assert.deepEqual(await database.read(path, await sealing()), expected);
  });

  test(`${name}: what was written before there were keys is sealed at the start, and leaves no trace`, async (t) => {
    const { path, sealing, holds } = place(t, database);
    await (await database.fill(path, undefined)).close();
    assert.equal(holds(PASSWORD), true);
    assert.deepEqual(await database.read(path, await sealing()), expected);
    assert.equal(holds(PASSWORD), false);
  });

  test(`${name}: a new key in front seals everything anew; then the old one may go`, async (t) => {
    const { path, keys, sealing, holds } = place(t, database);
    await (await database.fill(path, await sealing())).close();
    let first = '';
    changeKeys(keys, (listed) => {
      first = listed[0]?.name ?? '';
      listed.unshift({ name: 'second', secret: Buffer.alloc(32, 7).toString('base64') });
    });
    assert.equal(holds(`:${first}:`), true);
    assert.deepEqual(await database.read(path, await sealing()), expected);
    assert.equal(holds(`:${first}:`), false);
    changeKeys(keys, (listed) => listed.pop());
    assert.deepEqual(await database.read(path, await sealing()), expected);
  });

  test(`${name}: a lost key stops the start with its name, and no new one takes its place`, async (t) => {
    const { path, keys, sealing } = place(t, database);
    await (await database.fill(path, await sealing())).close();
    renameSync(keys, `${keys}.kept`);
    const told = (error: unknown): boolean =>
      error instanceof UserError && /is sealed with the key "key-[0-9a-f]{8}", which .*\.yaml/.test(error.message);
    await assert.rejects(database.read(path, await sealing()), told);
    assert.throws(() => readFileSync(keys), /ENOENT/);
    renameSync(`${keys}.kept`, keys);
    assert.deepEqual(await database.read(path, await sealing()), expected);
  });
}
