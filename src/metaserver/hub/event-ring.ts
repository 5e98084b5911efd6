import { compareRevisions } from '../../edgestore/index.ts';
import type { TopicEvent } from './topic-event.ts';

export interface RingLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** The recent events of a topic, from which clients resume their watches. Whole from `floor` on. */
export class EventRing {
  readonly #limits: RingLimits;
  #events: TopicEvent[] = [];
  #bytes = 0;
  #floor: string;

  constructor(limits: RingLimits, floor: string) {
    this.#limits = limits;
    this.#floor = floor;
  }

  /** The revision behind which nothing is missing. */
  get floor(): string {
    return this.#floor;
  }

  get size(): number {
    return this.#events.length;
  }

  push(event: TopicEvent): void {
    this.#events.push(event);
    this.#bytes += event.object.json.length;
    const { maxEvents, maxBytes } = this.#limits;
    if (this.#events.length > maxEvents || this.#bytes > maxBytes) this.#forgetOldest();
  }

  /** What came after the revision, oldest first; undefined where the ring does not reach back that far. */
  since(revision: string): readonly TopicEvent[] | undefined {
    if (compareRevisions(revision, this.#floor) < 0) return undefined;
    const first = this.#events.findIndex((event) => compareRevisions(event.revision, revision) > 0);
    return first < 0 ? [] : this.#events.slice(first);
  }

  /** A quarter goes at once, so that not every event moves the rest. */
  #forgetOldest(): void {
    const gone = this.#events.splice(0, Math.ceil(this.#events.length / 4));
    this.#floor = gone.at(-1)?.revision ?? this.#floor;
    this.#bytes = this.#events.reduce((sum, { object }) => sum + object.json.length, 0);
  }
}
