import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Encoded } from '../codec/encode.ts';
import { FrameReader } from '../codec/frame-reader.ts';
import { ProtocolViolation } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import { Outbox, type WriteQueue } from './outbox.ts';
import type { Statistics } from './statistics.ts';

/** A client that ends gets its answer first; one that does not take it is not waited for. */
const FAREWELL_MS = 1_000;
/** TLS or HTTP on this port is told at its first byte, not after the time limit of a packet that never ends. */
const CONNECT_BYTE = 0x10;

/** Packets of one client that are handled before others have their turn. */
const MAX_PACKETS_AT_ONCE = 5_000;

/** Why a client is not read for the moment. */
export const HOLD = { answer: 1, rate: 2, slow: 4, storing: 8, greeting: 16, turn: 32 } as const;
export type Hold = (typeof HOLD)[keyof typeof HOLD];

export interface WireNeeds {
  readonly limits: BrokerLimits;
  readonly clock: Clock;
  readonly writes: WriteQueue;
  readonly statistics: Statistics;
}

export interface WireHandler {
  /** A whole packet; throws ProtocolViolation. */
  packet(frames: FrameReader): void;
  violation(error: ProtocolViolation): void;
  /** The client has taken what waited for it. */
  drained(): void;
  /** Once. */
  closed(): void;
}

/** Bytes in, packets out, and the other way round: the connection before anybody knows what it says. */
export class Wire {
  readonly #duplex: Duplex;
  readonly #needs: WireNeeds;
  readonly #handler: WireHandler;
  readonly #frames: FrameReader;
  readonly #outbox: Outbox;
  #begun = false;
  #holds = 0;
  #reading = false;
  #flowing = true;
  #closing = false;
  #tokens: number;
  #filledAt: number;
  #rateTimer: NodeJS.Timeout | undefined;
  #blockedSince: number | undefined;
  heardAt: number;

  constructor(duplex: Duplex, needs: WireNeeds, handler: WireHandler) {
    const now = needs.clock.now();
    this.#duplex = duplex;
    this.#needs = needs;
    this.#handler = handler;
    this.#frames = new FrameReader(needs.limits.maxPacketBytes);
    this.#outbox = new Outbox(duplex, needs.writes);
    this.#tokens = needs.limits.maxPacketsPerSecond;
    this.#filledAt = now;
    this.heardAt = now;
  }

  open(): void {
    const duplex = this.#duplex;
    duplex.on('data', (chunk: Buffer) => this.#receive(chunk));
    duplex.on('drain', () => this.#drained());
    duplex.on('error', () => duplex.destroy());
    duplex.on('end', () => duplex.end());
    duplex.on('close', () => {
      clearTimeout(this.#rateTimer);
      this.#closing = true;
      this.#handler.closed();
    });
  }

  /** Bytes that the client has not taken yet. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  get closing(): boolean {
    return this.#closing;
  }

  send(packet: Encoded, packetId = 0): void {
    if (!this.#closing) this.#outbox.push(packet, packetId);
  }

  /** The client is not read until this is released. */
  hold(reason: Hold): void {
    this.#holds |= reason;
    if (!this.#reading) this.#flow();
  }

  release(reason: Hold): void {
    if ((this.#holds & reason) === 0) return;
    this.#holds &= ~reason;
    if (this.#holds === 0 && !this.#closing && !this.#reading) this.#read();
  }

  /** Sends what waits, `farewell` last, and ends. */
  close(farewell?: Buffer): void {
    if (this.#closing) return;
    if (farewell !== undefined) this.send({ bytes: farewell, idAt: 0 });
    this.#outbox.flush();
    this.#closing = true;
    const duplex = this.#duplex;
    duplex.end();
    // What it still says is of no interest, but must be read for its end to be seen.
    duplex.resume();
    const late = setTimeout(() => duplex.destroy(), FAREWELL_MS);
    duplex.once('close', () => clearTimeout(late));
  }

  abort(): void {
    this.#closing = true;
    this.#duplex.destroy();
  }

  /** Once a second. */
  sweep(now: number): void {
    if (!this.#duplex.writableNeedDrain) this.#blockedSince = undefined;
    else this.#blockedSince ??= now;
    if (this.#blockedSince !== undefined && now - this.#blockedSince > this.#needs.limits.stalledClientMs) this.abort();
  }

  #receive(chunk: Buffer): void {
    if (this.#closing) return;
    this.heardAt = this.#needs.clock.now();
    this.#needs.statistics.bytesReceived += chunk.byteLength;
    if (!this.#begun && chunk[0] !== CONNECT_BYTE) return this.abort();
    this.#begun = true;
    this.#frames.append(chunk);
    if (this.#holds === 0) this.#read();
  }

  /** Packets, as long as nothing holds the client up. */
  #read(): void {
    const frames = this.#frames;
    let packets = 0;
    this.#reading = true;
    try {
      while (this.#holds === 0 && !this.#closing && frames.next()) {
        packets += 1;
        this.#handler.packet(frames);
        if (packets === MAX_PACKETS_AT_ONCE) this.#yield();
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#handler.violation(error);
    } finally {
      this.#reading = false;
    }
    this.#needs.statistics.packetsReceived += packets;
    this.#meter(packets);
    if (this.#outbox.waiting > this.#needs.limits.slowClientBytes) this.#holds |= HOLD.slow;
    this.#flow();
  }

  #flow(): void {
    if (this.#closing || this.#flowing === (this.#holds === 0)) return;
    this.#flowing = this.#holds === 0;
    if (this.#flowing) this.#duplex.resume();
    else this.#duplex.pause();
  }

  #yield(): void {
    this.#holds |= HOLD.turn;
    setImmediate(() => this.release(HOLD.turn));
  }

  /** A client that sends faster than its share is read later: nothing is lost, TCP holds it back. */
  #meter(packets: number): void {
    const { maxPacketsPerSecond } = this.#needs.limits;
    const gained = ((this.heardAt - this.#filledAt) / 1000) * maxPacketsPerSecond;
    this.#tokens = Math.min(maxPacketsPerSecond, this.#tokens + gained) - packets;
    this.#filledAt = this.heardAt;
    if (this.#tokens >= 0 || this.#rateTimer !== undefined || this.#closing) return;
    this.#holds |= HOLD.rate;
    const wait = Math.ceil((-this.#tokens / maxPacketsPerSecond) * 1000);
    this.#rateTimer = setTimeout(() => {
      this.#rateTimer = undefined;
      this.heardAt = this.#needs.clock.now();
      this.release(HOLD.rate);
    }, wait);
  }

  #drained(): void {
    if (this.#closing) return;
    this.release(HOLD.slow);
    this.#handler.drained();
  }
}
