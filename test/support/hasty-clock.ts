import type { Clock } from '../../src/base/clock.ts';

/** The system's time, save that a test may let some of it pass at once: who sleeps wakes that much sooner. */
export class HastyClock implements Clock {
  #ahead = 0;
  readonly #sleepers = new Set<() => void>();

  now(): number {
    return Date.now() + this.#ahead;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    const until = this.now() + ms;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const finish = (end: () => void): void => {
        clearTimeout(timer);
        this.#sleepers.delete(look);
        signal.removeEventListener('abort', abort);
        end();
      };
      const abort = (): void => finish(() => reject(signal.reason as Error));
      const look = (): void => {
        clearTimeout(timer);
        const left = until - this.now();
        if (left <= 0) finish(resolve);
        else timer = setTimeout(look, left);
      };
      this.#sleepers.add(look);
      signal.addEventListener('abort', abort, { once: true });
      look();
    });
  }

  advance(ms: number): void {
    this.#ahead += ms;
    for (const look of this.#sleepers) look();
  }
}
