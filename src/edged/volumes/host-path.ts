/** Whether a path of the host is what the pod says it is; makes it where the pod asks for that. */
import { type Stats } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { errorCode } from '../../base/errors.ts';

const CHECKS: Readonly<Record<string, { is: (stats: Stats) => boolean; what: string }>> = {
  Directory: { is: (stats) => stats.isDirectory(), what: 'a directory' },
  DirectoryOrCreate: { is: (stats) => stats.isDirectory(), what: 'a directory' },
  File: { is: (stats) => stats.isFile(), what: 'a file' },
  FileOrCreate: { is: (stats) => stats.isFile(), what: 'a file' },
  Socket: { is: (stats) => stats.isSocket(), what: 'a socket' },
  CharDevice: { is: (stats) => stats.isCharacterDevice(), what: 'a character device' },
  BlockDevice: { is: (stats) => stats.isBlockDevice(), what: 'a block device' },
};

const FOLDER_MODE = 0o755;
const FILE_MODE = 0o644;

/** Rejects with a sentence as kubelet's: `hostPath type check failed: /x is not a directory`. */
export async function checkHostPath(path: string, type: string): Promise<void> {
  if (type === 'DirectoryOrCreate') await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  if (type === 'FileOrCreate') await (await open(path, 'a', FILE_MODE)).close();
  const check = CHECKS[type];
  if (check === undefined) {
    // No type, no check: what is missing becomes a folder, as Docker has always done.
    if ((await statIfThere(path)) === undefined) await mkdir(path, { recursive: true, mode: FOLDER_MODE });
    return;
  }
  const stats = await statIfThere(path);
  if (stats === undefined || !check.is(stats)) {
    throw new Error(`hostPath type check failed: ${path} is not ${check.what}`);
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
