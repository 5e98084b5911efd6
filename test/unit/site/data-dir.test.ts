import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDataDir } from '../../../src/site/data-dir.ts';
import { childSays } from '../../support/child-says.ts';

const root = await mkdtemp(join(tmpdir(), 'edgesite-data-'));
after(() => rm(root, { recursive: true }));

test('a folder is made private and keeps its identity', async () => {
  const folder = join(root, 'a', 'b');
  const first = await openDataDir(folder);
  assert.match(first.siteId, /^[0-9a-f]{8}$/);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  first.release();
  const second = await openDataDir(folder);
  assert.equal(second.siteId, first.siteId);
  second.release();
});

test('a second process is refused with a clear error, also after the first one was killed it is let in', async () => {
  const folder = join(root, 'held');
  const script = `import { openDataDir } from './src/site/data-dir.ts'; await openDataDir(${JSON.stringify(folder)});
    console.log('held'); setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.equal(await childSays(holder), 'held');
  await assert.rejects(openDataDir(folder), new RegExp(`in use by another edgesite \\(process ${holder.pid}\\)`));
  const gone = once(holder, 'exit');
  holder.kill('SIGKILL');
  await gone;
  const opened = await openDataDir(folder);
  opened.release();
});

test('a damaged identity is named and kept', async () => {
  const folder = join(root, 'damaged');
  const opened = await openDataDir(folder);
  opened.release();
  await writeFile(join(folder, 'site-id'), 'nonsense');
  await assert.rejects(openDataDir(folder), /site-id is damaged/);
  assert.equal(await readFile(join(folder, 'site-id'), 'utf8'), 'nonsense');
});

test('a path below a file is no data directory', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await assert.rejects(openDataDir(join(file, 'x')), /cannot use the data directory/);
});
