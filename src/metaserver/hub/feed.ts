import type { WatchStream } from '../../http/index.ts';
import type { EventEncoder } from './event-encoder.ts';
import type { TopicEvent } from './topic-event.ts';

/** Events gather for so long for each hundred watchers: one write to each socket then carries several. */
const GATHER_MS_PER_HUNDRED = 5;

export interface Watcher {
  readonly stream: WatchStream;
  /** The client has seen everything up to here. */
  readonly since: string;
  readonly bookmarks: boolean;
}

/** The watchers of a topic that share one view: each event is selected and written once for all of them. */
export class Feed {
  readonly encoder: EventEncoder;
  readonly watchers = new Set<Watcher>();
  #lines: string[] = [];
  #flushing: NodeJS.Immediate | NodeJS.Timeout | undefined;

  constructor(encoder: EventEncoder) {
    this.encoder = encoder;
  }

  offer(event: TopicEvent): void {
    if (this.watchers.size === 0) return;
    const line = this.encoder.event(event);
    if (line !== undefined) this.#lines.push(line);
    if (this.#lines.length > 0) this.#schedule();
  }

  /** To be called before somebody joins, or hears something out of the row. */
  flush(): void {
    this.#flushing = undefined;
    const lines = this.#lines;
    if (lines.length === 0) return;
    this.#lines = [];
    const chunk = Buffer.from(lines.join(''));
    for (const { stream } of this.watchers) stream.push(chunk, lines.length);
  }

  #schedule(): void {
    if (this.#flushing !== undefined) return;
    const gatherMs = Math.floor(this.watchers.size / 100) * GATHER_MS_PER_HUNDRED;
    const flush = (): void => this.flush();
    this.#flushing = gatherMs === 0 ? setImmediate(flush) : setTimeout(flush, gatherMs);
  }
}
