import type { Clock } from '../../base/clock.ts';
import type { ObjectStore } from '../store/index.ts';
import type { RequestFacts } from './classify.ts';

/** A list takes a seat for so many objects, as upstream. */
const OBJECTS_PER_SEAT = 100;
const MAX_WIDTH = 10;
/** How long a count is believed. */
const COUNT_AGE_MS = 10_000;
/** Resources remembered: names come from clients. */
const MAX_RESOURCES = 1_000;

interface Count {
  objects: number;
  readonly at: number;
}

/** How many seats a request is worth: long lists keep the server busy for longer than the rest. */
export class ListWidths {
  readonly #store: ObjectStore;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();

  constructor(store: ObjectStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** By what is known now; a list of what has not been counted yet takes one seat. */
  widthOf({ isResource, verb, resource, group }: RequestFacts): number {
    if (!isResource || (verb !== 'list' && verb !== 'watch')) return 1;
    const key = group === '' ? resource : `${resource}.${group}`;
    const now = this.#clock.now();
    const known = this.#counts.get(key);
    if (known === undefined || now - known.at > COUNT_AGE_MS) this.#count(key, known?.objects ?? 0, now);
    return Math.min(MAX_WIDTH, Math.max(1, Math.ceil((known?.objects ?? 0) / OBJECTS_PER_SEAT)));
  }

  #count(resource: string, objects: number, at: number): void {
    if (this.#counts.size >= MAX_RESOURCES) this.#counts.clear();
    const count: Count = { objects, at };
    this.#counts.set(resource, count);
    void this.#refresh(resource, count);
  }

  async #refresh(resource: string, count: Count): Promise<void> {
    try {
      const { items, remaining } = await this.#store.list({ resource, limit: 1 });
      count.objects = items.length + remaining;
    } catch {
      // The list itself will tell.
    }
  }
}
