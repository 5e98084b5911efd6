import type { Pod } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { MachineFacts } from '../node/node-facts.ts';
import { MEMORY_RESERVE_BYTES } from '../node/node-status.ts';
import type { UsageSource } from '../server/ports.ts';
import { planEviction } from './plan-eviction.ts';

/** As kubelet's housekeeping. */
const PERIOD_MS = 10_000;

export interface EvictorParts {
  readonly readMachine: () => Promise<Pick<MachineFacts, 'memoryAvailableBytes'>>;
  readonly usage: UsageSource;
  /** With the status that they have here. */
  readonly pods: () => readonly Pod[];
  readonly evict: (podUid: string, message: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends one pod after another while the node has less memory than it must keep free, before the kernel picks its own. */
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

  /** What containers use is asked only where memory is short. */
  async #look(signal: AbortSignal): Promise<void> {
    const { readMachine, usage, pods, evict, logger } = this.#parts;
    const { memoryAvailableBytes: availableBytes } = await readMachine();
    if (availableBytes >= MEMORY_RESERVE_BYTES) return;
    const memory = { availableBytes, thresholdBytes: MEMORY_RESERVE_BYTES };
    const eviction = planEviction(pods(), await usage.containers(signal), memory);
    if (eviction === undefined)
      return logger.warn({ availableBytes }, 'memory is short, and no pod may be ended for it');
    logger.warn({ uid: eviction.podUid, why: eviction.message }, 'memory is short: a pod is ended');
    evict(eviction.podUid, eviction.message);
  }
}
