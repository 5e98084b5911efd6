import { Transform, type TransformCallback } from 'node:stream';

/** HTTP/2, RFC 9113: the preface of a client, the head of a frame, and what a frame may hold by default. */
const PREFACE_BYTES = 24;
const HEAD_BYTES = 9;
const MAX_FRAME_BYTES = 16 * 1024;
const HEADERS_FRAME = 1;
const PADDED_FLAG = 0x08;
const PRIORITY_FLAG = 0x20;
const PRIORITY_BYTES = 5;
/** HPACK, RFC 7541: the index of `:authority` in the static table, and the bit of texts in Huffman's code. */
const AUTHORITY = 1;
const HUFFMAN = 0x80;
const FILLER = 'x'.charCodeAt(0);

/**
 * Clients in Go before grpc-go 1.57, and mappers that KubeEdge made with them, name the path of a unix socket as the authority.
 * The norm has no slash there, and Node's HTTP/2 refuses such a request before anybody can look at it. On a socket that has no
 * other host the authority tells nothing: each is replaced by one of the same length that the norm allows.
 */
export class AuthorityFilter extends Transform {
  /** Bytes of a frame of headers, or of the head of any, that is not complete yet. */
  #kept: Buffer = Buffer.alloc(0);
  /** Bytes that pass unseen: the preface, and what frames of other types hold. */
  #passing = PREFACE_BYTES;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    let bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    for (;;) {
      const passing = Math.min(this.#passing, bytes.length);
      if (passing > 0) this.push(bytes.subarray(0, passing));
      this.#passing -= passing;
      bytes = bytes.subarray(passing);
      if (bytes.length < HEAD_BYTES) break;
      const length = bytes.readUIntBE(0, 3);
      if (bytes[3] !== HEADERS_FRAME || length > MAX_FRAME_BYTES) {
        this.#passing = HEAD_BYTES + length;
        continue;
      }
      if (bytes.length < HEAD_BYTES + length) break;
      this.push(withoutAuthority(bytes.subarray(0, HEAD_BYTES + length)));
      bytes = bytes.subarray(HEAD_BYTES + length);
    }
    this.#kept = bytes;
    done();
  }
}

/** The frame, as a copy. One that is malformed is for the server to refuse. */
function withoutAuthority(original: Buffer): Buffer {
  const frame = Buffer.from(original);
  const flags = frame[4] ?? 0;
  const padded = (flags & PADDED_FLAG) !== 0;
  const padding = padded ? (frame[HEAD_BYTES] ?? 0) : 0;
  const from = HEAD_BYTES + (padded ? 1 : 0) + ((flags & PRIORITY_FLAG) !== 0 ? PRIORITY_BYTES : 0);
  const fields = new FieldReader(frame, from, frame.length - padding);
  while (!fields.done) fields.next();
  return frame;
}

/** Walks over a block of fields without a table: only where each of them ends is of interest. */
class FieldReader {
  readonly #bytes: Buffer;
  readonly #end: number;
  #at: number;

  constructor(bytes: Buffer, from: number, end: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  next(): void {
    const first = this.#bytes[this.#at] ?? 0;
    const isIndexed = (first & 0x80) !== 0;
    const isSizeUpdate = (first & 0xe0) === 0x20;
    if (isIndexed || isSizeUpdate) return void this.#integer(isIndexed ? 7 : 5);
    const name = this.#integer((first & 0x40) === 0 ? 4 : 6);
    if (name === 0) this.#text();
    const at = this.#at;
    const [from, to] = this.#text();
    if (name !== AUTHORITY || to > this.#end) return;
    this.#bytes[at] = (this.#bytes[at] ?? 0) & ~HUFFMAN;
    this.#bytes.fill(FILLER, from, to);
  }

  /** From where to where its bytes go. */
  #text(): [from: number, to: number] {
    const length = this.#integer(7);
    const from = this.#at;
    this.#at += length;
    return [from, this.#at];
  }

  /** RFC 7541 section 5.1. */
  #integer(prefixBits: number): number {
    const most = 2 ** prefixBits - 1;
    let value = (this.#bytes[this.#at++] ?? 0) & most;
    if (value < most) return value;
    for (let factor = 1; this.#at < this.#end; factor *= 128) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  }
}
