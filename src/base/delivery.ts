import { type BackoffPolicy, backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';

/** The receiver has said no for good: trying again is of no use. */
export class DeliveryRefused extends Error {
  override readonly name = 'DeliveryRefused';
}

export interface DeliveryOptions<T> {
  /** One try. Rejects where the item was not taken, with DeliveryRefused where it never will be. */
  readonly deliver: (item: T, signal: AbortSignal) => Promise<void>;
  /** What has become of an item; `error`: why it was given up. */
  readonly done: (item: T, error?: unknown) => void;
  /** A try was in vain, and another one follows. */
  readonly onRetry?: (item: T, error: unknown) => void;
  readonly bytesOf: (item: T) => number;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  /** Which items give way where too many wait: the one that comes, or those that wait longest. */
  readonly givesWay: 'newest' | 'oldest';
  /** After the first try. */
  readonly maxRetries: number;
  readonly retry: BackoffPolicy;
  readonly clock: Clock;
  readonly random: () => number;
}

/** Items on their way to one receiver: one after the other, in order, each tried again where it was not taken. */
export class Delivery<T> {
  readonly #options: DeliveryOptions<T>;
  readonly #waiting: T[] = [];
  readonly #closing = new AbortController();
  /** Of what waits and what is under way. */
  #bytes = 0;
  #worker: Promise<void> | undefined;

  constructor(options: DeliveryOptions<T>) {
    this.#options = options;
  }

  /** How many items wait, besides the one under way. */
  get waiting(): number {
    return this.#waiting.length;
  }

  add(item: T): void {
    const { bytesOf, givesWay, maxWaitingBytes, done } = this.#options;
    if (this.#closing.signal.aborted) return;
    const bytes = bytesOf(item);
    if (bytes > maxWaitingBytes) return done(item, new Error(`the message is longer than ${maxWaitingBytes} bytes`));
    if (givesWay === 'oldest') this.#makeRoom(bytes);
    if (!this.#hasRoom(bytes)) return done(item, new Error('too many messages are waiting already'));
    this.#waiting.push(item);
    this.#bytes += bytes;
    this.#worker ??= this.#work(this.#closing.signal).finally(() => {
      this.#worker = undefined;
    });
  }

  /** Forgets what waits. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#worker;
  }

  #hasRoom(bytes: number): boolean {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    return this.#waiting.length < maxWaiting && this.#bytes + bytes <= maxWaitingBytes;
  }

  /** As far as those that wait can make it. */
  #makeRoom(bytes: number): void {
    while (!this.#hasRoom(bytes)) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) return;
      this.#bytes -= this.#options.bytesOf(oldest);
      this.#options.done(oldest, new Error('newer messages took its place'));
    }
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let item = this.#waiting.shift(); item !== undefined; item = this.#waiting.shift()) {
      const error = await this.#tryAll(item, signal);
      if (signal.aborted) return;
      this.#bytes -= this.#options.bytesOf(item);
      this.#options.done(item, error);
    }
  }

  /** Why it was given up; nothing where it was delivered. */
  async #tryAll(item: T, signal: AbortSignal): Promise<unknown> {
    const { deliver, onRetry, maxRetries, retry, clock, random } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await deliver(item, signal);
        return undefined;
      } catch (error) {
        if (attempt === maxRetries || signal.aborted || error instanceof DeliveryRefused) return error;
        onRetry?.(item, error);
      }
      await clock.sleep(backoffMs(retry, attempt, random), signal).catch(() => undefined); // ended by `close`
    }
  }
}
