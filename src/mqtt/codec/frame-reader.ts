import { ProtocolViolation, REASON } from './reason.ts';

const MAX_LENGTH_BYTES = 4;
/** Chunks that are kept apart: each costs some hundred bytes, however little is in it. */
const MAX_PARTS = 256;
const EMPTY = Buffer.alloc(0);

/**
 * Cuts a stream of bytes into MQTT packets: MQTT 3.1.1 section 2.2. `next` moves on to the next whole packet, which lies
 * in `data` from `start` to `end`, its variable header from `body` on; nothing is allocated for it. Whoever stops calling
 * `next` leaves the rest for later. Holds no bytes while no packet is under way.
 */
export class FrameReader {
  readonly #maxPacketBytes: number;
  #parts: Buffer[] = [];
  #partsBytes = 0;
  /** Bytes from `end` on that make the next call worth while. */
  #needed = 2;
  data: Buffer = EMPTY;
  start = 0;
  body = 0;
  end = 0;

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
  }

  append(chunk: Buffer): void {
    if (this.end === this.data.byteLength && this.#parts.length === 0) {
      this.data = chunk;
      this.end = 0;
    } else {
      this.#parts.push(chunk);
      this.#partsBytes += chunk.byteLength;
      if (this.#parts.length > MAX_PARTS) this.#parts = [Buffer.concat(this.#parts)];
    }
  }

  /** Throws ProtocolViolation. */
  next(): boolean {
    const left = this.data.byteLength - this.end;
    if (left + this.#partsBytes < this.#needed) {
      if (left === 0 && this.#parts.length === 0) this.#release();
      return false;
    }
    if (left < this.#needed && this.#parts.length > 0) this.#join();
    if (!this.#header()) {
      if (this.#parts.length === 0) return false;
      this.#join();
      if (!this.#header()) return false;
    }
    this.#needed = 2;
    return true;
  }

  #header(): boolean {
    const { data } = this;
    const start = this.end;
    let length = 0;
    for (let index = 1; index <= MAX_LENGTH_BYTES; index += 1) {
      const byte = data[start + index];
      if (byte === undefined) return this.#wait(index + 1);
      length += (byte & 0x7f) * 128 ** (index - 1);
      if (byte < 0x80) return this.#frame(start, start + index + 1, length);
    }
    throw new ProtocolViolation('the length of a packet takes more than four bytes');
  }

  #frame(start: number, body: number, length: number): boolean {
    const bytes = body + length - start;
    if (bytes > this.#maxPacketBytes) {
      const why = `a packet of ${bytes} bytes; at most ${this.#maxPacketBytes} are taken`;
      throw new ProtocolViolation(why, REASON.packetTooLarge);
    }
    if (start + bytes > this.data.byteLength) return this.#wait(bytes);
    this.start = start;
    this.body = body;
    this.end = body + length;
    return true;
  }

  #wait(bytes: number): false {
    this.#needed = bytes;
    return false;
  }

  #join(): void {
    this.data = Buffer.concat([this.data.subarray(this.end), ...this.#parts]);
    this.end = 0;
    this.#parts = [];
    this.#partsBytes = 0;
  }

  #release(): void {
    this.data = EMPTY;
    this.end = 0;
  }
}
