import type { Clock } from './clock.ts';

export interface WorkQueueOptions {
  readonly clock: Clock;
  /** How many keys are worked on at once. */
  readonly concurrency: number;
  /** Must not reject: what went wrong with a key is the worker's to handle. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
}

/**
 * A queue of keys. A key stands in it at most once, and at most one worker has it: a key added while it is being worked
 * on is worked on once more afterwards. So the worker reads the present state and no change is missed. Bounded by the
 * number of keys there are.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #pending = new Set<string>();
  readonly #active = new Set<string>();
  readonly #dirty = new Set<string>();
  readonly #delayed = new Map<string, { at: number; cancel: AbortController }>();
  readonly #closing = new AbortController();
  #idle: { promise: Promise<void>; resolve: () => void } | undefined;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  add(key: string): void {
    if (this.#closing.signal.aborted) return;
    if (this.#active.has(key)) this.#dirty.add(key);
    else this.#pending.add(key);
    this.#dispatch();
  }

  /** Adds the key after `ms`. Of several delays of one key the earliest wins; `add` does not cancel it. */
  addAfter(key: string, ms: number): void {
    if (this.#closing.signal.aborted) return;
    if (ms <= 0) return this.add(key);
    const at = this.#options.clock.now() + ms;
    const other = this.#delayed.get(key);
    if (other !== undefined && other.at <= at) return;
    other?.cancel.abort();
    const cancel = new AbortController();
    this.#delayed.set(key, { at, cancel });
    void this.#addWhenDue(key, ms, cancel.signal);
  }

  /** Resolves when nothing is pending or under way (delayed keys aside). */
  idle(): Promise<void> {
    if (this.#pending.size === 0 && this.#active.size === 0) return Promise.resolve();
    this.#idle ??= Promise.withResolvers<void>();
    return this.#idle.promise;
  }

  /** Forgets what waits, aborts the signal of what is under way and waits for it. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#pending.clear();
    this.#dirty.clear();
    for (const { cancel } of this.#delayed.values()) cancel.abort();
    this.#delayed.clear();
    await this.idle();
  }

  async #addWhenDue(key: string, ms: number, signal: AbortSignal): Promise<void> {
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch {
      return; // cancelled: an earlier delay took its place, or the queue closes
    }
    this.#delayed.delete(key);
    this.add(key);
  }

  #dispatch(): void {
    for (const key of this.#pending) {
      if (this.#active.size >= this.#options.concurrency) return;
      this.#pending.delete(key);
      this.#active.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    await Promise.resolve(); // what is added in the same turn is worked on together
    await this.#options.work(key, this.#closing.signal);
    this.#active.delete(key);
    if (this.#dirty.delete(key)) this.#pending.add(key);
    this.#dispatch();
    if (this.#pending.size > 0 || this.#active.size > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }
}
