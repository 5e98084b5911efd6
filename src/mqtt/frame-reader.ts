/** A client broke the protocol or a limit: its connection ends. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}

export interface Frame {
  /** The whole packet, with its fixed header. */
  readonly bytes: Buffer;
  /** Where the variable header starts. */
  readonly bodyAt: number;
}

const MAX_LENGTH_BYTES = 4;

/** Cuts a stream of bytes into MQTT packets: MQTT 3.1.1 section 2.2. Holds at most one packet that is not whole yet. */
export class FrameReader {
  readonly #maxPacketBytes: number;
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Bytes that the packet under way needs at least. */
  #needed = 2;

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
  }

  /** The packets that are whole now. Throws ProtocolViolation. */
  push(chunk: Buffer): Frame[] {
    this.#parts.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes < this.#needed) return [];
    const data = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    const frames: Frame[] = [];
    let start = 0;
    for (;;) {
      const header = this.#header(data, start);
      this.#needed = header?.end === undefined ? 2 : header.end - start;
      if (header === undefined || header.end > data.byteLength) break;
      frames.push({ bytes: data.subarray(start, header.end), bodyAt: header.bodyAt - start });
      start = header.end;
    }
    this.#parts = start === data.byteLength ? [] : [data.subarray(start)];
    this.#bytes = data.byteLength - start;
    return frames;
  }

  #header(data: Buffer, start: number): { bodyAt: number; end: number } | undefined {
    let length = 0;
    for (let index = 1; index <= MAX_LENGTH_BYTES; index += 1) {
      const byte = data[start + index];
      if (byte === undefined) return undefined;
      length += (byte & 0x7f) * 128 ** (index - 1);
      if (byte < 0x80) {
        const bodyAt = start + index + 1;
        if (index + 1 + length > this.#maxPacketBytes) throw this.#tooLarge(length);
        return { bodyAt, end: bodyAt + length };
      }
    }
    throw new ProtocolViolation('the length of a packet takes more than four bytes');
  }

  #tooLarge(length: number): ProtocolViolation {
    return new ProtocolViolation(`a packet of ${length} bytes; at most ${this.#maxPacketBytes} are taken`);
  }
}
