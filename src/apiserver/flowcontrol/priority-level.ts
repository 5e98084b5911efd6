import { StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import { FairQueues, type QueueLimits } from './fair-queues.ts';

/** How a level shares out its seats. A seat is what one request occupies while it is served. */
export interface LevelLimits {
  /** Seats of its own. */
  readonly nominal: number;
  /** How many of those others may use while they are free. */
  readonly lendable: number;
  /** How many it may use of others'. */
  readonly borrowable: number;
  /** Absent: what finds no seat is refused. */
  readonly queuing?: QueueLimits | undefined;
}

export interface Entry {
  /** What tells flows apart; those of one flow wait in the same few queues. */
  readonly flow: string;
  /** Seats that the request needs. */
  readonly width: number;
  readonly signal: AbortSignal;
}

/** Seats that are free elsewhere. */
export interface Lenders {
  /** How many seats all levels lend at this moment, less those already borrowed. */
  available(): number;
  /** Seats have become free that their level does not need. */
  freed(): void;
}

interface Waiter {
  readonly width: number;
  readonly resolve: (seats: number) => void;
}

/** Nobody waits longer: a quarter of the time that a request has, as upstream. */
const MAX_WAIT_MS = 15_000;
const RETRY_AFTER_SECONDS = 1;

/**
 * One priority level. Requests enter at once while there are seats; then they wait in queues that take turns, so that a
 * flow with many requests delays itself and not the others. What has waited enters in a later turn of the loop: until then
 * new requests of other levels are read and served.
 */
export class PriorityLevel {
  readonly #lenders: Lenders;
  readonly #clock: Clock;
  #limits: LevelLimits;
  #queues: FairQueues<Waiter> | undefined;
  #inUse = 0;
  #scheduled = false;

  constructor(limits: LevelLimits, lenders: Lenders, clock: Clock) {
    this.#limits = limits;
    this.#queues = limits.queuing && new FairQueues(limits.queuing);
    this.#lenders = lenders;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#queues?.size ?? 0;
  }

  /** Free seats that others may use. */
  get lends(): number {
    const { nominal, lendable } = this.#limits;
    return Math.max(0, Math.min(lendable, nominal - this.#inUse));
  }

  /** Seats that it uses beyond its own. */
  get borrows(): number {
    return Math.max(0, this.#inUse - this.#limits.nominal);
  }

  /** From now on. What waits enters at once where the queues change. */
  configure(limits: LevelLimits): void {
    const { queuing } = limits;
    const same = JSON.stringify(queuing) === JSON.stringify(this.#limits.queuing);
    this.#limits = limits;
    if (same) return this.wake();
    const queues = this.#queues;
    this.#queues = queuing && new FairQueues(queuing);
    for (let waiter = queues?.shift(); waiter !== undefined; waiter = queues?.shift()) this.#seat(waiter);
  }

  /** Takes seats, at once or when the promise resolves, and tells how many. Throws or rejects with TooManyRequests. */
  enter(entry: Entry): number | Promise<number> {
    const width = Math.max(1, Math.min(entry.width, this.#limits.nominal));
    if (this.waiting > 0 || !this.#fits(width)) return this.#wait(entry, width);
    this.#inUse += width;
    return width;
  }

  /** Gives back as many as `enter` told. */
  leave(width: number): void {
    this.#inUse -= width;
    if (this.waiting > 0) this.wake();
    else this.#lenders.freed();
  }

  /** Lets enter what waits and fits, in a later turn of the loop. */
  wake(): void {
    if (this.#scheduled || this.waiting === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#admit();
    });
  }

  #admit(): void {
    for (;;) {
      const next = this.#queues?.peek();
      if (next === undefined || !this.#fits(next.width)) return;
      this.#queues?.shift();
      this.#seat(next);
    }
  }

  #seat({ width, resolve }: Waiter): void {
    this.#inUse += width;
    resolve(width);
  }

  /** One request may always be under way, whatever the shares come to. */
  #fits(width: number): boolean {
    const { nominal, borrowable } = this.#limits;
    const beyond = this.#inUse + width - nominal;
    if (beyond <= 0 || this.#inUse === 0) return true;
    return beyond <= borrowable && beyond - this.borrows <= this.#lenders.available();
  }

  async #wait({ flow, signal }: Entry, width: number): Promise<number> {
    const queues = this.#queues;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiter = { width, resolve };
    if (queues?.push(flow, waiter) !== true) throw tooManyRequests();
    const seated = new AbortController();
    const late = (): void => {
      if (queues.remove(waiter)) reject(tooManyRequests());
    };
    void this.#clock.sleep(MAX_WAIT_MS, AbortSignal.any([signal, seated.signal])).then(late, late);
    try {
      return await promise;
    } finally {
      seated.abort();
    }
  }
}

/** In upstream's words. */
function tooManyRequests(): StatusError {
  return new StatusError('TooManyRequests', 'Too many requests, please try again later.', {
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
  });
}
