import { StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** How often an API that is away is asked whether it is back. */
const PROBE_PERIOD_MS = 1_000;
/** An API that said nothing for so long is asked whether it is still there: a hung one keeps its connections open. */
const HEARTBEAT_PERIOD_MS = 5_000;

/**
 * Whether the API answers, learnt from every request that passes and from a heartbeat. Once it is away nothing waits for
 * it any more: it is probed until it is back.
 */
export class ApiHealth {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #probe: (signal: AbortSignal) => Promise<boolean>;
  readonly #closing: AbortSignal;
  #awaySince: number | undefined;
  #answeredAt = 0;
  #return = Promise.withResolvers<void>();
  #lost = new AbortController();
  #doubt: Promise<boolean> | undefined;

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

  /** Whether it is being found out if the API is away: nobody should wait for it meanwhile who can do without. */
  get doubted(): boolean {
    return this.#doubt !== undefined;
  }

  /** Aborted as soon as the API is away; what hangs on its connections need not wait any longer. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Resolves when the API is there; rejects with the signal. */
  async present(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.away) return;
    const ended = Promise.withResolvers<never>();
    const abort = (): void => ended.reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#return.promise, ended.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /**
   * One request found no answer: that may be its own fault, or that of what it asked for. Asks whether the API is there, and
   * resolves to whether it is.
   */
  async doubt(why: unknown): Promise<boolean> {
    if (this.away) return false;
    this.#doubt ??= this.#answers().finally(() => (this.#doubt = undefined));
    const there = await this.#doubt;
    if (!there) this.failed(why);
    return there;
  }

  failed(why: unknown): void {
    if (this.#awaySince !== undefined || this.#closing.aborted) return;
    this.#awaySince = this.#clock.now();
    this.#return = Promise.withResolvers<void>();
    this.#logger.warn({ err: why }, 'the API does not answer; reads are answered from the edge store');
    this.#lost.abort(why);
    void this.#awaitReturn();
  }

  answered(): void {
    this.#answeredAt = this.#clock.now();
    if (this.#awaySince === undefined) return;
    this.#logger.info({ awayMs: this.#clock.now() - this.#awaySince }, 'the API answers again');
    this.#awaySince = undefined;
    this.#lost = new AbortController();
    this.#return.resolve();
  }

  /** Looks after an API that is thought to be there, until the closing. */
  async watchOver(): Promise<void> {
    while (!this.#closing.aborted) {
      await this.#clock.sleep(HEARTBEAT_PERIOD_MS, this.#closing).catch(() => undefined);
      if (this.away || this.#clock.now() - this.#answeredAt < HEARTBEAT_PERIOD_MS) continue;
      if (!(await this.#answers()))
        this.failed(new StatusError('Timeout', 'the API server does not answer the heartbeat'));
    }
  }

  async #awaitReturn(): Promise<void> {
    while (this.away && !this.#closing.aborted) {
      await this.#clock.sleep(PROBE_PERIOD_MS, this.#closing).catch(() => undefined);
      await this.#answers();
    }
  }

  async #answers(): Promise<boolean> {
    const answers = !this.#closing.aborted && (await this.#probe(this.#closing).catch(() => false));
    if (answers) this.answered();
    return answers;
  }
}
