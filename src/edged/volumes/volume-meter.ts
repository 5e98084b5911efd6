/** What volumes hold. Looking takes time, so an answer is what the last look saw: one look at a time, in the background. */
import { lstat, opendir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { errorCode, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

/** As kubelet's `volumeStatsAggPeriod`. */
const FRESH_MS = 60_000;
/** Volumes that nobody has asked for in this time are forgotten. */
const FORGET_MS = 10 * FRESH_MS;
const BLOCK_BYTES = 512;

export interface FolderUsage {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly usedBytes: number;
  readonly inodesUsed: number;
  /** Of the file system that the folder is on. */
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

interface Known {
  usage: FolderUsage | undefined;
  measuredAt: number;
  askedAt: number;
}

export class VolumeMeter {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #known = new Map<string, Known>();
  readonly #closing = new AbortController();
  #measuring: Promise<void> | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** What was seen lately; nothing before the first look. */
  usage(path: string): FolderUsage | undefined {
    const askedAt = this.#clock.now();
    const known = this.#known.get(path) ?? { usage: undefined, measuredAt: Number.NEGATIVE_INFINITY, askedAt };
    known.askedAt = askedAt;
    this.#known.set(path, known);
    if (this.#isStale(known)) this.#measuring ??= this.#measureAll().finally(() => (this.#measuring = undefined));
    return known.usage;
  }

  /** Resolves when no look is under way. */
  async idle(): Promise<void> {
    await this.#measuring;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#measuring;
  }

  #isStale({ measuredAt }: Known): boolean {
    return measuredAt + FRESH_MS <= this.#clock.now();
  }

  async #measureAll(): Promise<void> {
    for (const [path, known] of this.#known) {
      if (this.#closing.signal.aborted) return;
      if (known.askedAt + FORGET_MS < this.#clock.now()) this.#known.delete(path);
      else if (this.#isStale(known)) await this.#measure(path, known);
    }
  }

  async #measure(path: string, known: Known): Promise<void> {
    known.measuredAt = this.#clock.now();
    try {
      const { bytes, inodes } = await held(path, this.#closing.signal);
      const { bsize, blocks, bavail, files, ffree } = await statfs(path);
      known.usage = {
        time: known.measuredAt,
        usedBytes: bytes,
        inodesUsed: inodes,
        capacityBytes: blocks * bsize,
        availableBytes: bavail * bsize,
        inodes: files,
        inodesFree: ffree,
      };
    } catch (error) {
      this.#logger.debug({ path, why: messageOf(error) }, 'a volume could not be measured');
    }
  }
}

interface Sum {
  bytes: number;
  inodes: number;
}

/** What `du` counts: blocks on this file system, a file with several names once. */
async function held(root: string, signal: AbortSignal): Promise<Sum> {
  const sum = { bytes: 0, inodes: 0 };
  const seen = new Set<number>();
  const { dev } = await lstat(root);
  const count = async (path: string): Promise<void> => {
    signal.throwIfAborted();
    const stats = await lstat(path);
    if (stats.dev !== dev || seen.has(stats.ino)) return;
    if (stats.nlink > 1 && !stats.isDirectory()) seen.add(stats.ino);
    sum.bytes += stats.blocks * BLOCK_BYTES;
    sum.inodes += 1;
    if (!stats.isDirectory()) return;
    for await (const { name } of await opendir(path)) await count(join(path, name)).catch(ignoreGone);
  };
  await count(root);
  return sum;
}

/** Files come and go while they are counted. */
function ignoreGone(error: unknown): void {
  if (errorCode(error) !== 'ENOENT') throw error;
}
