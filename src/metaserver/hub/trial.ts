import { objectKey } from './topic-event.ts';
import type { UpstreamEvent } from './upstream-events.ts';

/**
 * After a break, objects that the list no longer has were deleted, or were never there in the server's history. A watch
 * of the same history shows each of those deletions: until it has, its events are held back.
 */
export class Trial {
  readonly #unproven: Set<string>;
  #held: UpstreamEvent[] = [];

  /** Keys of the objects that the list no longer has. */
  constructor(missing: Iterable<string>) {
    this.#unproven = new Set(missing);
  }

  get over(): boolean {
    return this.#unproven.size === 0;
  }

  /** What may go on, now that this event has come. */
  pass(event: UpstreamEvent): readonly UpstreamEvent[] {
    if (event.type === 'delete') this.#unproven.delete(objectKey(event.object));
    this.#held.push(event);
    return this.over ? this.#release() : [];
  }

  /** Gives up waiting for proof. */
  end(): readonly UpstreamEvent[] {
    this.#unproven.clear();
    return this.#release();
  }

  #release(): readonly UpstreamEvent[] {
    const held = this.#held;
    this.#held = [];
    return held;
  }
}
