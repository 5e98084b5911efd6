import type { Publication } from './publication.ts';
import type { Qos } from '../message-bus.ts';

const PACKET_IDS = 65_535;

/**
 * The packet identifier follows from the message's number in its session. So it needs no storing of its own, and a message
 * that is sent again after a crash has the identifier it had before, which is what QoS 2 rests on [MQTT-4.4.0-1].
 */
export function packetIdOf(seq: number): number {
  return ((seq - 1) % PACKET_IDS) + 1;
}

/** A message that a session has still to get. */
export interface Entry {
  /** Counts the messages of a session with QoS 1 and 2; 0 at QoS 0. */
  readonly seq: number;
  readonly publication: Publication;
  readonly qos: Qos;
  readonly retain: boolean;
  /** It may have been sent before. */
  readonly dup: boolean;
  /** Of the subscriptions that it matched; MQTT 5. */
  readonly identifiers: readonly number[];
}

/** A message that has been sent and not been acknowledged. */
export interface Inflight {
  readonly seq: number;
  readonly qos: Qos;
  readonly bytes: number;
  /** QoS 2: PUBREC has come, PUBCOMP is due. */
  released: boolean;
}

/** Bytes that wait in the queues of all sessions together. */
export interface Budget {
  bytes: number;
}

/**
 * What a session has to get: a queue, and the window of those under way. No I/O. Invariants: messages leave in the order
 * in which they came; at most `maxInflight` are under way, each with an identifier of its own.
 */
export class OutboundWindow {
  #maxInflight: number;
  #waiting: (Entry | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  readonly #budget: Budget;
  readonly #inflight = new Map<number, Inflight>();

  constructor(maxInflight: number, budget: Budget) {
    this.#maxInflight = maxInflight;
    this.#budget = budget;
  }

  get waiting(): number {
    return this.#waiting.length - this.#head;
  }

  /** Of the messages that wait. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  get inflight(): number {
    return this.#inflight.size;
  }

  /** What the client takes. */
  limit(maxInflight: number): void {
    this.#maxInflight = maxInflight;
  }

  offer(entry: Entry): void {
    this.#waiting.push(entry);
    this.#account(entry.publication.bytes);
  }

  /** The next message to be sent, now under way; undefined where none waits or the window is full. */
  next(): Entry | undefined {
    const entry = this.#waiting[this.#head];
    if (entry === undefined) return undefined;
    if (entry.qos > 0) {
      const packetId = packetIdOf(entry.seq);
      if (this.#inflight.size >= this.#maxInflight || this.#inflight.has(packetId)) return undefined;
      const { seq, qos, publication } = entry;
      this.#inflight.set(packetId, { seq, qos, bytes: publication.bytes, released: false });
    }
    this.#shift();
    this.#account(-entry.publication.bytes);
    return entry;
  }

  /** A message of an earlier connection of which only PUBREL and PUBCOMP are left. */
  resumeReleased(seq: number, bytes: number): void {
    this.#inflight.set(packetIdOf(seq), { seq, qos: 2, bytes, released: true });
  }

  /** Forgets everything. */
  clear(): void {
    this.#account(-this.#bytes);
    this.#waiting = [];
    this.#head = 0;
    this.#inflight.clear();
  }

  find(packetId: number): Inflight | undefined {
    return this.#inflight.get(packetId);
  }

  /** The message is through: PUBACK, PUBCOMP, or an answer that refuses it. */
  settle(packetId: number): void {
    this.#inflight.delete(packetId);
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }

  #shift(): void {
    this.#waiting[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#waiting.length) {
      this.#waiting = [];
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
  }
}
