/** The wire format of protocol buffers: fields of a message, one after the other. */

export interface ProtobufField {
  readonly number: number;
  /** Varints as unsigned numbers, everything else as bytes. */
  readonly value: bigint | Uint8Array;
}

const MAX_VARINT_BYTES = 10;

export class ProtobufReader implements Iterable<ProtobufField> {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Throws RangeError where the bytes are no message. */
  *[Symbol.iterator](): Generator<ProtobufField> {
    while (this.#at < this.#bytes.byteLength) {
      const key = this.#varint();
      const number = Number(key >> 3n);
      yield { number, value: this.#value(Number(key & 7n)) };
    }
  }

  #value(wireType: number): bigint | Uint8Array {
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

  #varint(): bigint {
    let result = 0n;
    for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new RangeError('the message is cut off');
      this.#at += 1;
      result |= BigInt(byte & 0x7f) << BigInt(7 * i);
      if (byte < 0x80) return result;
    }
    throw new RangeError(`a number of more than ${MAX_VARINT_BYTES} bytes`);
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.byteLength - this.#at) throw new RangeError('the message is cut off');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
