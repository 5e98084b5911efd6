/** The outgoing end of one watch: a bounded queue between who brings events and the client. */

/** A client that lets so much wait is dropped: it will list again. */
export interface WatchQueueLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

export const DEFAULT_WATCH_QUEUE: WatchQueueLimits = { maxEvents: 5_000, maxBytes: 8 * 1024 * 1024 };

export class WatchStream implements AsyncIterable<Uint8Array> {
  readonly #limits: WatchQueueLimits;
  readonly #closed: () => void;
  #queue: Uint8Array[] = [];
  #events = 0;
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;

  /** `closed` is called once, when the stream is over for whatever reason. */
  constructor(limits: WatchQueueLimits, closed: () => void) {
    this.#limits = limits;
    this.#closed = closed;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What the client asked for at the start: as long as it is, it is not held against the client. */
  begin(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#queue.push(chunk);
    this.#notify();
  }

  /** Bytes of whole events, one unless said. What does not fit any more ends the stream. */
  push(chunk: Uint8Array, events = 1): void {
    if (this.#ended) return;
    this.#queue.push(chunk);
    this.#events += events;
    this.#bytes += chunk.byteLength;
    if (this.#events > this.#limits.maxEvents || this.#bytes > this.#limits.maxBytes) this.abort();
    else this.#notify();
  }

  /** Ends the stream behind what is queued. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#notify();
    this.#closed();
  }

  /** Ends the stream at once and forgets what is queued. */
  abort(): void {
    this.#clear();
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#queue.length > 0) yield this.#take();
        else if (this.#ended) return;
        else await this.#more();
      }
    } finally {
      this.abort();
    }
  }

  /** All that waits goes out in one piece. */
  #take(): Uint8Array {
    const chunks = this.#queue;
    this.#clear();
    const [only] = chunks;
    return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
  }

  #clear(): void {
    this.#queue = [];
    this.#events = 0;
    this.#bytes = 0;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
