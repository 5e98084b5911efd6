/** The database holds the present: it does not grow with what has come and gone. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { SqliteStore, type Stored } from '../../../../src/apiserver/store/index.ts';

const MIB = 1024 * 1024;
const OBJECTS = 100;
const ROUNDS = 1_000;
const CONTENT = 'x'.repeat(1_000);

const render = (revision: number): Uint8Array => Buffer.from(`${CONTENT}@${revision}`);

function openStore(t: TestContext): { store: SqliteStore; sizes: () => { database: number; log: number } } {
  const folder = mkdtempSync(join(tmpdir(), 'edgesite-churn-'));
  const file = join(folder, 'api.db');
  const store = new SqliteStore({ file, now: () => 0, volatileResources: new Set(['leases']) });
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { store, sizes: () => ({ database: statSync(file).size, log: statSync(`${file}-wal`).size }) };
}

for (const resource of ['configmaps', 'leases']) {
  test(`after ${OBJECTS * ROUNDS} updates of ${OBJECTS} ${resource} the files are as small as before`, async (t) => {
    const { store, sizes } = openStore(t);
    const names = Array.from({ length: OBJECTS }, (_, i) => `a/${i}`);
    let current: Stored[] = await Promise.all(names.map((key) => store.create(resource, key, render)));
    for (let round = 0; round < ROUNDS; round += 1) {
      current = await Promise.all(current.map(({ key, revision }) => store.update(resource, key, revision, render)));
      if (round % 100 === 0) await store.flush();
    }
    const { database, log } = sizes();
    assert.ok(database < MIB, `api.db: ${database} bytes`);
    assert.ok(log <= 8 * MIB, `api.db-wal: ${log} bytes`);
  });
}

test('events that come and expire leave their room to others', async (t) => {
  const { store, sizes } = openStore(t);
  const fill = async (round: number): Promise<void> => {
    const names = Array.from({ length: 1_000 }, (_, i) => `a/${round}-${i}`);
    await Promise.all(names.map((key) => store.create('events', key, render, { expiresAt: round })));
    assert.equal(await store.expire(round, (stored) => stored.bytes), names.length);
  };
  for (let round = 1; round <= 20; round += 1) await fill(round);
  assert.ok(sizes().database < 4 * MIB, `api.db: ${sizes().database} bytes`);
});
