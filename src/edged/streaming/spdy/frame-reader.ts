import { CONTROL_TYPES, FLAG_FIN, FRAME_HEAD_BYTES, SPDY_VERSION, type SpdyFrame } from './frames.ts';
import { HeaderReader } from './header-block.ts';

/** Control frames are collected whole before they are read; data is passed on as it comes. */
const MAX_CONTROL_BYTES = 64 * 1024;
const LENGTH_MASK = 0xff_ffff;
const ID_MASK = 0x7fff_ffff;
const TYPE_NAMES = new Map(Object.entries(CONTROL_TYPES).map(([name, type]) => [type as number, name]));

interface Head {
  readonly control: boolean;
  /** Of a data frame the stream, of a control frame version and type. */
  readonly word: number;
  readonly fin: boolean;
  readonly length: number;
}

/** Cuts a connection's bytes into frames, however they are cut on the way. */
export class SpdyFrameReader {
  readonly #headers = new HeaderReader();
  /** What of a head or of a control frame has come so far. */
  #held: Buffer = Buffer.alloc(0);
  /** The frame under way, and how much of it is still to come (data only). */
  #frame: Head | undefined;
  #left = 0;

  /** Throws where the peer breaks the protocol: the connection is of no use then. */
  *read(chunk: Uint8Array): Generator<SpdyFrame> {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0 || this.#complete()) {
      if (this.#frame === undefined) {
        rest = this.#readHead(rest);
      } else if (this.#frame.control) {
        rest = this.#hold(rest, this.#frame.length);
        if (!this.#complete()) return;
        const frame = this.#control(this.#frame, this.#held);
        this.#held = Buffer.alloc(0);
        this.#frame = undefined;
        if (frame !== undefined) yield frame;
      } else {
        const data = rest.subarray(0, this.#left);
        rest = rest.subarray(data.length);
        this.#left -= data.length;
        const { word: streamId, fin } = this.#frame;
        if (this.#left === 0) this.#frame = undefined;
        yield { type: 'data', streamId, data, fin: fin && this.#left === 0 };
      }
    }
  }

  /** Whether the frame under way needs no further bytes. */
  #complete(): boolean {
    if (this.#frame === undefined) return false;
    return this.#frame.control ? this.#held.length === this.#frame.length : this.#left === 0;
  }

  #readHead(chunk: Buffer): Buffer {
    const rest = this.#hold(chunk, FRAME_HEAD_BYTES);
    if (this.#held.length < FRAME_HEAD_BYTES) return rest;
    const first = this.#held.readUInt32BE(0);
    const second = this.#held.readUInt32BE(4);
    this.#held = Buffer.alloc(0);
    const control = first > ID_MASK;
    const length = second & LENGTH_MASK;
    if (control && length > MAX_CONTROL_BYTES) throw new RangeError(`a control frame of SPDY has ${length} bytes`);
    this.#frame = { control, word: first & ID_MASK, fin: ((second >>> 24) & FLAG_FIN) !== 0, length };
    this.#left = length;
    return rest;
  }

  /** Takes from the chunk what is missing to `length` held bytes. */
  #hold(chunk: Buffer, length: number): Buffer {
    const taken = chunk.subarray(0, length - this.#held.length);
    this.#held = this.#held.length === 0 ? taken : Buffer.concat([this.#held, taken]);
    return chunk.subarray(taken.length);
  }

  /** Undefined for types that a receiver must ignore. Reading beyond the body throws. */
  #control({ word, fin }: Head, body: Buffer): SpdyFrame | undefined {
    if (word >>> 16 !== SPDY_VERSION) throw new RangeError(`version ${word >>> 16} of SPDY is not spoken here`);
    const type = TYPE_NAMES.get(word & 0xffff) as keyof typeof CONTROL_TYPES | undefined;
    if (type === undefined) return undefined;
    if (type === 'settings') return { type };
    if (type === 'ping') return { type, id: body.readUInt32BE(0) };
    const streamId = body.readUInt32BE(0) & ID_MASK;
    switch (type) {
      case 'syn-stream':
        return { type, streamId, fin, headers: this.#headers.read(body.subarray(10)) };
      case 'syn-reply':
      case 'headers':
        return { type, streamId, fin, headers: this.#headers.read(body.subarray(4)) };
      case 'rst-stream':
        return { type, streamId, status: body.readUInt32BE(4) };
      case 'goaway':
        return { type, lastStreamId: streamId };
      case 'window-update':
        return { type, streamId, delta: body.readUInt32BE(4) & ID_MASK };
    }
  }
}
