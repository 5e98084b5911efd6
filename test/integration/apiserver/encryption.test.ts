/** Secrets at rest: nothing of them is in the files, keys rotate, and a lost key is told. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { parse, stringify } from 'yaml';
import type { Secret } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import type { ApiServer } from '../../../src/apiserver/index.ts';
import { UserError } from '../../../src/base/errors.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { startApiServer } from '../../support/api-server.ts';

const SECRETS = builtIn('v1', 'secrets');
const PLACE = { namespace: 'default', name: 'hidden' };
/** Its base64 is what would stand in the file. */
const DATA = { password: Buffer.from('correct horse battery staple').toString('base64') };
const IDENTITY_FIRST = { resources: [{ resources: ['secrets'], providers: [{ identity: {} }] }] };

interface KeyFile {
  resources: { resources: string[]; providers: { aesgcm?: { keys: { name: string; secret: string }[] } }[] }[];
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-encryption-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A run of the server on the folder, from start to end. */
async function run<T>(dataDir: string, act: (client: KubeClient, signal: AbortSignal) => Promise<T>): Promise<T> {
  const api = await startApiServer({ dataDir });
  try {
    return await act(clientOf(api.server), AbortSignal.timeout(60_000));
  } finally {
    await api.close();
  }
}

function clientOf(server: ApiServer): KubeClient {
  return createKubeClient(new InProcessTransport(server, { name: 'admin', groups: ['system:masters'] }));
}

const create = (folder: string): Promise<unknown> =>
  run(folder, (client, signal) =>
    client.create(SECRETS, { namespace: 'default' }, { metadata: { name: 'hidden' }, data: DATA }, signal),
  );
const read = (folder: string): Promise<unknown> =>
  run(folder, async (client, signal) => {
    const { items } = await client.list<Secret>(SECRETS, { namespace: 'default' }, signal);
    const one = await client.get<Secret>(SECRETS, PLACE, signal);
    assert.deepEqual(items.find(({ metadata }) => metadata?.name === 'hidden')?.data, one.data);
    return one.data;
  });

/** Whether the text stands in any file of the database. */
function onDisk(folder: string, text: string): boolean {
  const files = readdirSync(folder).filter((name) => name.startsWith('api.db'));
  return files.some((name) => readFileSync(join(folder, name)).includes(text));
}

function changeKeys(folder: string, change: (file: KeyFile) => object): void {
  const path = join(folder, 'encryption.yaml');
  const file = parse(readFileSync(path, 'utf8')) as KeyFile;
  writeFileSync(path, stringify({ ...file, ...change(file) }));
}

test('secrets are sealed from the first start with a private key file, and read as they were', async (t) => {
  const folder = folderOf(t);
  await create(folder);
  assert.equal(statSync(join(folder, 'encryption.yaml')).mode & 0o777, 0o600);
  assert.equal(onDisk(folder, DATA.password), false);
  assert.equal(onDisk(folder, 'k8s:enc:aesgcm:v1:key-'), true);
  assert.deepEqual(await read(folder), DATA);
});

test('a new key in front seals everything anew at the next start; then the old one may go', async (t) => {
  const folder = folderOf(t);
  await create(folder);
  const added = { name: 'second', secret: Buffer.alloc(32, 7).toString('base64') };
  const keysOf = (file: KeyFile) => file.resources[0]?.providers[0]?.aesgcm?.keys ?? [];
  let first = '';
  changeKeys(folder, (file) => {
    first = keysOf(file)[0]?.name ?? '';
    keysOf(file).unshift(added);
    return file;
  });
  assert.deepEqual(await read(folder), DATA);
  assert.equal(onDisk(folder, `:${first}:`), false);
  changeKeys(folder, (file) => {
    keysOf(file).pop();
    return file;
  });
  assert.deepEqual(await read(folder), DATA);
});

test('a site from before sealing has nothing readable left in its files after the next start', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'encryption.yaml');
  const head = { kind: 'EncryptionConfiguration', apiVersion: 'apiserver.config.k8s.io/v1' };
  writeFileSync(path, stringify({ ...head, ...IDENTITY_FIRST }), { mode: 0o600 });
  await create(folder);
  assert.equal(onDisk(folder, DATA.password), true);
  rmSync(path);
  assert.deepEqual(await read(folder), DATA);
  assert.equal(onDisk(folder, DATA.password), false);
});

test('a lost key file stops the start with the name of the key, and no new one takes its place', async (t) => {
  const folder = folderOf(t);
  await create(folder);
  const path = join(folder, 'encryption.yaml');
  renameSync(path, `${path}.kept`);
  await assert.rejects(
    read(folder),
    (error: unknown) =>
      error instanceof UserError &&
      /is sealed with the key "key-[0-9a-f]{8}", which .*encryption\.yaml/.test(error.message),
  );
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('encryption')),
    ['encryption.yaml.kept'],
  );
  renameSync(`${path}.kept`, path);
  assert.deepEqual(await read(folder), DATA);
});
