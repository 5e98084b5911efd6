import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

/** How long to wait before a round that was not enough, or failed, is gone again. */
const RETRY_MS = 1_000;

export interface RoundsParts {
  /** Brings things in step as they are now. Whether all is done. */
  readonly round: (signal: AbortSignal) => Promise<boolean>;
  /** What is told where a round fails. */
  readonly failure: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Goes one round after the other while there is something to do: whatever happens during a round leads to the next. */
export class Rounds {
  readonly #parts: RoundsParts;
  readonly #ending = new AbortController();
  #dirty = false;
  #worker: Promise<void> | undefined;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  wake(): void {
    this.#dirty = true;
    this.#worker ??= this.#work().finally(() => {
      this.#worker = undefined;
    });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#worker;
  }

  async #work(): Promise<void> {
    const { round, failure, clock, logger } = this.#parts;
    while (this.#dirty && !this.signal.aborted) {
      this.#dirty = false;
      try {
        if (await round(this.signal)) continue;
      } catch (error) {
        if (this.signal.aborted) return;
        logger.warn({ why: messageOf(error) }, failure);
      }
      this.#dirty = true;
      await clock.sleep(RETRY_MS, this.signal).catch(() => undefined);
    }
  }
}
