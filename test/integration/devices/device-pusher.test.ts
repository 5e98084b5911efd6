/** Reported values that are pushed to a real HTTP server and a real broker, which come and go. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect as tcpConnect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { JsonObject } from '../../../src/api/json.ts';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { Device } from '../../../src/devices/device-kinds.ts';
import { type AttachedDevice, DevicePusher } from '../../../src/devices/index.ts';
import { DeviceTwin } from '../../../src/devicetwin/index.ts';
import { RemoteBroker } from '../../../src/mqtt/index.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';

/** What is awaited and does not come fails, and does not hang. */
const LIMIT = { timeout: 60_000 };

/** Nobody sleeps: time passes instead. */
class EagerClock implements Clock {
  passedMs = 0;

  now(): number {
    return Date.now() + this.passedMs;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.passedMs += ms;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What an HTTP server was sent, to be awaited; it answers with `status`. */
const posted: string[] = [];
let status = 200;
let heard: () => void = () => undefined;
const receiver = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    response.statusCode = status;
    response.end();
    posted.push(`${request.method} ${request.url} ${body.replace(/&time=.*/, '')}`);
    heard();
  });
});

async function untilPosted(count: number): Promise<string[]> {
  while (posted.length < count) await new Promise<void>((resolve) => (heard = resolve));
  return posted.splice(0);
}

/** Device objects as the controller would know them, with the Events that are written about them. */
class Objects {
  readonly areCurrent = true;
  readonly #devices = new Map<string, Device>();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #events: { readonly at: number; readonly text: string }[] = [];
  #told: () => void = () => undefined;

  put(id: string, pushMethod: JsonObject, protocolName = 'own'): void {
    this.#devices.set(id, { spec: { properties: [{ name: 'temp', pushMethod }], protocol: { protocolName } } });
    for (const listener of this.#listeners) listener(id);
  }

  remove(id: string): void {
    this.#devices.delete(id);
    for (const listener of this.#listeners) listener(id);
  }

  attached(): AttachedDevice[] {
    return [...this.#devices.keys()].flatMap((id) => this.attachedAs(id) ?? []);
  }

  attachedAs(id: string): AttachedDevice | undefined {
    const device = this.#devices.get(id);
    return device === undefined ? undefined : { id, device, model: undefined };
  }

  onAttached(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  warn(id: string, reason: string, message: string): void {
    this.#events.push({ at: clock.now(), text: `${id} ${reason} ${message}` });
    this.#told();
  }

  async event(): Promise<{ readonly at: number; readonly text: string }> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => (this.#told = resolve));
    }
  }

  get events(): readonly string[] {
    return this.#events.map(({ text }) => text);
  }
}

let site: Awaited<ReturnType<typeof testBroker>>;
let folder: string;
let twins: DeviceTwin;
let objects: Objects;
let clock: EagerClock;
let pusher: DevicePusher;
const bus = { publish: () => Promise.resolve(), subscribe: () => () => undefined };

before(async () => {
  site = await testBroker();
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});

after(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await site.close();
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'push-'));
  clock = new EagerClock();
  const history = { maxValues: 10, maxAgeMs: 60_000 };
  const options = { file: join(folder, 'twins.db'), nodeName: 'edge-node', registerUnknown: true, history };
  twins = new DeviceTwin(options, { bus, clock: systemClock, newId: randomUUID, logger: silentLogger });
  await twins.start();
  objects = new Objects();
  pusher = newPusher();
  await pusher.start();
});

afterEach(async () => {
  await pusher.close();
  await twins.close();
  rmSync(folder, { recursive: true });
  status = 200;
  posted.splice(0);
});

function newPusher(isMapped: (device: AttachedDevice) => boolean = () => false): DevicePusher {
  const connect = (url: string): RemoteBroker => new RemoteBroker(url);
  return new DevicePusher({
    devices: objects,
    twins,
    isMapped,
    connect,
    clock,
    random: Math.random,
    logger: silentLogger,
  });
}

const report = (id: string, value: string) => twins.update(id, { temp: { actual: { value } } });
const http = (path = '/in'): JsonObject => {
  const { port } = receiver.address() as AddressInfo;
  return { http: { hostName: 'http://127.0.0.1', port, requestPath: path } };
};
const mqtt = (options: JsonObject = {}): JsonObject => {
  return { mqtt: { address: `tcp://127.0.0.1:${site.broker.port}`, topic: 'plant/temp', ...options } };
};

test('each reported value is posted once, in order; desired ones and states are not', LIMIT, async () => {
  objects.put('default/a', http());
  for (const value of ['1', '2', '2', '3']) await report('default/a', value);
  await twins.update('default/a', { temp: { expected: { value: '9' } } });
  await twins.report('default/a', 'online');
  await report('default/a', '4');
  assert.deepEqual(
    await untilPosted(5),
    ['1', '2', '2', '3', '4'].map((value) => `POST /in temp=${value}`),
  );
  assert.match(pusher.metrics(), /result="delivered"\} 4$/m, 'the fifth is answered, but not yet counted');
});

test('values are published with the asked quality of service, retained', LIMIT, async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('plant/temp', { qos: 1 });
  objects.put('default/a', mqtt({ qos: 1, retained: true }));
  await report('default/a', '19');
  const [first] = await mail.take(1);
  assert.match(first!.text, /^time is \d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}plant\/temp: 19$/);
  assert.equal(first!.qos, 1);
  const late = await site.connect();
  const lateMail = inbox(late);
  await late.subscribeAsync('plant/temp');
  assert.equal((await lateMail.take(1))[0]?.retain, true);
});

test('what was reported before the object is not pushed, and neither is it again after a restart', LIMIT, async () => {
  await report('default/a', '1');
  objects.put('default/a', http());
  await report('default/a', '2');
  assert.deepEqual(await untilPosted(1), ['POST /in temp=2']);
  await pusher.close();
  pusher = newPusher();
  await pusher.start();
  await twins.report('default/a', 'online');
  await report('default/a', '3');
  assert.deepEqual(await untilPosted(1), ['POST /in temp=3']);
});

test('a value that comes after a start, before the objects are known, is pushed when they are', LIMIT, async () => {
  await report('default/a', '1');
  await pusher.close();
  pusher = newPusher();
  await pusher.start();
  await report('default/a', '2');
  objects.put('default/a', http());
  assert.deepEqual(await untilPosted(1), ['POST /in temp=2']);
});

test(
  'a server that is away gets all in order when it is back; a lasting failure makes an Event in ten minutes',
  LIMIT,
  async () => {
    status = 503;
    const start = clock.now();
    objects.put('default/a', http());
    for (const value of ['1', '2', '3']) await report('default/a', value);
    const [first, second] = [await objects.event(), await objects.event()];
    assert.match(first.text, /^default\/a PushFailed values are not taken by http:.*\/in: it answered 503$/);
    assert.ok(first.at - start >= 30_000, 'only a failure that lasts is told of');
    assert.ok(second.at - first.at >= 599_000);
    status = 200;
    let last: string[] = [];
    while (last.at(-1) !== 'POST /in temp=3') last = [...last, ...(await untilPosted(1))];
    assert.deepEqual(last.slice(-3), ['POST /in temp=1', 'POST /in temp=2', 'POST /in temp=3']);
  },
);

test('an Event quotes no secret of an address', LIMIT, async () => {
  objects.put('default/a', {
    http: { hostName: 'http://me:secret@127.0.0.1', port: 1, requestPath: '/in?token=secret' },
  });
  await report('default/a', '1');
  const { text } = await objects.event();
  assert.match(
    text,
    /^default\/a PushFailed values are not taken by http:\/\/127\.0\.0\.1:1\/in: connect ECONNREFUSED/,
  );
  assert.doesNotMatch(text, /secret/);
});

test('a value that the server refuses for good is given up, and the next one goes', LIMIT, async () => {
  status = 400;
  objects.put('default/a', http());
  await report('default/a', '1');
  assert.match((await objects.event()).text, /: it answered 400$/);
  status = 200;
  await report('default/a', '2');
  assert.deepEqual(await untilPosted(2), ['POST /in temp=1', 'POST /in temp=2']);
  assert.match(pusher.metrics(), /result="failed"\} 1$/m);
});

test(
  'a broker that is away gets the values when it is back, and its connection ends with the last device',
  LIMIT,
  async (t) => {
    const client = await site.connect();
    const mail = inbox(client);
    await client.subscribeAsync('plant/cut', { qos: 1 });
    const front = await brokerFront();
    t.after(() => front.close());
    objects.put('default/a', mqtt({ address: `tcp://127.0.0.1:${front.port}`, topic: 'plant/cut', qos: 1 }));
    await report('default/a', '1');
    const heardThere: (string | undefined)[] = [];
    const until = async (value: string): Promise<void> => {
      while (heardThere.at(-1) !== value) heardThere.push((await mail.take(1))[0]?.text.at(-1));
    };
    await until('1');
    front.leave();
    for (const value of ['2', '3']) await report('default/a', value);
    assert.match((await objects.event()).text, /^default\/a PushFailed values are not taken by tcp:/);
    front.comeBack();
    await until('3');
    assert.deepEqual([...new Set(heardThere)], ['1', '2', '3'], 'in order, one of them perhaps twice');
    objects.remove('default/a');
    assert.equal(pusher.metrics(), '');
    await front.unused();
  },
);

/** A way to the broker that can be cut, and joined again on the same port. */
async function brokerFront() {
  const open = new Set<Socket>();
  let away = false;
  let ended: () => void = () => undefined;
  const server = createTcpServer((socket) => {
    if (away) return socket.destroy();
    const upstream = tcpConnect(site.broker.port, '127.0.0.1');
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      from.on('error', () => undefined).on('close', () => to.destroy());
      from.pipe(to);
    }
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      ended();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    leave: (): void => {
      away = true;
      for (const socket of open) socket.destroy();
    },
    comeBack: (): void => {
      away = false;
    },
    unused: async (): Promise<void> => {
      while (open.size > 0) await new Promise<void>((resolve) => (ended = resolve));
    },
    close: () => server.close(),
  };
}

test('a mapper pushes for its devices itself', LIMIT, async () => {
  await pusher.close();
  pusher = newPusher(({ device }) => device.spec?.protocol?.protocolName === 'mapped');
  await pusher.start();
  objects.put('default/a', { ...http(), dbMethod: {} }, 'mapped');
  objects.put('default/b', http());
  await report('default/a', '1');
  await report('default/b', '2');
  assert.deepEqual(await untilPosted(1), ['POST /in temp=2']);
  assert.deepEqual(objects.events, []);
});

test('methods that are for mappers only are told of, once', LIMIT, async () => {
  objects.put('default/a', { ...http(), dbMethod: { redis: {} } });
  assert.match((await objects.event()).text, /^default\/a PushUnsupported temp: pushMethod.dbMethod is for mappers/);
  objects.put('default/a', { ...http('/other'), dbMethod: { redis: {} } });
  await report('default/a', '1');
  assert.deepEqual(await untilPosted(1), ['POST /other temp=1']);
  assert.deepEqual(objects.events, []);
  objects.remove('default/a');
  assert.equal(pusher.metrics(), '');
});

test('two devices share a target until the last one goes', LIMIT, async () => {
  objects.put('default/a', http());
  objects.put('default/b', http());
  objects.remove('default/a');
  await report('default/b', '1');
  assert.deepEqual(await untilPosted(1), ['POST /in temp=1']);
});
