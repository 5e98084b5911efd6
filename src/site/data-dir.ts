/** The folder that holds all state of a site: made private, held by one process at a time, with an identity of its own. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorCode, messageOf, UserError } from '../base/errors.ts';
import { PRIVATE_MODE, PUBLIC_MODE, readTextIfThere, writeFileAtomic } from '../base/files.ts';
import { lockFile } from '../base/sqlite.ts';

const FOLDER_MODE = 0o700;
const SITE_ID = /^[0-9a-f]{8}$/;

export interface DataDir {
  readonly path: string;
  /** Eight hexadecimal digits that tell the containers and networks of this site from those of others. */
  readonly siteId: string;
  release(): void;
}

/** Throws UserError when the folder cannot be used or another process holds it. */
export async function openDataDir(folder: string): Promise<DataDir> {
  const path = resolve(folder);
  try {
    await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  } catch (error) {
    throw inaccessible(path, error);
  }
  const lock = await acquire(path);
  try {
    return { path, siteId: await siteIdOf(path), release: () => lock.release() };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function acquire(path: string): Promise<{ release(): void }> {
  let lock: ReturnType<typeof lockFile>;
  try {
    lock = lockFile(join(path, 'lock'));
  } catch (error) {
    throw inaccessible(path, error);
  }
  const pidFile = join(path, 'pid');
  if (lock === undefined) {
    const pid = (await readTextIfThere(pidFile))?.trim() ?? 'unknown';
    throw new UserError(
      `${path} is in use by another edgesite (process ${pid}). Stop that one first, or give this one a data ` +
        'directory and ports of its own with --data-dir and --set.',
    );
  }
  await writeFileAtomic(pidFile, `${process.pid}\n`, PUBLIC_MODE);
  return lock;
}

async function siteIdOf(path: string): Promise<string> {
  const file = join(path, 'site-id');
  const stored = (await readTextIfThere(file))?.trim();
  if (stored === undefined) {
    const made = randomUUID().slice(0, 8);
    await writeFileAtomic(file, `${made}\n`, PRIVATE_MODE);
    return made;
  }
  if (SITE_ID.test(stored)) return stored;
  throw new UserError(
    `${file} is damaged: expected eight hexadecimal digits, found ${JSON.stringify(stored.slice(0, 40))}. Nothing was ` +
      'changed. Restore it from a backup; docker ps shows the id of this site in the label edgesite.io/site.',
  );
}

function inaccessible(path: string, error: unknown): UserError {
  const hint = errorCode(error) === 'EACCES' ? 'Run as root, or choose' : 'Choose';
  return new UserError(`cannot use the data directory ${path}: ${messageOf(error)}. ${hint} another with --data-dir.`, {
    cause: error,
  });
}
