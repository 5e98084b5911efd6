/**
 * Writes protocol buffers from their end to their beginning: the length of what is nested is known when its turn comes,
 * so that nothing is measured first and nothing copied after.
 */

const SMALLEST_BUFFER_BYTES = 256;
/** Shorter texts are written faster from here than by a call into the engine. */
const SHORT_TEXT = 32;
const TWO_POW_32 = 2 ** 32;

export class ProtobufWriter {
  #buffer: Buffer;
  /** Where the written part begins. */
  #at: number;

  /** `expectedBytes` need not be right: the buffer grows. */
  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(expectedBytes, SMALLEST_BUFFER_BYTES));
    this.#at = this.#buffer.length;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#buffer.length - this.#at;
  }

  /** What is written; the writer is used up. */
  finish(): Uint8Array {
    return this.#buffer.subarray(this.#at);
  }

  /** Behind the value of the field, since everything is written from the end. */
  tag(number: number, wireType: number): void {
    this.varint(number * 8 + wireType);
  }

  /** A whole number that is not negative. */
  varint(value: number): void {
    if (value < 0x80) return this.byte(value);
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
    let at = this.#claim(size);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#buffer[at++] = (rest % 0x80) | 0x80;
    this.#buffer[at] = rest;
  }

  /** A whole number as `int64` has it: negative ones take ten bytes. */
  integer(value: number): void {
    if (value >= 0) return this.varint(value);
    let at = this.#claim(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 0x80n; rest >>= 7n) this.#buffer[at++] = Number(rest & 0x7fn) | 0x80;
    this.#buffer[at] = Number(rest);
  }

  double(value: number): void {
    const at = this.#claim(8);
    this.#buffer.writeDoubleLE(value, at);
  }

  byte(value: number): void {
    const at = this.#claim(1);
    this.#buffer[at] = value;
  }

  /** Four bytes, the highest first. */
  uint32BigEndian(value: number): void {
    const at = this.#claim(4);
    this.#buffer.writeUInt32BE(value % TWO_POW_32, at);
  }

  bytes(bytes: Uint8Array): void {
    const at = this.#claim(bytes.byteLength);
    this.#buffer.set(bytes, at);
  }

  text(text: string): void {
    if (text.length < SHORT_TEXT && this.#ascii(text)) return;
    const size = Buffer.byteLength(text);
    const at = this.#claim(size);
    this.#buffer.write(text, at);
  }

  /** False, and nothing written, where the text is more than ASCII. */
  #ascii(text: string): boolean {
    const start = this.#claim(text.length);
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.#at += text.length;
        return false;
      }
      this.#buffer[start + i] = code;
    }
    return true;
  }

  /** Room in front of what is written; returns where it begins. */
  #claim(size: number): number {
    if (size > this.#at) this.#grow(size);
    this.#at -= size;
    return this.#at;
  }

  #grow(size: number): void {
    const { length } = this;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, length + size));
    this.#buffer.copy(larger, larger.length - length, this.#at);
    this.#at = larger.length - length;
    this.#buffer = larger;
  }
}
