import type { BackoffPolicy } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { Delivery } from '../../base/delivery.ts';
import type { PushMethod } from './push-method.ts';

/** What waits for one target. Beyond it the oldest values give way: the newest are worth most. */
const MAX_WAITING = 1_000;
const MAX_WAITING_BYTES = 256 * 1024;
const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 60_000, jitter: 0.2 };
/** A target that has taken nothing for so long is told of. */
const LASTING_MS = 30_000;

export interface PushedValue {
  /** The device that has reported it. */
  readonly id: string;
  readonly method: PushMethod;
  readonly text: string;
}

export interface PushTargetNeeds {
  readonly send: (value: PushedValue, signal: AbortSignal) => Promise<void>;
  /** A value was given up, or the target has been taking none for a while. */
  readonly onFailure: (value: PushedValue, error: unknown) => void;
  readonly clock: Clock;
  readonly random: () => number;
}

/** One receiver of values. What it does not take waits and is tried again, in order, until newer values need the room. */
export class PushTarget {
  readonly #needs: PushTargetNeeds;
  readonly #delivery: Delivery<PushedValue>;
  #failingSince: number | undefined;
  /** Since the target is there. */
  delivered = 0;
  failed = 0;

  constructor(needs: PushTargetNeeds) {
    const { send, clock, random } = needs;
    this.#needs = needs;
    this.#delivery = new Delivery<PushedValue>({
      deliver: send,
      done: (value, error) => this.#done(value, error),
      onRetry: (value, error) => this.#notTaken(value, error),
      bytesOf: ({ text }) => text.length,
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: MAX_WAITING_BYTES,
      givesWay: 'oldest',
      maxRetries: Infinity,
      retry: RETRY,
      clock,
      random,
    });
  }

  get waiting(): number {
    return this.#delivery.waiting;
  }

  add(value: PushedValue): void {
    this.#delivery.add(value);
  }

  close(): Promise<void> {
    return this.#delivery.close();
  }

  #done(value: PushedValue, error: unknown): void {
    if (error === undefined) {
      this.delivered += 1;
      this.#failingSince = undefined;
      return;
    }
    this.failed += 1;
    this.#needs.onFailure(value, error);
  }

  #notTaken(value: PushedValue, error: unknown): void {
    const now = this.#needs.clock.now();
    this.#failingSince ??= now;
    if (now - this.#failingSince >= LASTING_MS) this.#needs.onFailure(value, error);
  }
}
