import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** After a failure the API is not asked again for reads that can be answered otherwise, for this long. */
const RETRY_AFTER_MS = 1_000;
const PROBE_PERIOD_MS = 1_000;

/**
 * Whether the API answers, learnt from every request that passes. While it is away and somebody waits for its return,
 * it is probed.
 */
export class ApiHealth {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #probe: (signal: AbortSignal) => Promise<boolean>;
  #awaySince: number | undefined;
  #failedAt = 0;
  #return: AbortController | undefined;

  /** `probe` asks the API once and says whether it answered. */
  constructor(clock: Clock, logger: Logger, probe: (signal: AbortSignal) => Promise<boolean>) {
    this.#clock = clock;
    this.#logger = logger;
    this.#probe = probe;
  }

  get away(): boolean {
    return this.#awaySince !== undefined;
  }

  /** Whether a request now would most likely only wait in vain. */
  get justFailed(): boolean {
    return this.away && this.#clock.now() - this.#failedAt < RETRY_AFTER_MS;
  }

  failed(error: unknown): void {
    this.#failedAt = this.#clock.now();
    if (this.#awaySince !== undefined) return;
    this.#awaySince = this.#failedAt;
    this.#logger.warn({ err: error }, 'the API does not answer; reads are answered from the edge store');
  }

  answered(): void {
    if (this.#awaySince === undefined) return;
    this.#logger.info({ awayMs: this.#clock.now() - this.#awaySince }, 'the API answers again');
    this.#awaySince = undefined;
    this.#return?.abort();
    this.#return = undefined;
  }

  /** Aborted when the API is back; already aborted where it is not away. Probes from now on, until `signal` ends. */
  returned(signal: AbortSignal): AbortSignal {
    if (!this.away) return AbortSignal.abort();
    if (this.#return === undefined) {
      this.#return = new AbortController();
      void this.#watch(AbortSignal.any([signal, this.#return.signal]));
    }
    return this.#return.signal;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    try {
      while (this.away) {
        await this.#clock.sleep(PROBE_PERIOD_MS, signal);
        if (await this.#probe(signal)) this.answered();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
