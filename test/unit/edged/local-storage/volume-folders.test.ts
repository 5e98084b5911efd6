import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { VolumeFolders } from '../../../../src/edged/local-storage/volume-folders.ts';

const base = await mkdtemp(join(tmpdir(), 'edgesite-folders-'));
after(() => rm(base, { recursive: true, force: true }));
const root = join(base, 'deep', 'storage');
const folders = new VolumeFolders(root);

test('a volume is open to every user, and made anew keeps what it holds', async () => {
  const path = await folders.make('pvc-1_default_data');
  assert.equal((await stat(path)).mode & 0o7777, 0o777);
  await writeFile(join(path, 'file'), 'kept');
  assert.equal(await folders.make('pvc-1_default_data'), path);
  assert.equal(await readFile(join(path, 'file'), 'utf8'), 'kept');
  await folders.remove(path);
  await folders.remove(path); // a crash may have come between the removal and its note
  assert.deepEqual(await readdir(root), []);
});

test('only folders of the root are removed', async () => {
  const outside = join(base, 'pvc-outside');
  await mkdir(outside);
  await folders.make('pvc-2');
  const refused = [
    outside,
    root,
    base,
    '/',
    '',
    join(root, '..', 'pvc-x'),
    `${root}/pvc-2/..`,
    join(root, 'pvc-2', 'pvc-in'),
    join(root, 'other'),
  ];
  for (const path of refused) await assert.rejects(folders.remove(path), /is left alone/, path);
  for (const name of ['../pvc-x', 'pvc-2/../../pvc-x', ''])
    await assert.rejects(folders.make(name), /is left alone/, name);
  assert.deepEqual(await readdir(root), ['pvc-2']);
  assert.ok((await stat(outside)).isDirectory());
});

test('links lead nowhere', async () => {
  const outside = join(base, 'precious');
  await mkdir(outside);
  await writeFile(join(outside, 'file'), 'precious');
  const path = await folders.make('pvc-3');
  await symlink(outside, join(path, 'link'));
  await symlink(outside, join(root, 'pvc-4'));
  await folders.remove(path);
  await folders.remove(join(root, 'pvc-4'));
  assert.equal(await readFile(join(outside, 'file'), 'utf8'), 'precious');
  assert.ok(!(await readdir(root)).some((name) => name === 'pvc-3' || name === 'pvc-4'));
});

test('a sweep takes empty folders that no volume knows, and nothing else', async () => {
  await rm(root, { recursive: true });
  await folders.sweep(new Set()); // no root yet
  const known = await folders.make('pvc-known');
  await folders.make('pvc-orphan');
  await writeFile(join(await folders.make('pvc-full'), 'file'), 'data');
  await mkdir(join(root, 'lost+found'));
  await folders.sweep(new Set([known]));
  assert.deepEqual((await readdir(root)).sort(), ['lost+found', 'pvc-full', 'pvc-known']);
});
