import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

const PROBE_PERIOD_MS = 1_000;

/**
 * Whether the API answers, learnt from every request that passes. Once it is away nothing waits for it any more: it is
 * probed until it is back.
 */
export class ApiHealth {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #probe: (signal: AbortSignal) => Promise<boolean>;
  readonly #closing: AbortSignal;
  #awaySince: number | undefined;
  #return = new AbortController();

  /** `probe` asks the API once and says whether it answered; `closing` ends the probing. */
  constructor(clock: Clock, logger: Logger, probe: (signal: AbortSignal) => Promise<boolean>, closing: AbortSignal) {
    this.#clock = clock;
    this.#logger = logger;
    this.#probe = probe;
    this.#closing = closing;
  }

  get away(): boolean {
    return this.#awaySince !== undefined;
  }

  /** Aborted when the API is back. */
  get returned(): AbortSignal {
    return this.away ? this.#return.signal : AbortSignal.abort();
  }

  failed(error: unknown): void {
    if (this.#awaySince !== undefined || this.#closing.aborted) return;
    this.#awaySince = this.#clock.now();
    this.#return = new AbortController();
    this.#logger.warn({ err: error }, 'the API does not answer; reads are answered from the edge store');
    void this.#watch(AbortSignal.any([this.#closing, this.#return.signal]));
  }

  answered(): void {
    if (this.#awaySince === undefined) return;
    this.#logger.info({ awayMs: this.#clock.now() - this.#awaySince }, 'the API answers again');
    this.#awaySince = undefined;
    this.#return.abort();
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
