import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';

/** Messages of one rule that may wait; newer ones fail. */
export const MAX_WAITING = 1_000;
export const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** After the first try. */
export const MAX_RETRIES = 3;
const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 5_000, jitter: 0.2 };

export interface DeliveryNeeds {
  /** One try. Rejects where the message was not taken. */
  readonly deliver: (payload: Buffer, signal: AbortSignal) => Promise<void>;
  /** `error`: why a message was given up. */
  readonly done: (error?: string) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The messages of one rule on their way: one after the other, in order, each tried a few times. */
export class Delivery {
  readonly #needs: DeliveryNeeds;
  readonly #waiting: Buffer[] = [];
  readonly #closing = new AbortController();
  #bytes = 0;
  #worker: Promise<void> | undefined;

  constructor(needs: DeliveryNeeds) {
    this.#needs = needs;
  }

  add(payload: Buffer): void {
    if (this.#waiting.length >= MAX_WAITING || this.#bytes + payload.length > MAX_WAITING_BYTES) {
      return this.#needs.done('too many messages are waiting already');
    }
    this.#waiting.push(payload);
    this.#bytes += payload.length;
    this.#worker ??= this.#work(this.#closing.signal).finally(() => {
      this.#worker = undefined;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#worker;
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let payload = this.#waiting[0]; payload !== undefined && !signal.aborted; payload = this.#waiting[0]) {
      const error = await this.#tryAll(payload, signal);
      if (signal.aborted) return;
      this.#waiting.shift();
      this.#bytes -= payload.length;
      this.#needs.done(error);
    }
  }

  /** Why it was given up; nothing where it was delivered. */
  async #tryAll(payload: Buffer, signal: AbortSignal): Promise<string | undefined> {
    const { clock, random, deliver } = this.#needs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        await deliver(payload, signal);
        return undefined;
      } catch (error) {
        if (attempt === MAX_RETRIES || signal.aborted) return messageOf(error);
      }
      await clock.sleep(backoffMs(RETRY, attempt, random), signal).catch(() => undefined); // ended by `close`
    }
  }
}
