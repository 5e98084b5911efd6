/** Requests of Node's own HTTP/2 client through the filter, to Node's own server; and bytes that are none. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http2 from 'node:http2';
import { duplexPair, pipeline } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import { AuthorityFilter } from '../../../src/mappers/dmi/authority-filter.ts';

/** What comes out, where it goes in cut at every place that is named. */
function filtered(bytes: Buffer, cuts: readonly number[]): Buffer {
  const filter = new AuthorityFilter();
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    filter.write(bytes.subarray(from, to));
    from = to;
  }
  return (filter.read() as Buffer | null) ?? Buffer.alloc(0);
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const frame = (type: number, flags: number, payload: Buffer) =>
  Buffer.concat([Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, 1]), payload]);
const DATA = frame(0, 1, Buffer.from([0x41, 1, 0x2f]));
/** A literal with the name `:authority` and the value `/a`; in each form that HPACK has. */
const literals = [0x41, 0x01, 0x11].map((first) => Buffer.from([0x83, first, 2, 0x2f, 0x61, 0x86]));

test('the authority is replaced in each form of a field, and nothing else, however the bytes come', () => {
  for (const block of literals) {
    const expected = Buffer.from(block);
    expected.write('xx', 3);
    const padded = (fields: Buffer) => Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 16]), fields, Buffer.alloc(2)]);
    const stream = (fields: Buffer) =>
      Buffer.concat([PREFACE, frame(4, 0, Buffer.alloc(0)), frame(1, 4, fields), DATA, frame(1, 0x2c, padded(fields))]);
    const [before, after] = [stream(block), stream(expected)];
    for (let cut = 0; cut <= before.length; cut += 1) assert.deepEqual(filtered(before, [cut]), after);
  }
});

test('a text in Huffman code becomes a plain one', () => {
  const coded = Buffer.from([0x41, 0x82, 0x60, 0x7f]);
  const bytes = filtered(Buffer.concat([PREFACE, frame(1, 4, coded)]), []);
  assert.deepEqual(bytes.subarray(-4), Buffer.from([0x41, 0x02, 0x78, 0x78]));
});

test('whatever comes, as much comes out, but for what is not complete', () => {
  const any = fc.array(fc.tuple(fc.nat(9), fc.nat(255), fc.uint8Array({ maxLength: 60 })), { maxLength: 8 });
  fc.assert(
    fc.property(any, fc.array(fc.nat(600), { maxLength: 5 }), (frames, cuts) => {
      const bytes = Buffer.concat([
        PREFACE,
        ...frames.map(([type, flags, load]) => frame(type, flags, Buffer.from(load))),
      ]);
      const out = filtered(bytes, cuts);
      assert.equal(out.length, bytes.length);
      assert.deepEqual(out, filtered(bytes, []));
    }),
  );
});

test('a server of Node takes many requests of a client that names a path, which it refuses without the filter', async (t) => {
  const server = http2.createServer();
  server.on('stream', (stream, headers) => stream.end(String(headers[':authority'])));
  const ask = async (authority: string, through: boolean): Promise<string[]> => {
    const [near, far] = duplexPair();
    const [inside, outside] = duplexPair();
    if (through) pipeline(far, new AuthorityFilter(), outside, far, () => undefined);
    server.emit('connection', through ? inside : far);
    const session = http2.connect('http://localhost', { createConnection: () => near });
    session.on('error', () => undefined);
    t.after(() => session.destroy());
    const answers: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const request = session.request({ ':authority': authority, ':path': '/a' });
      request.setEncoding('utf8');
      const [answer] = (await once(request, 'data').catch((error: unknown) => [String(error)])) as [string];
      answers.push(answer);
    }
    return answers;
  };
  const path = '/var/run/kubeedge/dmi.sock';
  for (const answer of await ask(path, true)) assert.match(answer, /^x+$/);
  for (const answer of await ask('localhost', true)) assert.match(answer, /^x+$/);
  for (const answer of await ask(path, false)) assert.match(answer, /PROTOCOL_ERROR/);
});
