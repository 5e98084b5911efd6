import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteLines } from '../../../src/client/byte-lines.ts';

async function collect(chunks: Iterable<Uint8Array>, max = 1_000_000): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of byteLines(chunks, max)) lines.push(line);
  return lines;
}

test('lines survive any chunking, in the middle of characters too', async () => {
  const text = fc.string({ unit: 'grapheme' }).map((each) => each.replaceAll('\n', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(text), fc.infiniteStream(fc.integer({ min: 1, max: 7 })), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
      const chunks: Uint8Array[] = [];
      for (let start = 0; start < bytes.length; ) {
        const size = sizes.next().value ?? 1;
        chunks.push(bytes.subarray(start, start + size));
        start += size;
      }
      const expected = lines.map((each) => Buffer.from(each).toString()).filter((each) => each !== '');
      assert.deepEqual(await collect(chunks), expected);
    }),
  );
});

test('a line beyond the limit is refused, whole or in parts', async () => {
  await assert.rejects(collect([Buffer.from('12345\n')], 4), /longer than 4 bytes/);
  await assert.rejects(collect([Buffer.from('123'), Buffer.from('45')], 4), /longer than 4 bytes/);
  assert.deepEqual(await collect([Buffer.from('1234\n56')], 4), ['1234', '56']);
});
