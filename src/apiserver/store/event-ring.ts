import { InvariantError } from '../../base/errors.ts';
import { CompactedError, type Stored, type StoreEvent } from './object-store.ts';

/**
 * The recent history: what watches replay and what exact reads are computed from. Bounded by count, bytes and age, so
 * that memory does not grow with churn.
 */
export interface RingLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/** etcd keeps five minutes under kube-apiserver; twice that here, as long as the memory allows. */
export const DEFAULT_RING_LIMITS: RingLimits = {
  maxEvents: 20_000,
  maxBytes: 24 * 1024 * 1024,
  maxAgeMs: 10 * 60_000,
};

interface Entry {
  readonly event: StoreEvent;
  readonly at: number;
}

export class EventRing {
  readonly #limits: RingLimits;
  readonly #start: number;
  /** Entries before `#head` are dropped; the array is cut back when they are half of it. */
  #entries: Entry[] = [];
  #head = 0;
  #bytes = 0;
  /** The last dropped revision of each resource: a watch may start from there, not from before. */
  readonly #dropped = new Map<string, number>();

  /** `start` is the revision before which nothing is known. */
  constructor(start: number, limits: RingLimits) {
    this.#start = start;
    this.#limits = limits;
  }

  push(event: StoreEvent, now: number): void {
    const last = this.#entries.at(-1);
    if (last !== undefined && last.event.revision >= event.revision) {
      throw new InvariantError(`revision ${event.revision} after ${last.event.revision}`);
    }
    this.#entries.push({ event, at: now });
    this.#bytes += sizeOf(event);
    this.trim(now);
  }

  /** Drops what is beyond a limit. */
  trim(now: number): void {
    const { maxEvents, maxBytes, maxAgeMs } = this.#limits;
    for (let entry = this.#entries[this.#head]; entry !== undefined; entry = this.#entries[this.#head]) {
      const count = this.#entries.length - this.#head;
      if (count <= maxEvents && this.#bytes <= maxBytes && now - entry.at <= maxAgeMs) break;
      this.#bytes -= sizeOf(entry.event);
      this.#dropped.set(entry.event.resource, entry.event.revision);
      this.#head += 1;
    }
    if (this.#head * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The events of the resource behind `since`, oldest first. Throws CompactedError when some have been dropped. */
  *since(resource: string, since: number): Generator<StoreEvent> {
    const oldest = Math.max(this.#start, this.#dropped.get(resource) ?? 0);
    if (since < oldest) throw new CompactedError(since, oldest);
    for (let i = this.#firstBehind(since); i < this.#entries.length; i += 1) {
      const event = this.#entries[i]?.event;
      if (event?.resource === resource) yield event;
    }
  }

  /** What has to be put in place of the present state to get that of `revision`: undefined for what was not there. */
  stateAt(resource: string, revision: number): Map<string, { was: Stored | undefined; existsNow: boolean }> {
    const state = new Map<string, { was: Stored | undefined; existsNow: boolean }>();
    for (const event of this.since(resource, revision)) {
      const existsNow = event.type !== 'DELETED';
      const known = state.get(event.key);
      if (known === undefined) state.set(event.key, { was: event.previous, existsNow });
      else known.existsNow = existsNow;
    }
    return state;
  }

  #firstBehind(revision: number): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.event.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The previous state is shared with the event before, as a rule. */
function sizeOf(event: StoreEvent): number {
  return event.bytes.byteLength + 200;
}
