import { Duplex } from 'node:stream';
import type { SpdyHeaders } from './header-block.ts';

/** What a stream needs of its session. `sent` is called once the connection takes more. */
export interface StreamLink {
  send(streamId: number, data: Uint8Array, fin: boolean, sent: (error?: Error | null) => void): void;
  reset(streamId: number): void;
  /** The reader has taken all that was held for it: `bytes` of it since the last time. */
  consumed(streamId: number, bytes: number): void;
  closed(streamId: number): void;
}

/** One stream of a session. Ending it says FIN; destroying it before both sides have ended resets it. */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly #link: StreamLink;
  #full = false;
  #unacknowledged = 0;
  #reset = false;

  constructor(id: number, headers: SpdyHeaders, link: StreamLink) {
    super({ allowHalfOpen: true, autoDestroy: true });
    this.id = id;
    this.headers = headers;
    this.#link = link;
    // Whoever reads or writes hears of errors by that; with nobody there they concern nobody.
    this.on('error', () => undefined);
  }

  /** Whether the reader is so slow that no more should be read for it. */
  get full(): boolean {
    return this.#full;
  }

  /** From the session: bytes of the peer. */
  receive(data: Uint8Array, fin: boolean): void {
    if (this.destroyed || this.readableEnded) return;
    this.#unacknowledged += data.byteLength;
    if (data.byteLength > 0 && !this.push(data)) this.#full = true;
    if (fin) this.push(null);
  }

  /** From the session: the peer has given the stream up. */
  resetByPeer(): void {
    this.#reset = true;
    this.destroy(this.readableEnded ? undefined : new Error('the stream was reset by the client'));
  }

  override _read(): void {
    this.#full = false;
    const bytes = this.#unacknowledged;
    this.#unacknowledged = 0;
    this.#link.consumed(this.id, bytes);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#link.send(this.id, chunk, false, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#link.send(this.id, Buffer.alloc(0), true, done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const complete = this.writableFinished && this.readableEnded;
    if (!complete && !this.#reset) this.#link.reset(this.id);
    this.#full = false;
    this.#link.closed(this.id);
    done(error);
  }
}
