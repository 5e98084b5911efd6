import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Duplex, duplexPair } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { test } from 'node:test';
import { SpdySession } from '../../../../src/edged/streaming/spdy/spdy-session.ts';
import type { SpdyStream } from '../../../../src/edged/streaming/spdy/spdy-stream.ts';

const never = new AbortController().signal;

interface Pair {
  readonly client: SpdySession;
  readonly server: SpdySession;
  readonly sockets: readonly [Duplex, Duplex];
  readonly done: Promise<unknown>;
}

function connect(onStream: (stream: SpdyStream) => void): Pair {
  const sockets = duplexPair();
  const client = new SpdySession({ socket: sockets[0], role: 'client', onStream: () => assert.fail('unasked') });
  const server = new SpdySession({ socket: sockets[1], role: 'server', onStream });
  const done = Promise.all([client.run(Buffer.alloc(0)), server.run(Buffer.alloc(0))]);
  return { client, server, sockets, done };
}

test('a stream carries its headers and both directions, each ended by itself', { timeout: 60_000 }, async () => {
  const { client, done } = connect((stream) => {
    void text(stream).then((received) => stream.end(`${stream.headers['streamtype']} got ${received.length}`));
  });
  const stream = await client.open({ streamtype: 'data' }, never);
  stream.end('x'.repeat(1_000_000));
  assert.equal(await text(stream), 'data got 1000000');
  client.close();
  await done;
});

test('streams do not mix', { timeout: 60_000 }, async () => {
  const { client, done } = connect((stream) => stream.pipe(stream));
  const sent = Array.from({ length: 20 }, (_, index) => Buffer.alloc(50_000 + index, index));
  const received = await Promise.all(
    sent.map(async (bytes) => {
      const stream = await client.open({}, never);
      stream.end(bytes);
      return buffer(stream);
    }),
  );
  assert.ok(received.every((bytes, index) => bytes.equals(sent[index]!)));
  client.close();
  await done;
});

test('a slow reader stops the sender, and nothing is lost', { timeout: 60_000 }, async () => {
  let accepted: (stream: SpdyStream) => void;
  const arrived = new Promise<SpdyStream>((resolve) => (accepted = resolve));
  const { client, done } = connect((stream) => accepted(stream));
  const stream = await client.open({}, never);
  const slow = await arrived;
  let written = 0;
  while (stream.write(Buffer.alloc(16_384, 'y'))) written += 1;
  await new Promise(setImmediate);
  assert.ok(written < 100, `${written} chunks went into a stream that nobody reads`);
  const rest = buffer(slow);
  stream.end();
  assert.equal((await rest).length, (written + 1) * 16_384);
  slow.end();
  client.close();
  await done;
});

test('destroying a stream resets it for the other side and leaves the others alone', { timeout: 60_000 }, async () => {
  const streams: SpdyStream[] = [];
  const { client, done } = connect((stream) => streams.push(stream));
  const first = await client.open({}, never);
  const second = await client.open({}, never);
  const failed = once(streams[0]!, 'error');
  first.destroy();
  assert.match(String(await failed), /reset by the client/);
  second.end('still here');
  assert.equal(await text(streams[1]!), 'still here');
  client.close();
  await done;
});

test('the end of the connection ends every stream and the session', { timeout: 60_000 }, async () => {
  const streams: SpdyStream[] = [];
  const { client, sockets, done } = connect((stream) => streams.push(stream));
  const stream = await client.open({}, never);
  const failed = once(stream, 'error');
  sockets[1].destroy();
  sockets[0].destroy();
  await done;
  assert.match(String(await failed), /reset/);
  assert.ok(streams[0]!.destroyed);
});

test('a peer that breaks the protocol is cut off', { timeout: 60_000 }, async () => {
  const [client, socket] = duplexPair();
  const session = new SpdySession({ socket, role: 'server', onStream: () => undefined });
  const done = session.run(Buffer.alloc(0));
  client.resume();
  client.write(Buffer.from([0x80, 9, 0, 1, 0, 0, 0, 0]));
  await done;
  assert.ok(socket.destroyed);
});
