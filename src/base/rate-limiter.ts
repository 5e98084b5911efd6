import type { Clock } from './clock.ts';

/** A token bucket: `burst` at once, `perSecond` in the long run. Waiters pass in the order of their coming. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #perSecond: number;
  readonly #burst: number;
  /** When the bucket would be full again; runs ahead of the clock while callers wait. */
  #fullAt = 0;

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  async take(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const tokenMs = 1000 / this.#perSecond;
    this.#fullAt = Math.max(this.#fullAt, now) + tokenMs;
    const waitMs = this.#fullAt - now - this.#burst * tokenMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
