/** Frames of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00, with the windows of 3.1) and how they are written. Pure. */
import type { HeaderWriter, SpdyHeaders } from './header-block.ts';

export type SpdyFrame =
  | { readonly type: 'syn-stream'; readonly streamId: number; readonly headers: SpdyHeaders; readonly fin: boolean }
  | { readonly type: 'syn-reply'; readonly streamId: number; readonly headers: SpdyHeaders; readonly fin: boolean }
  | { readonly type: 'rst-stream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'settings' }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway'; readonly lastStreamId: number }
  | { readonly type: 'headers'; readonly streamId: number; readonly headers: SpdyHeaders; readonly fin: boolean }
  | { readonly type: 'window-update'; readonly streamId: number; readonly delta: number }
  /** A frame read from the wire may come in parts; `fin` is on the last. */
  | { readonly type: 'data'; readonly streamId: number; readonly data: Uint8Array; readonly fin: boolean };

export const FRAME_HEAD_BYTES = 8;
export const SPDY_VERSION = 3;
export const FLAG_FIN = 1;

/** Status codes of RST_STREAM. */
export const RST = { protocolError: 1, invalidStream: 2, refusedStream: 3, cancel: 5 } as const;

export const CONTROL_TYPES = {
  'syn-stream': 1,
  'syn-reply': 2,
  'rst-stream': 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  'window-update': 9,
} as const satisfies Record<Exclude<SpdyFrame['type'], 'data'>, number>;

/** The bytes of a frame; those of data are not copied. */
export function writeFrame(frame: SpdyFrame, headers: HeaderWriter): Uint8Array[] {
  switch (frame.type) {
    case 'data':
      return [head(frame.streamId, frame.fin, frame.data.byteLength), frame.data];
    case 'syn-stream':
      // No associated stream, highest priority, no slot.
      return control(frame.type, [frame.streamId, 0], frame.fin, Buffer.alloc(2), headers.write(frame.headers));
    case 'syn-reply':
    case 'headers':
      return control(frame.type, [frame.streamId], frame.fin, headers.write(frame.headers));
    case 'rst-stream':
      return control(frame.type, [frame.streamId, frame.status]);
    case 'settings':
      return control(frame.type, [0]);
    case 'ping':
      return control(frame.type, [frame.id]);
    case 'goaway':
      return control(frame.type, [frame.lastStreamId, 0]);
    case 'window-update':
      return control(frame.type, [frame.streamId, frame.delta]);
  }
}

function control(
  type: keyof typeof CONTROL_TYPES,
  words: readonly number[],
  fin = false,
  ...rest: readonly Buffer[]
): Uint8Array[] {
  const fields = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => fields.writeUInt32BE(word, index * 4));
  const length = fields.length + rest.reduce((sum, part) => sum + part.length, 0);
  const typeWord = 0x8000_0000 + SPDY_VERSION * 0x1_0000 + CONTROL_TYPES[type];
  return [head(typeWord, fin, length), fields, ...rest];
}

function head(first: number, fin: boolean, length: number): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES);
  bytes.writeUInt32BE(first);
  bytes.writeUInt32BE((fin ? FLAG_FIN * 0x100_0000 : 0) + length, 4);
  return bytes;
}
