import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';

/** How late a timeout may be noticed: one timer for all requests is cheaper than one for each. */
const SWEEP_PERIOD_MS = 500;

interface Pending {
  readonly at: number;
  readonly reject: (reason: StatusError) => void;
}

/** Ends the wait for work that takes too long. The work itself ends by the signal of its request. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #pending = new Set<Pending>();
  readonly #ending = new AbortController();
  #sweeping = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As the work, but rejects with Timeout once `ms` have gone. */
  async within<T>(ms: number, work: Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const pending = { at: this.#clock.now() + ms, reject };
    this.#pending.add(pending);
    if (!this.#sweeping) void this.#sweep();
    try {
      return await Promise.race([work, late]);
    } finally {
      this.#pending.delete(pending);
    }
  }

  close(): void {
    this.#ending.abort();
  }

  /** Runs only while there is something to wait for. */
  async #sweep(): Promise<void> {
    const { signal } = this.#ending;
    this.#sweeping = true;
    while (this.#pending.size > 0 && !signal.aborted) {
      await this.#clock.sleep(SWEEP_PERIOD_MS, signal).catch(() => undefined);
      const now = this.#clock.now();
      for (const pending of this.#pending) {
        if (pending.at > now) continue;
        this.#pending.delete(pending);
        pending.reject(timedOut());
      }
    }
    this.#sweeping = false;
  }
}

/** In upstream's words. */
function timedOut(): StatusError {
  return new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
}
