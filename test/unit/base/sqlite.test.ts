import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { UserError } from '../../../src/base/errors.ts';
import { openDatabase } from '../../../src/base/sqlite.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgesite-sqlite-'));
after(() => rmSync(folder, { recursive: true }));

const OPTIONS = { applicationId: 77, migrations: ['CREATE TABLE t (k TEXT PRIMARY KEY, v BLOB)'] };

test('a file keeps its rows, is private, and is upgraded by the migrations it lacks', () => {
  const file = join(folder, 'rows.db');
  const first = openDatabase(file, OPTIONS);
  assert.equal(first.prepare('INSERT INTO t VALUES (?, ?)').run('a', Buffer.from('1')), 1);
  first.close();
  first.close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const second = openDatabase(file, {
    ...OPTIONS,
    migrations: [...OPTIONS.migrations, 'ALTER TABLE t ADD COLUMN w TEXT'],
  });
  assert.deepEqual(second.prepare('SELECT k, w FROM t').all(), [{ k: 'a', w: null }]);
  second.close();
  assert.throws(() => openDatabase(file, OPTIONS), /written by a newer version/);
});

test('a transaction that throws leaves nothing, an inner one takes back only itself', () => {
  const database = openDatabase(join(folder, 'tx.db'), OPTIONS);
  const insert = database.prepare('INSERT INTO t VALUES (?, NULL)');
  database.transaction(() => {
    insert.run('kept');
    assert.throws(() =>
      database.transaction(() => {
        insert.run('lost');
        throw new Error('no');
      }),
    );
  });
  assert.deepEqual(database.prepare('SELECT k FROM t').all(), [{ k: 'kept' }]);
  database.close();
});

test('a file that is no database, damaged or of another program is named and left as it is', () => {
  const text = join(folder, 'text.db');
  writeFileSync(text, 'not a database, but long enough to be read as the header of one\n'.repeat(100));
  const before = readFileSync(text);
  assert.throws(() => openDatabase(text, OPTIONS), { name: 'UserError', message: new RegExp(text) });
  assert.deepEqual(readFileSync(text), before);

  const foreign = join(folder, 'foreign.db');
  openDatabase(foreign, OPTIONS).close();
  assert.throws(() => openDatabase(foreign, { ...OPTIONS, applicationId: 78 }), /another program/);

  const broken = join(folder, 'broken.db');
  const database = openDatabase(broken, OPTIONS);
  const insert = database.prepare('INSERT INTO t VALUES (?, ?)');
  for (let i = 0; i < 200; i += 1) insert.run(`k${i}`, Buffer.alloc(500, i));
  database.close();
  const bytes = readFileSync(broken);
  bytes.fill(0xa5, 8192, 20_000);
  writeFileSync(broken, bytes);
  assert.throws(
    () => openDatabase(broken, OPTIONS),
    (error) => error instanceof UserError && error.message.includes(broken),
  );
  assert.deepEqual(readFileSync(broken), bytes);
});
