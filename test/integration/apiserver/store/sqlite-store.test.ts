import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SqliteStore, type ObjectStore, type SqliteStoreOptions } from '../../../../src/apiserver/store/index.ts';
import { objectStoreContract } from '../../../contract/object-store.ts';

const LEASES = 'leases.coordination.k8s.io';
const files = new WeakMap<ObjectStore, string>();
const render = (text: string) => (revision: number) => Buffer.from(`${text}@${revision}`);

function open(t: TestContext, options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-store-'));
  const file = options.file ?? join(folder, 'api.db');
  const store = new SqliteStore({ now: () => 0, volatileResources: new Set([LEASES]), ...options, file });
  files.set(store, file);
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return store;
}

objectStoreContract('sqlite', {
  joins: true,
  open: (t, { limits, now } = {}) =>
    open(t, { ...(limits === undefined ? {} : { ringLimits: limits }), ...(now === undefined ? {} : { now }) }),
  reopen: async (t, store) => {
    await store.close();
    return open(t, { file: files.get(store) ?? '' });
  },
});

test('after a crash an answered write is there, and no revision is given out twice', async (t) => {
  const store = open(t);
  const file = files.get(store) ?? '';
  const pod = await store.create('pods', 'a/x', render('pod'));
  const lease = await store.create(LEASES, 'a/l', render('lease'));
  // What a power cut leaves: the files as they are, without the closing.
  const copy = `${file}.crashed`;
  copyFileSync(file, copy);
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  const again = open(t, { file: copy });
  assert.equal((await again.get('pods', 'a/x'))?.revision, pod.revision);
  assert.equal(await again.get(LEASES, 'a/l'), undefined);
  assert.ok((await again.create('pods', 'a/y', render('y'))).revision > lease.revision);
});

test('writes of a volatile resource do not reach the disk before the flush', async (t) => {
  const store = open(t);
  const file = files.get(store) ?? '';
  let lease = await store.create(LEASES, 'a/l', render('0'));
  for (let i = 1; i <= 50; i += 1) lease = await store.update(LEASES, 'a/l', lease.revision, render(String(i)));
  await store.flush();
  const copy = `${file}.copy`;
  copyFileSync(file, copy);
  copyFileSync(`${file}-wal`, `${copy}-wal`);
  const again = open(t, { file: copy });
  assert.equal((await again.get(LEASES, 'a/l'))?.revision, lease.revision);
});
