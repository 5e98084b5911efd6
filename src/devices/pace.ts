import type { Clock } from '../base/clock.ts';

/** How long a key that was written rests: what changes faster than it can be told is told at intervals, the newest. */
export class Pace {
  readonly #clock: Clock;
  readonly #restMs: number;
  /** When a key was written, the earliest first. */
  readonly #writtenAt = new Map<string, number>();

  constructor(clock: Clock, restMs: number) {
    this.#clock = clock;
    this.#restMs = restMs;
  }

  written(key: string): void {
    this.#writtenAt.delete(key);
    this.#writtenAt.set(key, this.#clock.now());
  }

  /** Milliseconds until the key may be written again, 0 where it may now. */
  restOf(key: string): number {
    for (const [each, at] of this.#writtenAt) {
      if (this.#left(at) > 0) break;
      this.#writtenAt.delete(each);
    }
    const at = this.#writtenAt.get(key);
    return at === undefined ? 0 : this.#left(at);
  }

  /** A time that lies ahead was taken before the clock was set back. */
  #left(at: number): number {
    const since = this.#clock.now() - at;
    return since < 0 ? 0 : Math.max(0, this.#restMs - since);
  }
}
