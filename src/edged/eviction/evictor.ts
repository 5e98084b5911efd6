import type { Pod } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { MachineFacts } from '../node/node-facts.ts';
import { DISK_RESERVE_SHARE, MEMORY_RESERVE_BYTES } from '../node/node-status.ts';
import { planEviction, type Share, type Shortage } from './plan-eviction.ts';

/** As kubelet's housekeeping. */
const PERIOD_MS = 10_000;

export type PressureFacts = Pick<MachineFacts, 'diskAvailableBytes' | 'diskBytes' | 'memoryAvailableBytes'>;

export interface EvictorParts {
  readonly readMachine: () => Promise<PressureFacts>;
  /** What the pods use of it: asked only where it is short. */
  readonly shares: Readonly<Record<Shortage['resource'], (signal: AbortSignal) => Promise<readonly Share[]>>>;
  /** Takes away what nobody needs of the disk: ended containers, unused images. */
  readonly reclaimDisk: (signal: AbortSignal) => Promise<void>;
  /** With the status that they have here. */
  readonly pods: () => readonly Pod[];
  readonly evict: (podUid: string, message: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends one pod after another while the node has less memory or disk than it must keep free. */
export class Evictor {
  readonly #parts: EvictorParts;
  readonly #closing = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(parts: EvictorParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop ??= this.#run(this.#closing.signal);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    while (!signal.aborted) {
      await this.#look(signal).catch((error: unknown) => {
        if (!signal.aborted) logger.warn({ why: messageOf(error) }, 'what runs short could not be looked at');
      });
      await clock.sleep(PERIOD_MS, signal).catch(() => undefined); // closing
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { shares, pods, evict, logger } = this.#parts;
    const shortage = await this.#shortage(signal);
    if (shortage === undefined) return;
    const eviction = planEviction(pods(), await shares[shortage.resource](signal), shortage);
    if (eviction === undefined)
      return logger.warn({ ...shortage }, 'the node runs short, and no pod may be ended for it');
    logger.warn({ uid: eviction.podUid, why: eviction.message }, 'the node runs short: a pod is ended');
    evict(eviction.podUid, eviction.message);
  }

  async #shortage(signal: AbortSignal): Promise<Shortage | undefined> {
    const { readMachine, reclaimDisk } = this.#parts;
    const shortage = shortageOf(await readMachine());
    if (shortage?.resource !== 'ephemeral-storage') return shortage;
    await reclaimDisk(signal);
    return shortageOf(await readMachine());
  }
}

/** Memory first: the kernel does not wait. */
export function shortageOf(machine: PressureFacts): Shortage | undefined {
  const { diskBytes, diskAvailableBytes, memoryAvailableBytes } = machine;
  if (memoryAvailableBytes < MEMORY_RESERVE_BYTES) {
    return { resource: 'memory', availableBytes: memoryAvailableBytes, thresholdBytes: MEMORY_RESERVE_BYTES };
  }
  const thresholdBytes = Math.floor(diskBytes * DISK_RESERVE_SHARE);
  if (diskAvailableBytes >= thresholdBytes) return undefined;
  return { resource: 'ephemeral-storage', availableBytes: diskAvailableBytes, thresholdBytes };
}
