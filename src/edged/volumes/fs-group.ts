/** Makes what a volume holds writable for the group of a pod, as kubelet does (`pkg/volume/volume_linux.go`). */
import { chmod, lchown, lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER_MODE = 0o2770;
const FILE_MODE = 0o660;
const PERMISSIONS = 0o7777;

/** `OnRootMismatch`: only where the root of the volume is not the group's yet. Links are not followed. */
export async function giveToGroup(root: string, gid: number, policy: string, signal: AbortSignal): Promise<void> {
  if (policy === 'OnRootMismatch' && (await belongs(root, gid))) return;
  await give(root, gid, signal);
}

async function belongs(root: string, gid: number): Promise<boolean> {
  const stats = await lstat(root);
  return stats.gid === gid && (stats.mode & FOLDER_MODE) === FOLDER_MODE;
}

/** A folder comes after what is in it: one that was cut short is begun again. */
async function give(path: string, gid: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const stats = await lstat(path);
  if (stats.isDirectory()) {
    for await (const { name } of await opendir(path)) await give(join(path, name), gid, signal);
  }
  const isGiven = stats.gid === gid;
  if (!isGiven) await lchown(path, stats.uid, gid);
  const mode = (stats.mode & PERMISSIONS) | (stats.isDirectory() ? FOLDER_MODE : FILE_MODE);
  // Another group takes bits of the mode with it.
  const isOpen = isGiven && mode === (stats.mode & PERMISSIONS);
  if (!stats.isSymbolicLink() && !isOpen) await chmod(path, mode);
}
