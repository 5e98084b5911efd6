/**
 * Docker's multiplexed output: frames of a stream number, three zero bytes, a length (big endian) and that many bytes.
 * Containers with a terminal send plain bytes instead.
 */
const HEADER_BYTES = 8;

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly data: Buffer;
}

/** Cuts chunks into frames; a frame may come in several parts, each as soon as it is there. */
export class FrameReader {
  #header: Buffer = Buffer.alloc(0);
  #left = 0;
  #stream: Frame['stream'] = 'stdout';

  /** The parts of frames in this chunk, in order. */
  *read(chunk: Buffer): Generator<Frame> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#left === 0) rest = this.#readHeader(rest);
      if (this.#left === 0) continue;
      const data = rest.subarray(0, this.#left);
      this.#left -= data.length;
      rest = rest.subarray(data.length);
      if (data.length > 0) yield { stream: this.#stream, data };
    }
  }

  #readHeader(chunk: Buffer): Buffer {
    const missing = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, missing)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#stream = this.#header[0] === 2 ? 'stderr' : 'stdout';
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}
