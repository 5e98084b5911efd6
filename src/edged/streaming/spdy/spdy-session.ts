import type { Duplex } from 'node:stream';
import { messageOf } from '../../../base/errors.ts';
import { RST, type SpdyFrame, writeFrame } from './frames.ts';
import { SpdyFrameReader } from './frame-reader.ts';
import { HeaderWriter, type SpdyHeaders } from './header-block.ts';
import { SpdyStream, type StreamLink } from './spdy-stream.ts';

/** kubectl opens five streams for a terminal and two for each connection that it forwards. */
const MAX_STREAMS = 512;
const MAX_DATA_BYTES = 64 * 1024;

export interface SpdySessionOptions {
  /** The connection, its upgrade done. The session owns it. */
  readonly socket: Duplex;
  /** Clients have odd stream and ping ids, servers even ones. */
  readonly role: 'client' | 'server';
  /** A stream that the peer has opened; it is already accepted. */
  readonly onStream: (stream: SpdyStream) => void;
}

/**
 * A connection of SPDY/3.1 as Kubernetes' clients speak it. Their library (moby/spdystream) knows no windows, so what is
 * sent is held back by the connection alone; what is received is acknowledged as the norm wants, for peers that know them.
 * While the reader of one stream is slow, the whole connection is not read: that bounds what is held.
 */
export class SpdySession {
  readonly #options: SpdySessionOptions;
  readonly #reader = new SpdyFrameReader();
  readonly #headers = new HeaderWriter();
  readonly #streams = new Map<number, SpdyStream>();
  /** Those who wait for the peer's word on a stream that they have opened. */
  readonly #replies = new Map<number, (accepted: boolean) => void>();
  readonly #link: StreamLink = {
    send: (streamId, data, fin, sent) => this.#sendData(streamId, data, fin, sent),
    reset: (streamId) => this.#send({ type: 'rst-stream', streamId, status: RST.cancel }),
    consumed: (streamId, bytes) => this.#consumed(streamId, bytes),
    closed: (streamId) => this.#forget(streamId),
  };
  #nextId: number;
  #lastPeerId = 0;

  constructor(options: SpdySessionOptions) {
    this.#options = options;
    this.#nextId = options.role === 'client' ? 1 : 2;
  }

  /** Serves until the connection ends; `head` is what was read of it already. Never rejects. */
  async run(head: Uint8Array): Promise<void> {
    const { socket } = this.#options;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => {
      this.#endAll();
      socket.end();
    });
    const closed = new Promise<void>((resolve) => {
      if (socket.closed) resolve();
      else socket.once('close', () => resolve());
    });
    if (head.byteLength > 0) this.#receive(head);
    await closed;
    this.#endAll();
  }

  /** Opens a stream and waits for the peer's word on it. */
  async open(headers: SpdyHeaders, signal: AbortSignal): Promise<SpdyStream> {
    const streamId = this.#nextId;
    this.#nextId += 2;
    const stream = new SpdyStream(streamId, headers, this.#link);
    this.#streams.set(streamId, stream);
    const reply = this.#reply(streamId, signal);
    this.#send({ type: 'syn-stream', streamId, headers, fin: false });
    if (!(await reply)) throw new Error('the stream was refused');
    return stream;
  }

  /** Says that no more streams are taken and ends the connection once all is sent. */
  close(): void {
    this.#send({ type: 'goaway', lastStreamId: this.#lastPeerId });
    if (this.#options.socket.writable) this.#options.socket.end();
  }

  destroy(): void {
    this.#options.socket.destroy();
  }

  #reply(streamId: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      signal.addEventListener('abort', abort, { once: true });
      this.#replies.set(streamId, (accepted) => {
        signal.removeEventListener('abort', abort);
        this.#replies.delete(streamId);
        resolve(accepted);
      });
    });
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const frame of this.#reader.read(chunk)) this.#act(frame);
    } catch (error) {
      this.#options.socket.destroy(new Error(`the client breaks SPDY/3.1: ${messageOf(error)}`, { cause: error }));
    }
  }

  #act(frame: SpdyFrame): void {
    switch (frame.type) {
      case 'syn-stream':
        return this.#accept(frame.streamId, frame.headers, frame.fin);
      case 'syn-reply':
        this.#replies.get(frame.streamId)?.(true);
        return this.#streams.get(frame.streamId)?.receive(Buffer.alloc(0), frame.fin);
      case 'rst-stream':
        this.#replies.get(frame.streamId)?.(false);
        return this.#streams.get(frame.streamId)?.resetByPeer();
      case 'headers':
        return this.#streams.get(frame.streamId)?.receive(Buffer.alloc(0), frame.fin);
      case 'data':
        return this.#deliver(frame.streamId, frame.data, frame.fin);
      case 'ping':
        // Only the other side's pings want an answer; ours come back.
        if ((frame.id % 2 === 1) === (this.#options.role === 'server')) this.#send(frame);
        return;
      case 'goaway':
      case 'settings':
      case 'window-update':
        return;
    }
  }

  #accept(streamId: number, headers: SpdyHeaders, fin: boolean): void {
    const theirs = (streamId % 2 === 1) === (this.#options.role === 'server');
    if (!theirs || streamId <= this.#lastPeerId) throw new RangeError(`stream ${streamId} cannot be opened`);
    this.#lastPeerId = streamId;
    if (this.#streams.size >= MAX_STREAMS) {
      return this.#send({ type: 'rst-stream', streamId, status: RST.refusedStream });
    }
    const stream = new SpdyStream(streamId, headers, this.#link);
    this.#streams.set(streamId, stream);
    this.#send({ type: 'syn-reply', streamId, headers: {}, fin: false });
    if (fin) stream.receive(Buffer.alloc(0), true);
    this.#options.onStream(stream);
  }

  #deliver(streamId: number, data: Uint8Array, fin: boolean): void {
    const stream = this.#streams.get(streamId);
    // Data may still be under way for a stream that was reset here.
    if (stream === undefined) return;
    stream.receive(data, fin);
    if (stream.full) this.#options.socket.pause();
  }

  #consumed(streamId: number, bytes: number): void {
    if (bytes > 0) {
      this.#send({ type: 'window-update', streamId, delta: bytes });
      this.#send({ type: 'window-update', streamId: 0, delta: bytes });
    }
    this.#resume();
  }

  #resume(): void {
    const { socket } = this.#options;
    if (!socket.isPaused()) return;
    for (const stream of this.#streams.values()) if (stream.full) return;
    socket.resume();
  }

  #forget(streamId: number): void {
    this.#streams.delete(streamId);
    this.#resume();
  }

  #sendData(streamId: number, data: Uint8Array, fin: boolean, sent: (error?: Error | null) => void): void {
    let start = 0;
    for (; data.byteLength - start > MAX_DATA_BYTES; start += MAX_DATA_BYTES) {
      this.#send({ type: 'data', streamId, data: data.subarray(start, start + MAX_DATA_BYTES), fin: false });
    }
    this.#send({ type: 'data', streamId, data: data.subarray(start), fin }, sent);
  }

  #send(frame: SpdyFrame, sent?: (error?: Error | null) => void): void {
    const { socket } = this.#options;
    if (!socket.writable) {
      sent?.(new Error('the connection has ended'));
      return;
    }
    socket.cork();
    const parts = writeFrame(frame, this.#headers);
    for (const part of parts.slice(0, -1)) socket.write(part);
    socket.write(parts.at(-1) ?? Buffer.alloc(0), sent);
    socket.uncork();
  }

  #endAll(): void {
    for (const answer of this.#replies.values()) answer(false);
    // Each takes itself out of the map while it is walked, which maps allow.
    for (const stream of this.#streams.values()) stream.resetByPeer();
  }
}
