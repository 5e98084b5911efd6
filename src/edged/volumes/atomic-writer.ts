/**
 * Files that change all at once, as kubelet's AtomicWriter lays them out: the payload in a dated folder, `..data` a link
 * to it, and for each first segment of a path a link through `..data`. Readers see the old or the new, never a mixture.
 */
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../base/errors.ts';
import type { Payload, PayloadFile } from './payload.ts';

const DATA = '..data';
const NEW_DATA = '..data_tmp';
const FOLDER_MODE = 0o755;

export interface Ownership {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** Makes the volume hold exactly this payload; `now` dates the folder. Resolves to whether anything changed. */
export async function writeAtomically(
  folder: string,
  payload: Payload,
  ownership: Ownership,
  now: number,
): Promise<boolean> {
  await mkdir(folder, { recursive: true, mode: FOLDER_MODE });
  await chmod(folder, FOLDER_MODE);
  const before = await currentFolder(folder);
  if (before !== undefined && (await holds(join(folder, before), payload))) return false;
  const dated = await mkdtemp(join(folder, `..${stamp(now)}.`));
  await chmod(dated, FOLDER_MODE);
  for (const [path, file] of payload) await put(dated, path, file, ownership);
  await rm(join(folder, NEW_DATA), { force: true });
  await symlink(basename(dated), join(folder, NEW_DATA));
  await rename(join(folder, NEW_DATA), join(folder, DATA));
  await linkNames(folder, payload);
  if (before !== undefined) await rm(join(folder, before), { recursive: true, force: true });
  return true;
}

async function put(dated: string, path: string, file: PayloadFile, { uid, gid }: Ownership): Promise<void> {
  const target = join(dated, path);
  await mkdir(dirname(target), { recursive: true, mode: FOLDER_MODE });
  await writeFile(target, file.data);
  // After the content: neither the process's mask nor a mode without write permission may get in the way.
  await chmod(target, gid === undefined ? file.mode : file.mode | 0o440);
  if (uid !== undefined || gid !== undefined) await chown(target, uid ?? 0, gid ?? 0);
}

async function linkNames(folder: string, payload: Payload): Promise<void> {
  const wanted = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  const there = (await readdir(folder)).filter((name) => !name.startsWith('..'));
  for (const name of there.filter((name) => !wanted.has(name))) await rm(join(folder, name), { force: true });
  for (const name of wanted) if (!there.includes(name)) await symlink(join(DATA, name), join(folder, name));
}

async function currentFolder(folder: string): Promise<string | undefined> {
  try {
    return await readlink(join(folder, DATA));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function holds(dated: string, payload: Payload): Promise<boolean> {
  try {
    if ((await filesIn(dated)).length !== payload.size) return false;
    for (const [path, { data, mode }] of payload) {
      const target = join(dated, path);
      const [content, stats] = await Promise.all([readFile(target), lstat(target)]);
      if (!content.equals(data) || (stats.mode & mode) !== mode) return false;
    }
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
}

/** `2026_11_21_12_00_00` */
function stamp(now: number): string {
  return new Date(now).toISOString().slice(0, 19).replace(/[-T:]/g, '_');
}
