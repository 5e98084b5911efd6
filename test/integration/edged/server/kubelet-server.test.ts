import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { SpdySession } from '../../../../src/edged/streaming/spdy/spdy-session.ts';
import type { SpdyStream } from '../../../../src/edged/streaming/spdy/spdy-stream.ts';
import { issueCertificate } from '../../../../src/pki/certificates.ts';
import { kubeletSite, type KubeletSite } from '../../../support/kubelet-site.ts';
import { testPki } from '../../../support/pki.ts';

const never = new AbortController().signal;
const limit = { timeout: 60_000 };
let kubelet: KubeletSite;

// Reads lines from its input and answers; serves a page on its loopback at port 8080 meanwhile.
const SCRIPT = `echo started; echo trouble >&2; echo "hello from the pod" >/tmp/index.html; httpd -p 127.0.0.1:8080 -h /tmp
while read line; do echo "got $line"; done; sleep 1000`;

before(async () => {
  kubelet = await kubeletSite({ command: ['sh', '-c', SCRIPT], stdin: true });
});
after(async () => kubelet.close());

async function spdy(path: string, protocol: string): Promise<SpdySession> {
  const socket = await kubelet.upgrade(path, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol });
  if (typeof socket === 'string') assert.fail(`refused: ${socket}`);
  const session = new SpdySession({ socket, role: 'client', onStream: () => assert.fail('unasked') });
  void session.run(Buffer.alloc(0));
  return session;
}

function exec(command: readonly string[], streams: string): string {
  const query = command.map((word) => `command=${encodeURIComponent(word)}`).join('&');
  return `/exec/default/web/main?${query}&${streams}`;
}

test('exec over SPDY: both outputs, the input to its end, and the exit code', limit, async () => {
  const session = await spdy(
    exec(['sh', '-c', 'cat; echo to stderr >&2; exit 3'], 'input=1&output=1&error=1'),
    'v4.channel.k8s.io',
  );
  const open = (streamtype: string): Promise<SpdyStream> => session.open({ streamtype }, never);
  const [error, stdin, stdout, stderr] = await Promise.all(['error', 'stdin', 'stdout', 'stderr'].map(open));
  const sent = 'x'.repeat(300_000);
  stdin!.end(sent);
  const [out, err, status] = await Promise.all([text(stdout!), text(stderr!), text(error!)]);
  assert.equal(out, sent);
  assert.equal(err, 'to stderr\n');
  const { status: outcome, reason, details } = JSON.parse(status);
  assert.deepEqual(
    [outcome, reason, details.causes],
    ['Failure', 'NonZeroExitCode', [{ reason: 'ExitCode', message: '3' }]],
  );
});

test('exec with a terminal has one output and the size that the client says', limit, async () => {
  const script = 'while size=$(stty size 2>/dev/null); [ -z "$size" ]; do :; done; echo "$size"';
  const session = await spdy(exec(['sh', '-c', script], 'input=1&output=1&tty=1'), 'v4.channel.k8s.io');
  const open = (streamtype: string): Promise<SpdyStream> => session.open({ streamtype }, never);
  const [error, stdout, resize] = await Promise.all(['error', 'stdout', 'resize', 'stdin'].map(open));
  resize!.write('{"Width":123,"Height":45}\n');
  assert.match(await text(stdout!), /^45 123\r\n$/);
  assert.equal(JSON.parse(await text(error!)).status, 'Success');
});

test('the old protocols say in plain text what went wrong, and nothing after a success', limit, async () => {
  const run = async (command: string): Promise<string> => {
    const session = await spdy(exec(['sh', '-c', command], 'output=1'), 'channel.k8s.io');
    const error = await session.open({ streamtype: 'error' }, never);
    const stdout = await session.open({ streamtype: 'stdout' }, never);
    await text(stdout);
    return text(error);
  };
  assert.equal(await run('exit 0'), '');
  assert.equal(await run('exit 7'), 'command terminated with exit code 7');
});

async function webSocket(path: string, protocol: string): Promise<WebSocket> {
  const pki = await testPki();
  const socket = new WebSocket(`wss://127.0.0.1:${kubelet.server.port}${path}`, protocol === '' ? [] : [protocol], {
    ca: pki.authority.certPem,
    cert: pki.kubeletClient.certPem,
    key: pki.kubeletClient.keyPem,
  });
  return socket;
}

for (const protocol of ['v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', '']) {
  test(`exec over WebSocket ${protocol || 'without a protocol'}`, limit, async () => {
    const base64 = protocol.includes('base64');
    const socket = await webSocket(
      exec(['sh', '-c', 'read line; echo "got $line"; exit 2'], 'input=1&output=1'),
      protocol,
    );
    const channels = new Map<number, string>();
    socket.on('message', (data: Buffer) => {
      const channel = base64 ? Number(String.fromCharCode(data[0]!)) : data[0]!;
      const payload = base64 ? Buffer.from(data.toString('latin1', 1), 'base64') : data.subarray(1);
      channels.set(channel, (channels.get(channel) ?? '') + payload.toString());
    });
    await once(socket, 'open');
    assert.equal(socket.protocol, protocol);
    socket.send(base64 ? `0${Buffer.from('line\n').toString('base64')}` : Buffer.from('\0line\n'));
    const [code] = await once(socket, 'close');
    assert.equal(code, 1000);
    assert.equal(channels.get(1), 'got line\n');
    const outcome = channels.get(3) ?? '';
    if (/^v[45]/.test(protocol)) assert.equal(JSON.parse(outcome).details.causes[0].message, '2');
    else assert.equal(outcome, 'command terminated with exit code 2');
  });
}

test('v5 lets the client end its input', limit, async () => {
  const socket = await webSocket(exec(['cat'], 'input=1&output=1'), 'v5.channel.k8s.io');
  let output = '';
  socket.on('message', (data: Buffer) => (output += data[0] === 1 ? data.toString('latin1', 1) : ''));
  await once(socket, 'open');
  socket.send(Buffer.from('\0all there is'));
  socket.send(Buffer.from([255, 0]));
  await once(socket, 'close');
  assert.equal(output, 'all there is');
});

test('attach joins the running process', limit, async () => {
  const session = await spdy('/attach/default/web/main?input=1&output=1', 'v4.channel.k8s.io');
  const open = (streamtype: string): Promise<SpdyStream> => session.open({ streamtype }, never);
  const [, stdin, stdout] = await Promise.all(['error', 'stdin', 'stdout'].map(open));
  stdin!.write('a line\n');
  const [chunk] = await once(stdout!, 'data');
  assert.equal(String(chunk), 'got a line\n');
  session.destroy();
});

test('port-forward over SPDY reaches the loopback of the pod', limit, async () => {
  const session = await spdy('/portForward/default/web', 'portforward.k8s.io');
  assert.match(await forwarded(session, 8080, '1'), /\r\n\r\nhello from the pod\n$/);
  assert.match(await forwarded(session, 8080, '2'), /\r\n\r\nhello from the pod\n$/);
  const [data, error] = await pair(session, 81, '3');
  const trouble = await text(error);
  assert.equal(trouble, 'error forwarding port 81 to pod default/web: connection refused');
  data.destroy();
  session.close();
});

test('port-forward over plain WebSocket channels', limit, async () => {
  const socket = await webSocket('/portForward/default/web?port=8080', 'v4.channel.k8s.io');
  const channels: string[] = ['', ''];
  socket.on('message', (data: Buffer) => (channels[data[0]!] += data.toString('latin1', 1)));
  await once(socket, 'open');
  socket.send(Buffer.from('\0GET / HTTP/1.0\r\n\r\n'));
  await once(socket, 'close');
  assert.ok(channels[0]!.startsWith('\x90\x1fHTTP/1.'), channels[0]);
  assert.ok(channels[0]!.endsWith('\r\n\r\nhello from the pod\n'), channels[0]);
  assert.equal(channels[1], '\x90\x1f');
});

async function pair(session: SpdySession, port: number, requestid: string): Promise<[SpdyStream, SpdyStream]> {
  const headers = { port: String(port), requestid };
  const error = await session.open({ ...headers, streamtype: 'error' }, never);
  const data = await session.open({ ...headers, streamtype: 'data' }, never);
  return [data, error];
}

async function forwarded(session: SpdySession, port: number, requestid: string): Promise<string> {
  const [data, error] = await pair(session, port, requestid);
  data.end('GET / HTTP/1.0\r\n\r\n');
  const received = await text(data);
  assert.equal(await text(error), '');
  return received;
}

test('logs: outputs, tails, timestamps, limits', limit, async () => {
  const log = async (query: string): Promise<string> =>
    (await kubelet.get(`/containerLogs/default/web/main${query}`)).body;
  const all = await log('');
  assert.ok(all.includes('started\n') && all.includes('trouble\n'), all);
  assert.equal(await log('?stream=Stdout&limitBytes=4'), 'star');
  assert.equal((await log('?tailLines=1')).split('\n').length, 2);
  assert.equal(await log('?tailLines=0'), '');
  assert.match(await log('?timestamps=true&stream=Stderr'), /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z trouble\n$/);
  assert.equal(await log('?sinceTime=2099-01-01T00:00:00Z'), '');
  assert.ok((await log('?sinceSeconds=3600')).includes('started\n'));
});

test('what cannot be done is said in the words of kubelet', limit, async () => {
  const cases = [
    ['/containerLogs/default/none/main', 404, 'pod "none" does not exist\n'],
    ['/containerLogs/default/web/other', 404, 'container "other" not found in pod "web"\n'],
    ['/containerLogs/default/web/late', 400, 'container "late" in pod "web" is waiting to start: ContainerCreating'],
    [
      '/containerLogs/default/web/main?previous=true',
      400,
      'previous terminated container "main" in pod "web" not found',
    ],
    ['/exec/default/web/main?command=ls&output=1', 400, 'unable to upgrade: missing upgrade headers in request'],
    ['/nothing', 404, '404 page not found'],
  ] as const;
  for (const [path, status, body] of cases) assert.deepEqual(await kubelet.get(path), { status, body }, path);
  const headers = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' };
  const refused = [
    ['/exec/default/web/late?command=ls&output=1', 'container not found ("late")'],
    ['/exec/default/web/main?command=ls', 'you must specify at least 1 of stdin, stdout, stderr'],
    ['/portForward/default/none', 'pod not found ("none_default")'],
  ] as const;
  for (const [path, body] of refused) assert.equal(await kubelet.upgrade(path, headers), body, path);
  const unknown = await kubelet.upgrade('/portForward/default/web', { ...headers, 'x-stream-protocol-version': 'v9' });
  assert.equal(unknown, 'unable to negotiate protocol: client supports [v9], server accepts [portforward.k8s.io ]');
});

test('health, pods, run, stats and metrics', limit, async () => {
  assert.deepEqual(await kubelet.get('/healthz'), { status: 200, body: 'ok' });
  assert.equal(JSON.parse((await kubelet.get('/pods')).body).items[0].metadata.name, 'web');
  assert.equal((await kubelet.get('/run/default/web/main?cmd=echo+hi')).body, 'hi\n');
  const summary = JSON.parse((await kubelet.get('/stats/summary')).body);
  assert.ok(summary.node.memory.workingSetBytes > 0 && summary.node.cpu.usageCoreNanoSeconds > 0);
  assert.deepEqual(
    summary.pods[0].containers.map(({ name }: { name: string }) => name),
    ['main'],
  );
  assert.ok(summary.pods[0].containers[0].memory.workingSetBytes > 0);
  const metrics = (await kubelet.get('/metrics/resource')).body;
  assert.match(
    metrics,
    /^container_memory_working_set_bytes\{container="main",namespace="default",pod="web"\} \d+ \d+$/m,
  );
  const own = (await kubelet.get('/metrics')).body;
  assert.match(own, /^edged_pods\{phase="Unknown"\} 1$/m);
  const claim = 'namespace="default",persistentvolumeclaim="data-web"';
  assert.ok(own.includes(`\nkubelet_volume_stats_used_bytes{${claim}} 4096\n`), own);
  const [volume] = summary.pods[0].volume;
  assert.deepEqual(volume.pvcRef, { namespace: 'default', name: 'data-web' });
  assert.deepEqual([volume.time, volume.usedBytes], ['2026-01-01T00:00:00Z', 4096]);
});

test('without a certificate, or with one of no master, nothing is served', limit, async () => {
  const pki = await testPki();
  const status = async (client: object): Promise<number> => {
    const outgoing = request({
      host: '127.0.0.1',
      port: kubelet.server.port,
      path: '/pods',
      ca: pki.authority.certPem,
      agent: false,
      ...client,
    });
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    response.resume();
    return response.statusCode;
  };
  assert.equal(await status({}), 401);
  const profile = { commonName: 'somebody', organizations: ['guests'], usages: ['client' as const], validDays: 1 };
  const guest = await issueCertificate(pki.authority, profile, Date.now());
  assert.equal(await status({ cert: guest.certPem, key: guest.keyPem }), 403);
});
