import type { Clock } from '../base/clock.ts';

/** Gathers keys and hands them on together, each once in a period: what changes often is looked at less often. */
export class Coalescer {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #handOn: (key: string) => void;
  readonly #keys = new Set<string>();
  readonly #closing = new AbortController();
  #waiting: Promise<void> | undefined;

  constructor(clock: Clock, periodMs: number, handOn: (key: string) => void) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#handOn = handOn;
  }

  add(key: string): void {
    if (this.#closing.signal.aborted) return;
    this.#keys.add(key);
    this.#waiting ??= this.#wait();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#waiting;
  }

  async #wait(): Promise<void> {
    await this.#clock.sleep(this.#periodMs, this.#closing.signal).catch(() => undefined); // ended by `close`
    this.#waiting = undefined;
    const keys = [...this.#keys];
    this.#keys.clear();
    if (!this.#closing.signal.aborted) for (const key of keys) this.#handOn(key);
  }
}
