import { isUtf8 } from 'node:buffer';
import { ProtocolViolation } from './reason.ts';

const MAX_VARINT_BYTES = 4;

/** Reads the data types of MQTT (MQTT 5 section 1.5) and never beyond its end. Throws ProtocolViolation. */
export class ByteReader {
  readonly data: Buffer;
  readonly end: number;
  at: number;

  constructor(data: Buffer, at: number, end: number) {
    this.data = data;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    return this.data[this.#take(1)] ?? 0;
  }

  uint16(): number {
    const at = this.#take(2);
    return ((this.data[at] ?? 0) << 8) | (this.data[at + 1] ?? 0);
  }

  uint32(): number {
    return this.data.readUInt32BE(this.#take(4));
  }

  varint(): number {
    let value = 0;
    for (let index = 0; index < MAX_VARINT_BYTES; index += 1) {
      const byte = this.byte();
      value += (byte & 0x7f) * 128 ** index;
      if (byte < 0x80) return value;
    }
    throw new ProtocolViolation('a variable byte integer takes more than four bytes');
  }

  /** Where the bytes behind a two-byte length start; they end at `at`. */
  skipBinary(): number {
    const length = this.uint16();
    return this.#take(length);
  }

  binary(): Buffer {
    const from = this.skipBinary();
    return Buffer.from(this.data.subarray(from, this.at));
  }

  text(what: string): string {
    const from = this.skipBinary();
    return checkedText(this.data, from, this.at, what);
  }

  rest(): Buffer {
    const from = this.at;
    this.at = this.end;
    return this.data.subarray(from, this.end);
  }

  /** A reader of the next `length` bytes, which this one passes over. */
  part(length: number): ByteReader {
    const from = this.#take(length);
    return new ByteReader(this.data, from, this.at);
  }

  #take(bytes: number): number {
    const from = this.at;
    if (from + bytes > this.end) throw new ProtocolViolation('a packet ends early');
    this.at = from + bytes;
    return from;
  }
}

/** Well-formed UTF-8 [MQTT-1.5.3-1] without U+0000 [MQTT-1.5.3-2]. */
export function checkedText(data: Buffer, from: number, to: number, what: string): string {
  const bytes = data.subarray(from, to);
  if (!isUtf8(bytes) || bytes.includes(0)) throw new ProtocolViolation(`a ${what} is not well-formed UTF-8`);
  return bytes.toString();
}
