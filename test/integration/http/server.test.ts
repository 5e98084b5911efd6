import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type ClientHttp2Session, connect as connectHttp2, constants, type IncomingHttpHeaders } from 'node:http2';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { StatusError } from '../../../src/api/status-error.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { answerUpgrade, HttpServer, type HttpHandler, type HttpServerOptions } from '../../../src/http/index.ts';
import { testPki } from '../../support/pki.ts';

const NEVER = new AbortController().signal;

async function serve(
  t: TestContext,
  handler: HttpHandler,
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  const server = new HttpServer({
    name: 'test',
    host: '127.0.0.1',
    port: 0,
    handler,
    logger: silentLogger,
    ...options,
  });
  t.after(() => server.close());
  await server.start(NEVER);
  return server;
}

const echo: HttpHandler = {
  handle: async (request, peer) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        method: request.method,
        target: request.target,
        body: request.body === undefined ? null : Buffer.from(request.body).toString(),
        type: request.headers['content-type'] ?? null,
        certificate: peer.certificate ?? null,
      }),
    ),
  }),
};

test('method, raw target and body reach the handler unchanged', async (t) => {
  const server = await serve(t, echo);
  const base = `http://127.0.0.1:${server.port}`;
  const cases: [string, string, string | undefined, string | undefined][] = [
    ['GET', '/api/v1/pods?labelSelector=a%3Db%2Cc', undefined, undefined],
    ['POST', '/apis/x', '{"a":1}', 'application/json'],
    ['PATCH', '/%zz//double', 'a: b', 'application/apply-patch+yaml'],
    ['DELETE', '/x', '{}', 'application/json'],
    ['PUT', '/x', 'bytes', 'application/vnd.kubernetes.protobuf'],
  ];
  for (const [method, target, body, type] of cases) {
    const answer = await send(base, method, target, body, type);
    assert.deepEqual(JSON.parse(answer.text), {
      method,
      target,
      body: body ?? null,
      type: type ?? null,
      certificate: null,
    });
  }
});

test('errors become Status bodies; a body beyond the limit is 413, our own defects show nothing', async (t) => {
  const failing: HttpHandler = {
    handle: (request) =>
      Promise.reject(request.target === '/status' ? new StatusError('NotFound', 'gone') : new TypeError('secret')),
  };
  const server = await serve(t, failing, { bodyLimitBytes: 10 });
  const base = `http://127.0.0.1:${server.port}`;
  const known = await send(base, 'GET', '/status');
  assert.deepEqual([known.status, JSON.parse(known.text).reason], [404, 'NotFound']);
  const defect = await send(base, 'GET', '/defect');
  assert.equal(defect.status, 500);
  assert.ok(!defect.text.includes('secret'));
  const large = await send(base, 'POST', '/status', 'x'.repeat(11), 'application/json');
  assert.deepEqual([large.status, JSON.parse(large.text).reason], [413, 'RequestEntityTooLarge']);
});

test('TLS: the certificate of the client, absent, ours or foreign, over HTTP/1.1 and HTTP/2', async (t) => {
  const pki = await testPki();
  const tls = { cert: pki.apiServer.certPem, key: pki.apiServer.keyPem, clientCa: pki.authority.certPem };
  const server = await serve(t, echo, { tls, http2: true });
  const ours = { ca: pki.authority.certPem, cert: pki.admin.certPem, key: pki.admin.keyPem };

  const first = requestHttps({ host: '127.0.0.1', port: server.port, path: '/', ...ours }).end();
  const [response] = (await once(first, 'response')) as [IncomingMessage];
  const { certificate } = JSON.parse((await buffer(response)).toString());
  assert.deepEqual(
    [certificate.authorized, certificate.commonName, certificate.organizations],
    [true, 'admin', ['system:masters']],
  );

  const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: pki.authority.certPem });
  const stream = session.request({ ':path': '/over/h2', ':method': 'POST', 'content-type': 'a/b' });
  stream.end('body');
  const answer = JSON.parse((await buffer(stream)).toString());
  assert.deepEqual([answer.target, answer.body, answer.certificate], ['/over/h2', 'body', null]);
  session.close();
});

test('over HTTP/2 a body counts though no header tells of it, as kubectl sends raw files', async (t) => {
  const pki = await testPki();
  const tls = { cert: pki.apiServer.certPem, key: pki.apiServer.keyPem };
  const server = await serve(t, echo, { tls, http2: true });
  const session = connectHttp2(`https://127.0.0.1:${server.port}`, { ca: pki.authority.certPem });
  const stream = session.request({ ':path': '/', ':method': 'POST' });
  stream.end('untyped');
  assert.equal(JSON.parse((await buffer(stream)).toString()).body, 'untyped');
  const empty = session.request({ ':path': '/', ':method': 'POST' }, { endStream: true });
  assert.equal(JSON.parse((await buffer(empty)).toString()).body, null);
  session.close();
});

test('a stream goes out as it comes, and ends when the client leaves', async (t) => {
  let ended: () => void = () => undefined;
  const end = new Promise<void>((resolve) => {
    ended = resolve;
  });
  async function* ticks(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield Buffer.from('first');
      await once(signal, 'abort');
    } finally {
      ended();
    }
  }
  const server = await serve(t, {
    handle: async (_request, _peer, signal) => ({ status: 200, headers: {}, body: ticks(signal) }),
  });
  const client = requestHttp({ host: '127.0.0.1', port: server.port }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  const [chunk] = await once(response, 'data');
  assert.equal(String(chunk), 'first');
  client.destroy();
  await end;
});

test('a client that does not read holds the source back', async (t) => {
  let made = 0;
  async function* flood(): AsyncGenerator<Uint8Array> {
    for (; made < 100_000; made += 1) yield Buffer.alloc(64 * 1024);
  }
  const server = await serve(t, { handle: async () => ({ status: 200, headers: {}, body: flood() }) });
  const client = requestHttp({ host: '127.0.0.1', port: server.port }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  response.pause();
  // The kernel's buffers fill; then the count stands still.
  let before = -1;
  while (before !== made) {
    before = made;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(made < 1_000, `${made} chunks were made for a client that reads nothing`);
  client.destroy();
});

test('long answers are compressed where the client takes it', async (t) => {
  const long = Buffer.alloc(200_000, 'edge');
  const server = await serve(t, { handle: async () => ({ status: 200, headers: {}, body: long }) });
  const client = requestHttp({ host: '127.0.0.1', port: server.port, headers: { 'accept-encoding': 'gzip' } }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  assert.equal(response.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(await buffer(response)), long);
});

const MANY_RESETS = 5_000;

/** A server with TLS and both versions of HTTP, and a session of HTTP/2 with it. */
async function overHttp2(t: TestContext, handler: HttpHandler): Promise<ClientHttp2Session> {
  const { apiServer, authority } = await testPki();
  const tls = { cert: apiServer.certPem, key: apiServer.keyPem };
  const server = await serve(t, handler, { tls, http2: true });
  const session = connectHttp2(`https://localhost:${server.port}`, { ca: authority.certPem });
  session.on('error', () => undefined);
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

async function statusOver(session: ClientHttp2Session, headers: Record<string, string> = {}): Promise<unknown> {
  const stream = session.request({ ':path': '/', ...headers });
  stream.resume();
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return head[':status'];
}

test('HTTP/2: streams share a connection up to a limit, each with its own end', async (t) => {
  const ends = new EventEmitter();
  const session = await overHttp2(t, {
    handle: async ({ target }, _peer, signal) => ({
      status: 200,
      headers: {},
      body: (async function* () {
        yield Buffer.from(target);
        await once(signal, 'abort');
        ends.emit(target);
      })(),
    }),
  });
  assert.equal(session.remoteSettings.maxConcurrentStreams, 500);
  const [one, other] = ['/one', '/other'].map((path) => session.request({ ':path': path }));
  assert.ok(one !== undefined && other !== undefined);
  assert.equal(String((await once(one, 'data'))[0]), '/one');
  assert.equal(String((await once(other, 'data'))[0]), '/other');
  const ended = once(ends, '/one');
  one.close();
  await ended;
  assert.ok(!other.closed && !session.closed);
});

test('HTTP/2: who takes requests back without end is cut off, others are served on', async (t) => {
  const session = await overHttp2(t, echo);
  const port = session.socket.remotePort;
  const other = connectHttp2(`https://localhost:${port}`, { ca: (await testPki()).authority.certPem });
  t.after(() => other.destroy());
  const cut = new Promise((resolve) => session.once('close', resolve));
  for (let i = 0; i < MANY_RESETS && !session.destroyed; i += 1) {
    const stream = session.request({ ':path': '/' });
    stream.on('error', () => undefined);
    stream.close(constants.NGHTTP2_CANCEL);
    // An answer to a ping says that the server has seen all that went before; none comes once it has cut.
    if (i % 100 === 99) await Promise.race([cut, new Promise((resolve) => session.ping(resolve))]);
  }
  await cut;
  assert.equal(await statusOver(other), 200);
});

test('HTTP/2: headers have a limit, and a long token fits', async (t) => {
  const session = await overHttp2(t, echo);
  assert.equal(await statusOver(session, { authorization: `Bearer ${'x'.repeat(12_000)}` }), 200);
  const tooLong = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, 'y'.repeat(4_000)]));
  await assert.rejects(statusOver(session, tooLong));
});

test('an upgrade is tunnelled byte for byte, or refused with the answer', async (t) => {
  const server = await serve(t, {
    ...echo,
    upgrade: async (request, _peer, raw) => {
      if (request.target === '/no') throw new StatusError('Forbidden', 'not you');
      // What is written comes back.
      const mirror = new Duplex({
        read: () => undefined,
        write(chunk: Buffer, _encoding, done) {
          this.push(chunk);
          done();
        },
        final(done) {
          this.push(null);
          done();
        },
      });
      await answerUpgrade(raw, {
        headers: { connection: 'Upgrade', upgrade: 'x' },
        socket: mirror,
        head: Buffer.from('hi '),
      });
    },
  });
  const head = (path: string) => `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`;
  const socket = connectTcp(server.port, '127.0.0.1');
  socket.end(`${head('/yes')}bytes`);
  assert.match((await buffer(socket)).toString(), /^HTTP\/1\.1 101 [^]*\r\n\r\nhi bytes$/);

  const refused = connectTcp(server.port, '127.0.0.1');
  refused.write(head('/no'));
  assert.match((await buffer(refused)).toString(), /^HTTP\/1\.1 403 [^]*not you/);
});

test('close ends streams and idle connections at once', async (t) => {
  async function* forever(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
    await once(signal, 'abort');
  }
  const server = await serve(t, {
    handle: async (_request, _peer, signal) => ({ status: 200, headers: {}, body: forever(signal) }),
  });
  const client = requestHttp({ host: '127.0.0.1', port: server.port }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  await once(response, 'data');
  const idle = connectTcp(server.port, '127.0.0.1');
  await once(idle, 'connect');
  const gone = Promise.all([once(response, 'close'), once(idle, 'close')]);
  idle.resume();
  response.resume();
  await server.close();
  await gone;
});

test('an occupied port is named', async (t) => {
  const first = await serve(t, echo);
  await assert.rejects(serve(t, echo, { port: first.port }), { name: 'UserError', message: /another program uses it/ });
});

async function send(base: string, method: string, target: string, body?: string, type?: string) {
  const { hostname, port } = new URL(base);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const headers = type === undefined ? length : { ...length, 'content-type': type };
  const client = requestHttp({ host: hostname, port, method, path: target, headers }).end(body);
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  return { status: response.statusCode, text: (await buffer(response)).toString() };
}
