import { EventRing, type RingLimits } from './event-ring.ts';
import type { Overlay } from './history-page.ts';
import type { StoreEvent, WatchListener } from './object-store.ts';

/** The recent writes of a store, and those who follow them. */
export class History {
  readonly #ring: EventRing;
  readonly #listeners = new Map<string, Set<WatchListener>>();

  /** `start` is the revision before which nothing is known. */
  constructor(start: number, limits: RingLimits) {
    this.#ring = new EventRing(start, limits);
  }

  /** Writes that are committed, in the order of their revisions. */
  publish(events: readonly StoreEvent[], now: number): void {
    for (const event of events) {
      this.#ring.push(event, now);
      for (const listener of this.#listeners.get(event.resource) ?? []) listener(event);
    }
  }

  /** See `ObjectStore.watch`. */
  watch(resource: string, since: number, listener: WatchListener): () => void {
    for (const event of this.#ring.since(resource, since)) listener(event);
    const listeners = this.#listeners.get(resource) ?? new Set();
    this.#listeners.set(resource, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(resource) === listeners) this.#listeners.delete(resource);
    };
  }

  /** See `ObjectStore.replay`. */
  replay(resource: string, since: number, limit: number): StoreEvent[] {
    const events: StoreEvent[] = [];
    for (const event of this.#ring.since(resource, since)) {
      if (events.length >= limit) break;
      events.push(event);
    }
    return events;
  }

  /** What has to be put in place of the present state to get that of `revision`. */
  stateAt(resource: string, revision: number): Overlay {
    return this.#ring.stateAt(resource, revision);
  }

  /** Forgets what is older than the limits allow. */
  trim(now: number): void {
    this.#ring.trim(now);
  }
}
