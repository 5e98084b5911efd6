/**
 * Acknowledged means on disk. `fdatasync` is taken over before the store is loaded: what the write-ahead log holds when it
 * is called is all that a power cut after its return is sure to leave.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

type Done = (error: NodeJS.ErrnoException | null) => void;

const folder = fs.mkdtempSync(join(tmpdir(), 'edgesite-durable-'));
const real = fs.fdatasync;
/** What the disk does when it is told to write: by default what it does always. */
let disk: typeof real = real;
fs.fdatasync = ((fd: number, done: Done) => disk(fd, done)) as typeof real;
syncBuiltinESMExports();
const { SqliteStore } = await import('../../../../src/apiserver/store/index.ts');

const render = (text: string) => (revision: number) => Buffer.from(`${text}@${revision}`);

afterEach(() => {
  disk = real;
});
after(() => {
  fs.fdatasync = real;
  syncBuiltinESMExports();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('a write is answered, seen and told only after the disk has taken a log that holds it', async () => {
  const file = join(folder, 'held.db');
  const store = new SqliteStore({ file, now: () => 0 });
  const synced = Promise.withResolvers<Done>();
  disk = ((_fd: number, done: Done) => {
    fs.copyFileSync(file, `${file}.cut`);
    fs.copyFileSync(`${file}-wal`, `${file}.cut-wal`);
    synced.resolve(done);
  }) as typeof real;

  const log: string[] = [];
  store.watch('pods', store.revision, () => log.push('told'));
  const written = store.create('pods', 'a/x', render('pod')).then((stored) => {
    log.push('answered');
    return stored;
  });
  const done = await synced.promise;
  const read = store.get('pods', 'a/x').then((stored) => {
    log.push('seen');
    return stored;
  });
  await turn();
  assert.deepEqual(log, [], 'the disk has not answered yet');
  disk = real;
  done(null);
  const { revision } = await written;
  assert.equal((await read)?.revision, revision);
  assert.deepEqual(new Set(log), new Set(['answered', 'seen', 'told']));
  await store.close();

  const left = new SqliteStore({ file: `${file}.cut`, now: () => 0 });
  assert.equal((await left.get('pods', 'a/x'))?.revision, revision, 'what was synced holds the write');
  await left.close();
});

test('when the disk fails, the write and all behind it are refused', async () => {
  const store = new SqliteStore({ file: join(folder, 'broken.db'), now: () => 0 });
  await store.create('pods', 'a/x', render('pod'));
  disk = ((_fd: number, done: Done) => done(new Error('input/output error'))) as typeof real;
  await assert.rejects(store.create('pods', 'a/y', render('pod')), /input\/output error/);
  disk = real;
  await assert.rejects(store.create('pods', 'a/z', render('pod')), /input\/output error/);
  assert.equal((await store.get('pods', 'a/x'))?.key, 'a/x');
  await store.close();
});

test('a power cut at any moment leaves all that was answered, also while the log is brought into the file', async () => {
  const file = join(folder, 'cut.db');
  const wal = `${file}-wal`;
  const store = new SqliteStore({ file, now: () => 0 });
  /** What the disk is sure to hold: each file as it was when it was last synced. */
  const sure = join(folder, 'sure.db');
  fs.copyFileSync(file, sure);
  const syncs = { log: 0, main: 0 };
  disk = ((fd: number, done: Done) => {
    const isLog = fs.fstatSync(fd).ino === fs.statSync(wal).ino;
    syncs[isLog ? 'log' : 'main'] += 1;
    fs.copyFileSync(isLog ? wal : file, isLog ? `${sure}-wal` : sure);
    setImmediate(() => done(null));
  }) as typeof real;

  const answered = new Map<string, number>();
  const check = async (database: string): Promise<void> => {
    const copy = join(folder, 'opened.db');
    fs.copyFileSync(database, copy);
    fs.copyFileSync(`${sure}-wal`, `${copy}-wal`);
    const left = new SqliteStore({ file: copy, now: () => 0 });
    for (const [key, revision] of answered) {
      const stored = await left.get('pods', key);
      assert.ok(stored !== undefined && stored.revision >= revision, `${key} at ${revision}`);
    }
    await left.close();
  };
  for (let round = 0; round < 60; round += 1) {
    const names = Array.from({ length: 50 }, (_, i) => `a/${round % 7}-${i}`);
    await Promise.all(
      names.map(async (key) => {
        const known = answered.get(key);
        const write =
          known === undefined
            ? store.create('pods', key, render('pod'))
            : store.update('pods', key, known, render('pod'));
        answered.set(key, (await write).revision);
      }),
    );
    // The file may hold all of what was written since its last sync, or nothing.
    await check(sure);
    await check(file);
  }
  assert.ok(syncs.main >= 5, `${syncs.main} checkpoints in ${syncs.log} commits`);
  await store.close();
});
