/** The wire format of protocol buffers: the fields of a message, one after the other. */

/** Varints as numbers, those beyond 2^53 as bigints; everything else as bytes. */
export type WireValue = number | bigint | Uint8Array;

const MAX_VARINT_BYTES = 10;
/** As many bytes as fit into a number without loss. */
const SAFE_VARINT_BYTES = 7;

/** A cursor: `next` steps to a field, `number` and `value` tell of it. */
export class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  /** Of the present field. */
  number = 0;
  value: WireValue = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** False at the end. Throws RangeError where the bytes are no message. */
  next(): boolean {
    if (this.#at >= this.#bytes.byteLength) return false;
    const key = this.#varint();
    if (typeof key !== 'number') throw new RangeError(`field ${key} at byte ${this.#at}`);
    this.number = Math.floor(key / 8);
    this.value = this.#value(key % 8);
    return true;
  }

  #value(wireType: number): WireValue {
    switch (wireType) {
      case 0:
        return this.#varint();
      case 1:
        return this.#take(8);
      case 2:
        return this.#take(Number(this.#varint()));
      case 5:
        return this.#take(4);
      default:
        throw new RangeError(`wire type ${wireType} at byte ${this.#at}`);
    }
  }

  #varint(): number | bigint {
    let result = 0;
    let scale = 1;
    for (let i = 0; i < SAFE_VARINT_BYTES; i += 1) {
      const byte = this.#byte();
      result += (byte & 0x7f) * scale;
      if (byte < 0x80) return result;
      scale *= 0x80;
    }
    return this.#longVarint(BigInt(result));
  }

  #longVarint(start: bigint): number | bigint {
    let result = start;
    for (let i = SAFE_VARINT_BYTES; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.#byte();
      result |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return result <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(result) : result;
    }
    throw new RangeError(`a number of more than ${MAX_VARINT_BYTES} bytes`);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('the message is cut off');
    this.#at += 1;
    return byte;
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.byteLength - this.#at) throw new RangeError('the message is cut off');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
