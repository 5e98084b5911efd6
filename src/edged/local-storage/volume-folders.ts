/** The folders that are volumes: all of them directly below one root, and nothing else is ever touched. */
import { chmod, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCode } from '../../base/errors.ts';
import { syncFolder } from '../../base/files.ts';
import { mountsBelow } from '../volumes/tmpfs.ts';

/** Others may pass through, but not look around. */
const ROOT_MODE = 0o701;
/** A pod runs as whoever its image says. */
const VOLUME_MODE = 0o777;
const PREFIX = 'pvc-';

export class VolumeFolders {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Resolves to the path once the folder is on the disk; one that is there keeps what it holds. */
  async make(name: string): Promise<string> {
    const path = join(this.root, name);
    this.#assertOurs(path);
    await mkdir(this.root, { recursive: true, mode: ROOT_MODE });
    await mkdir(path, { recursive: true });
    await chmod(path, VOLUME_MODE);
    await syncFolder(this.root);
    return path;
  }

  /**
   * Takes the folder away with all that is in it; links are removed, never followed. Nothing where it is gone already.
   * Rejects, and leaves everything, where the path is none of ours or something is mounted there.
   */
  async remove(path: string): Promise<void> {
    this.#assertOurs(path);
    const [mounted] = await mountsBelow(path);
    if (mounted !== undefined) throw new Error(`${mounted} is mounted: unmount it, and ${path} will be removed`);
    await rm(path, { recursive: true, force: true });
    await syncFolder(this.root);
  }

  #assertOurs(path: string): void {
    if (dirname(path) === this.root && basename(path).startsWith(PREFIX)) return;
    throw new Error(`${path} is not a folder of ${this.root}: it is left alone`);
  }

  /** Takes empty folders away that no volume knows: a crash may leave one behind. What holds anything stays. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const name of await namesIn(this.root)) {
      const path = join(this.root, name);
      if (name.startsWith(PREFIX) && !known.has(path)) await rmdir(path).catch(() => undefined); // it is not empty
    }
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
