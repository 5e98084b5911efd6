import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { FrameReader, ProtocolViolation } from './frame-reader.ts';
import type { BrokerLimits } from './limits.ts';
import { inspect } from './packet-guard.ts';

/** The fixed header of CONNECT, flags and all. */
const CONNECT_BYTE = 0x10;
const TCP_KEEPALIVE_AFTER_MS = 60_000;
/** A refused client gets its answer before the connection ends; one that does not take it is not waited for. */
const FAREWELL_MS = 1_000;

/**
 * The socket as the broker's core sees it. Only whole packets that pass the guard get through. Writing never waits: the
 * core delivers to all subscribers of a message before it goes on, so one that reads nothing would hold up the rest;
 * what waits for it is bounded by who forwards to it (`writableLength`).
 */
export class ClientConnection extends Duplex {
  readonly #socket: Socket;
  readonly #limits: BrokerLimits;
  readonly #clock: Clock;
  readonly #frames: FrameReader;
  #begun = false;
  #connected = false;
  #tokens: number;
  #filledAt: number;
  #resume: NodeJS.Timeout | undefined;

  constructor(socket: Socket, limits: BrokerLimits, clock: Clock) {
    super({ writableHighWaterMark: limits.maxOutboundBytes * 2 });
    this.#socket = socket;
    this.#limits = limits;
    this.#clock = clock;
    this.#frames = new FrameReader(limits.maxPacketBytes);
    this.#tokens = limits.maxPacketsPerSecond;
    this.#filledAt = clock.now();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, TCP_KEEPALIVE_AFTER_MS);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  override _read(): void {
    if (this.#resume === undefined) this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#resume);
    if (!this.#socket.writableEnded) this.#socket.destroy();
    done(error);
  }

  #send(bytes: Buffer, done: (error?: Error) => void): void {
    if (this.#socket.destroyed) return done(new Error('the connection is closed'));
    if (this.#socket.write(bytes)) return done();
    const settle = () => {
      this.#socket.off('drain', settle);
      this.#socket.off('close', settle);
      done();
    };
    this.#socket.on('drain', settle);
    this.#socket.on('close', settle);
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    try {
      this.#assertMqtt(chunk);
      const frames = this.#frames.push(chunk);
      for (const frame of frames) {
        const refusal = inspect(frame, this.#connected);
        if (refusal !== undefined) return this.#refuse(refusal.connack, refusal.why);
        this.#connected = true;
      }
      if (frames.length === 0) return;
      const whole = frames.map(({ bytes }) => bytes);
      const room = this.push(whole.length === 1 ? whole[0] : Buffer.concat(whole));
      if (!room) this.#socket.pause();
      this.#meter(frames.length);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.destroy(error);
    }
  }

  /** TLS or HTTP on this port is told at its first byte, not after the time limit of a packet that never ends. */
  #assertMqtt(chunk: Buffer): void {
    if (!this.#begun && chunk[0] !== CONNECT_BYTE) throw new ProtocolViolation('the first packet is not a CONNECT');
    this.#begun = true;
  }

  /** A client that sends faster than its share is read later: nothing is lost, TCP holds it back. */
  #meter(packets: number): void {
    const { maxPacketsPerSecond } = this.#limits;
    const now = this.#clock.now();
    const gained = ((now - this.#filledAt) / 1000) * maxPacketsPerSecond;
    this.#tokens = Math.min(maxPacketsPerSecond, this.#tokens + gained) - packets;
    this.#filledAt = now;
    if (this.#tokens >= 0 || this.#resume !== undefined) return;
    this.#socket.pause();
    const wait = Math.ceil((-this.#tokens / maxPacketsPerSecond) * 1000);
    this.#resume = setTimeout(() => {
      this.#resume = undefined;
      this.#socket.resume();
    }, wait);
  }

  #refuse(connack: Buffer, why: string): void {
    const socket = this.#socket;
    socket.end(connack);
    const late = setTimeout(() => socket.destroy(), FAREWELL_MS);
    socket.once('close', () => clearTimeout(late));
    this.destroy(new ProtocolViolation(why));
  }
}
