/** Queues that take turns. Each flow has a hand of a few of them, so that a busy one fills its own and not the others'. */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export interface QueueLimits {
  readonly queues: number;
  /** How many of the queues one flow may use. */
  readonly handSize: number;
  readonly queueLengthLimit: number;
}

export class FairQueues<T> {
  readonly #limits: QueueLimits;
  readonly #queues: T[][];
  #size = 0;
  /** The queue whose turn it is. */
  #turn = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
    this.#queues = Array.from({ length: limits.queues }, () => []);
  }

  get size(): number {
    return this.#size;
  }

  /** Puts it into the shortest queue of the flow's hand. False: that one is full. */
  push(flow: string, item: T): boolean {
    const { queues, handSize, queueLengthLimit } = this.#limits;
    let shortest: T[] | undefined;
    for (const index of handOf(flow, queues, handSize)) {
      const queue = this.#queues[index];
      if (queue !== undefined && (shortest === undefined || queue.length < shortest.length)) shortest = queue;
    }
    if (shortest === undefined || shortest.length >= queueLengthLimit) return false;
    shortest.push(item);
    this.#size += 1;
    return true;
  }

  /** What is next, without taking it. */
  peek(): T | undefined {
    return this.#next()?.[0];
  }

  /** Takes what is next; then it is the next queue's turn. */
  shift(): T | undefined {
    const item = this.#next()?.shift();
    if (item === undefined) return undefined;
    this.#size -= 1;
    this.#turn = (this.#turn + 1) % this.#queues.length;
    return item;
  }

  /** False: it is no longer there. */
  remove(item: T): boolean {
    const queue = this.#queues.find((each) => each.includes(item));
    if (queue === undefined) return false;
    queue.splice(queue.indexOf(item), 1);
    this.#size -= 1;
    return true;
  }

  /** The queue whose turn it is, or the first one behind it that holds anything. */
  #next(): T[] | undefined {
    if (this.#size === 0) return undefined;
    for (;;) {
      const queue = this.#queues[this.#turn];
      if (queue !== undefined && queue.length > 0) return queue;
      this.#turn = (this.#turn + 1) % this.#queues.length;
    }
  }
}

/** Different queues for each flow, always the same for one. */
export function handOf(flow: string, queues: number, handSize: number): number[] {
  const hand: number[] = [];
  let state = FNV_OFFSET;
  for (let i = 0; i < flow.length; i += 1) state = Math.imul(state ^ flow.charCodeAt(i), FNV_PRIME);
  while (hand.length < Math.min(handSize, queues)) {
    state = Math.imul(state ^ (state >>> 15), FNV_PRIME) + hand.length + 1;
    // The next free one where it has been dealt already.
    let index = (state >>> 0) % queues;
    while (hand.includes(index)) index = (index + 1) % queues;
    hand.push(index);
  }
  return hand;
}
