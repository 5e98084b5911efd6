import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { after, test } from 'node:test';
import type { Probe } from '../../../src/api/kinds.ts';
import { ManualClock } from '../../../src/base/clock.ts';
import { PodEvents } from '../../../src/edged/pods/pod-events.ts';
import { ContainerProber } from '../../../src/edged/probes/container-prober.ts';
import { ask, type Handler } from '../../../src/edged/probes/handlers.ts';
import { afterAnswer, hasGivenUp, initialState, type ProbeKind } from '../../../src/edged/probes/probe-state.ts';
import { RuntimeError } from '../../../src/edged/runtime.ts';
import { FakeRuntime } from '../../support/fake-runtime.ts';
import { container, NOW, podOf } from '../../support/pods.ts';

const EXEC: Probe = { exec: { command: ['check'] } };
const never = new AbortController().signal;
const servers: Server[] = [];
after(() => servers.forEach((server) => server.close()));

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const series: { kind: ProbeKind; probe: Probe; answers: string; passing: boolean; over: boolean }[] = [
  { kind: 'readiness', probe: EXEC, answers: '', passing: false, over: false },
  { kind: 'readiness', probe: EXEC, answers: '+', passing: true, over: false },
  { kind: 'readiness', probe: EXEC, answers: '+--', passing: true, over: false },
  { kind: 'readiness', probe: EXEC, answers: '+---', passing: false, over: true },
  { kind: 'readiness', probe: { ...EXEC, successThreshold: 2 }, answers: '---+', passing: false, over: false },
  { kind: 'readiness', probe: { ...EXEC, successThreshold: 2 }, answers: '---++', passing: true, over: false },
  { kind: 'liveness', probe: EXEC, answers: '', passing: true, over: false },
  { kind: 'liveness', probe: EXEC, answers: '--+--', passing: true, over: false },
  { kind: 'liveness', probe: { ...EXEC, failureThreshold: 1 }, answers: '-', passing: false, over: true },
  { kind: 'startup', probe: { ...EXEC, failureThreshold: 5 }, answers: '----', passing: false, over: false },
];
for (const { kind, probe, answers, passing, over } of series) {
  test(`${kind} after "${answers}" is ${passing ? 'passing' : 'failing'}${over ? ', given up' : ''}`, () => {
    const state = answers
      .split('')
      .reduce((before, answer) => afterAnswer(before, probe, answer === '+'), initialState(kind));
    assert.deepEqual([state.passing, hasGivenUp(state, probe)], [passing, over]);
  });
}

function setUp(probes: { startupProbe?: Probe; readinessProbe?: Probe; livenessProbe?: Probe }) {
  const runtime = new FakeRuntime();
  const clock = new ManualClock(NOW);
  const told: string[] = [];
  let ok = false;
  let looks = 0;
  let looked = Promise.withResolvers<void>();
  runtime.exec = async () => {
    looks += 1;
    looked.resolve();
    looked = Promise.withResolvers();
    return { exitCode: ok ? 0 : 1, output: 'no' };
  };
  const spec = container('main', probes);
  const pod = podOf({ containers: [spec] });
  const events = new PodEvents({ record: (_object, _type, reason, text) => told.push(`${reason}: ${text}`) });
  const probed = {
    pod,
    container: { name: 'main', role: 'app' as const, spec },
    containerId: 'c1',
    podIp: '127.0.0.1',
    startedAt: NOW,
  };
  const prober = new ContainerProber(probed, { runtime, events, clock }, () => {});
  const run = prober.run();
  return {
    prober,
    told,
    looks: () => looks,
    answer: (value: boolean) => {
      ok = value;
    },
    /** Lets the present look end: after it the prober sleeps on the clock, or has ended. */
    settle: () => new Promise<void>((resolve) => setImmediate(resolve)),
    tick: async (seconds: number) => {
      const next = looked.promise;
      clock.advance(seconds * 1000);
      await next;
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
    end: async () => {
      prober.close();
      await run;
    },
  };
}

test('the other probes wait for the startup probe', async () => {
  const { prober, answer, settle, tick, looks, end } = setUp({
    startupProbe: { ...EXEC, periodSeconds: 1 },
    readinessProbe: EXEC,
  });
  await settle();
  assert.deepEqual([prober.verdict, looks()], [{ started: false, ready: false }, 1]);
  answer(true);
  await tick(1);
  assert.deepEqual([prober.verdict, looks()], [{ started: true, ready: true }, 3]);
  await end();
});

test('a startup probe that gives up is fatal', async () => {
  const { prober, settle, tick, end } = setUp({ startupProbe: { ...EXEC, failureThreshold: 2 } });
  await settle();
  await tick(10);
  assert.equal(prober.verdict.fatal?.message, 'Container main failed startup probe, will be restarted');
  await end();
});

test('a liveness probe that gives up is fatal, with its own grace period, and every failure is told', async () => {
  const livenessProbe = { ...EXEC, periodSeconds: 5, terminationGracePeriodSeconds: 3 };
  const { prober, told, settle, tick, end } = setUp({ livenessProbe });
  await settle();
  await tick(5);
  assert.equal(prober.verdict.fatal, undefined);
  await tick(5);
  const message = 'Container main failed liveness probe, will be restarted';
  assert.deepEqual(prober.verdict.fatal, { message, graceSeconds: 3 });
  assert.deepEqual(
    told,
    Array.from({ length: 3 }, () => 'Unhealthy: Liveness probe failed: no'),
  );
  await end();
});

test('a readiness probe that fails is never fatal, and comes back', async () => {
  const { prober, answer, settle, tick, end } = setUp({ readinessProbe: { ...EXEC, failureThreshold: 1 } });
  await settle();
  assert.deepEqual(prober.verdict, { started: true, ready: false });
  answer(true);
  await tick(10);
  assert.deepEqual(prober.verdict, { started: true, ready: true });
  await end();
});

test('the first look waits for its delay', async () => {
  const { looks, settle, tick, end } = setUp({ livenessProbe: { ...EXEC, initialDelaySeconds: 30 } });
  await settle();
  assert.equal(looks(), 0);
  await tick(30);
  assert.equal(looks(), 1);
  await end();
});

async function answered(handler: Handler, timeoutMs = 5000, runtime = new FakeRuntime()) {
  const target = { container: container('main'), containerId: 'c1', podIp: '127.0.0.1' };
  return ask(handler, target, timeoutMs, runtime, never);
}

test('HTTP: codes from 200 to 399 pass, others fail, headers are sent', async () => {
  const port = await listening(
    createServer((request, response) => {
      const code = Number(request.url?.slice(1));
      response.writeHead(request.headers['x-probe'] === 'yes' ? code : 500).end('body');
    }),
  );
  const httpHeaders = [{ name: 'X-Probe', value: 'yes' }];
  const look = (path: string) => answered({ httpGet: { path, port, httpHeaders } });
  assert.equal((await look('/200')).ok, true);
  assert.equal((await look('/399')).ok, true);
  assert.deepEqual(await look('/404'), { ok: false, output: 'HTTP probe failed with statuscode: 404' });
});

test('HTTP: a port goes by its name in the container', async () => {
  const port = await listening(createServer((_request, response) => response.end()));
  const spec = container('main', { ports: [{ name: 'web', containerPort: port }] });
  const target = { container: spec, containerId: 'c1', podIp: '127.0.0.1' };
  assert.equal((await ask({ httpGet: { port: 'web' } }, target, 5000, new FakeRuntime(), never)).ok, true);
  const missing = await ask({ httpGet: { port: 'gone' } }, target, 5000, new FakeRuntime(), never);
  assert.deepEqual(missing, { ok: false, output: `couldn't find port: "gone"` });
});

test('HTTP: no answer in time fails', async () => {
  const port = await listening(createServer(() => {}));
  assert.deepEqual(await answered({ httpGet: { port } }, 50), { ok: false, output: 'no answer within 0.05s' });
});

test('TCP: a port that listens passes, one that does not fails', async () => {
  const server = createServer();
  const port = await listening(server);
  assert.equal((await answered({ tcpSocket: { port } })).ok, true);
  await new Promise((resolve) => server.close(resolve));
  assert.equal((await answered({ tcpSocket: { port } })).ok, false);
});

test('a command passes by its code, and fails when it takes too long', async () => {
  const runtime = new FakeRuntime();
  runtime.exec = async () => ({ exitCode: 2, output: 'bad' });
  assert.deepEqual(await answered({ exec: { command: ['x'] } }, 1000, runtime), { ok: false, output: 'bad' });
  runtime.exec = async () => {
    throw new RuntimeError('DeadlineExceeded', 'too long');
  };
  const late = await answered({ exec: { command: ['x'] } }, 1000, runtime);
  assert.deepEqual(late, { ok: false, output: 'command timed out: too long' });
});

const grpcAnswers = [
  { status: 1, ok: true },
  { status: 2, ok: false },
];
for (const { status, ok } of grpcAnswers) {
  test(`gRPC: serving status ${status} ${ok ? 'passes' : 'fails'}`, async () => {
    const server = createHttp2Server();
    server.on('stream', (stream, headers) => {
      assert.equal(headers[':path'], '/grpc.health.v1.Health/Check');
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, status]));
    });
    const port = await listening(server);
    assert.equal((await answered({ grpc: { port } })).ok, ok);
  });
}

test('gRPC: a server without a health service fails', async () => {
  const server = createHttp2Server();
  server.on('stream', (stream) =>
    stream.respond({ ':status': 200, 'grpc-status': '12', 'grpc-message': 'unknown service' }, { endStream: true }),
  );
  const port = await listening(server);
  assert.deepEqual(await answered({ grpc: { port } }), {
    ok: false,
    output: 'rpc failed with status 12: unknown service',
  });
});
