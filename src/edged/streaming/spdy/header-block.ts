/** Header blocks of SPDY/3.1: name/value pairs, all blocks of one direction in one zlib stream with a known dictionary. */
import { constants, inflateRawSync } from 'node:zlib';
import { HEADER_DICTIONARY } from './header-dictionary.ts';

/** Names in lower case. */
export type SpdyHeaders = Readonly<Record<string, string>>;

/** A peer that sends more is no client of Kubernetes: its headers are a few short words. */
const MAX_HEADERS_BYTES = 64 * 1024;
const MAX_HEADERS = 100;
/** How far back deflate may refer. */
const WINDOW_BYTES = 32 * 1024;
const MAX_STORED_BYTES = 0xffff;
/** Deflate, 32 KiB window, fastest; without a dictionary (FDICT): nothing is compressed, so none is needed. */
const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
/** An empty stored block, as a compressor's flush leaves it: Go's reader hands nothing out before it has seen one. */
const FLUSH_MARK = Buffer.from([0, 0, 0, 0xff, 0xff]);
/** Set in the second byte where the dictionary's checksum follows. */
const FDICT = 0x20;

/** Writes blocks as stored deflate blocks: a few words are not worth a compressor with its memory for each connection. */
export class HeaderWriter {
  #first = true;

  write(headers: SpdyHeaders): Buffer {
    const parts: Buffer[] = [uint32(Object.keys(headers).length)];
    for (const [name, value] of Object.entries(headers)) {
      for (const text of [name, value]) {
        const bytes = Buffer.from(text, 'latin1');
        parts.push(uint32(bytes.length), bytes);
      }
    }
    const blocks = stored(Buffer.concat(parts));
    if (this.#first) blocks.unshift(ZLIB_HEADER);
    this.#first = false;
    return Buffer.concat([...blocks, FLUSH_MARK]);
  }
}

/**
 * Reads blocks. Every writer flushes to a byte boundary after each block, so a block can be inflated by itself given
 * what came before as its dictionary: the window is the only state, and all calls are plain functions.
 */
export class HeaderReader {
  #window: Buffer = HEADER_DICTIONARY;
  #first = true;

  /** Throws where the block is damaged or too large. */
  read(block: Uint8Array): SpdyHeaders {
    const text = inflateRawSync(this.#first ? withoutZlibHeader(block) : block, {
      dictionary: this.#window,
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_HEADERS_BYTES,
    });
    this.#first = false;
    this.#window = Buffer.concat([this.#window, text]).subarray(-WINDOW_BYTES);
    return parse(text);
  }
}

function withoutZlibHeader(block: Uint8Array): Uint8Array {
  const flags = block[1] ?? 0;
  return block.subarray(flags & FDICT ? 6 : 2);
}

function stored(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += MAX_STORED_BYTES) {
    const part = bytes.subarray(start, start + MAX_STORED_BYTES);
    const head = Buffer.alloc(5);
    head.writeUInt16LE(part.length, 1);
    head.writeUInt16LE(part.length ^ 0xffff, 3);
    blocks.push(head, part);
  }
  return blocks;
}

function parse(text: Buffer): SpdyHeaders {
  let offset = 0;
  const number = (): number => {
    offset += 4;
    return text.readUInt32BE(offset - 4);
  };
  const string = (): string => {
    const length = number();
    if (length > text.length - offset) throw new RangeError('a header of SPDY is longer than its block');
    offset += length;
    return text.toString('latin1', offset - length, offset);
  };
  const count = number();
  if (count > MAX_HEADERS) throw new RangeError(`more than ${MAX_HEADERS} headers in a block of SPDY`);
  const headers: [string, string][] = [];
  for (let index = 0; index < count; index += 1) headers.push([string().toLowerCase(), string()]);
  return Object.fromEntries(headers);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
