import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, createDeflate } from 'node:zlib';
import fc from 'fast-check';
import { SpdyFrameReader } from '../../../../src/edged/streaming/spdy/frame-reader.ts';
import { type SpdyFrame, writeFrame } from '../../../../src/edged/streaming/spdy/frames.ts';
import { HeaderReader, HeaderWriter } from '../../../../src/edged/streaming/spdy/header-block.ts';
import { HEADER_DICTIONARY } from '../../../../src/edged/streaming/spdy/header-dictionary.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
const value = fc.stringMatching(/^[\x20-\x7e]{0,60}$/);
const headers = fc.dictionary(name, value, { maxKeys: 12, noNullPrototype: true });
const streamId = fc.integer({ min: 1, max: 0x7fff_ffff });
const word = fc.integer({ min: 0, max: 0x7fff_ffff });
const fin = fc.boolean();

const shape = { noNullPrototype: true };
const frame: fc.Arbitrary<SpdyFrame> = fc.oneof(
  fc.record({ type: fc.constantFrom('syn-stream', 'syn-reply', 'headers'), streamId, headers, fin }, shape),
  fc.record({ type: fc.constant('rst-stream'), streamId, status: word }, shape),
  fc.record({ type: fc.constant('settings') }, shape),
  fc.record({ type: fc.constant('ping'), id: word }, shape),
  fc.record({ type: fc.constant('goaway'), lastStreamId: word }, shape),
  fc.record({ type: fc.constant('window-update'), streamId: word, delta: word }, shape),
  fc.record({ type: fc.constant('data'), streamId, data: fc.uint8Array({ maxLength: 300 }), fin }, shape),
);

/** Data in parts is the same as data in one. */
function joined(frames: Iterable<SpdyFrame>): SpdyFrame[] {
  const result: SpdyFrame[] = [];
  let open = false;
  for (const next of frames) {
    const last = result.at(-1);
    if (open && last?.type === 'data' && next.type === 'data' && next.streamId === last.streamId && !last.fin) {
      result.splice(-1, 1, { ...next, data: Buffer.concat([last.data, next.data]) });
    } else {
      result.push(next.type === 'data' ? { ...next, data: Buffer.from(next.data) } : next);
    }
    open = next.type === 'data';
  }
  return result;
}

function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const end = start + (sizes[index % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

test('what is written is read again, however the connection cuts it', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 12 }), sizes, (frames, chunks) => {
      const writer = new HeaderWriter();
      const bytes = Buffer.concat(frames.flatMap((each) => writeFrame(each, writer)));
      const reader = new SpdyFrameReader();
      const read = [...cut(bytes, chunks)].flatMap((chunk) => [...reader.read(chunk)]);
      assert.deepEqual(joined(read), joined(frames));
    }),
  );
});

test('whatever comes is frames or an error, never a hang or another exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const reader = new SpdyFrameReader();
      try {
        for (const each of reader.read(bytes)) assert.ok(each.type.length > 0);
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

/** A block as a compressing client writes it: one zlib stream for all, flushed after each. */
async function compress(blocks: readonly Buffer[]): Promise<Buffer[]> {
  const deflate = createDeflate({ dictionary: HEADER_DICTIONARY });
  const result: Buffer[] = [];
  for (const block of blocks) {
    const chunks: Buffer[] = [];
    deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
    deflate.write(block);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    deflate.removeAllListeners('data');
    result.push(Buffer.concat(chunks));
  }
  deflate.close();
  return result;
}

function plainBlock(of: Record<string, string>): Buffer {
  const text = Object.entries(of).flat();
  const parts = text.map((each) => Buffer.concat([Buffer.from([0, 0, 0, each.length]), Buffer.from(each)]));
  return Buffer.concat([Buffer.from([0, 0, 0, text.length / 2]), ...parts]);
}

test('compressed headers are read block by block, each referring to those before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(headers, { minLength: 1, maxLength: 20 }), async (sequence) => {
      const reader = new HeaderReader();
      const blocks = await compress(sequence.map(plainBlock));
      assert.deepEqual(
        blocks.map((block) => reader.read(block)),
        sequence,
      );
    }),
    { numRuns: 50 },
  );
});

test('a block that unfolds beyond its limit is refused', async () => {
  const [bomb = Buffer.alloc(0)] = await compress([Buffer.alloc(10_000_000)]);
  assert.ok(bomb.length < 20_000);
  assert.throws(() => new HeaderReader().read(bomb), RangeError);
});

test('another version is refused', () => {
  const reader = new SpdyFrameReader();
  assert.throws(() => [...reader.read(Buffer.from([0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1]))], /version 2 of SPDY/);
});
