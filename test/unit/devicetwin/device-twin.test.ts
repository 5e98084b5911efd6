import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ManualClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { type Device, DeviceTwin, type TwinBus } from '../../../src/devicetwin/index.ts';
import { TwinStore } from '../../../src/devicetwin/twin-store.ts';
import { topicMatches } from '../../../src/mqtt/topic.ts';

const HISTORY = { maxValues: 3, maxAgeMs: 60_000 };
const UUID = '00000000-0000-4000-8000-000000000000';

class FakeBus implements TwinBus {
  readonly said: string[] = [];
  readonly #handlers = new Map<string, Parameters<TwinBus['subscribe']>[1]>();

  async publish(topic: string, payload: string): Promise<void> {
    this.said.push(`${topic} ${payload}`);
  }

  subscribe(filter: string, handler: Parameters<TwinBus['subscribe']>[1]): () => void {
    this.#handlers.set(filter, handler);
    return () => this.#handlers.delete(filter);
  }

  /** What the site answers to a message. */
  async send(topic: string, payload: string): Promise<string[]> {
    for (const [filter, handler] of this.#handlers) {
      if (topicMatches(filter, topic)) await handler({ topic, payload: Buffer.from(payload) });
    }
    return this.said.splice(0);
  }
}

async function site(
  body: (parts: { twin: DeviceTwin; bus: FakeBus; clock: ManualClock; file: string }) => Promise<void>,
  registerUnknown = false,
  seed?: Device,
) {
  const folder = mkdtempSync(join(tmpdir(), 'twin-'));
  const file = join(folder, 'twin.db');
  const bus = new FakeBus();
  const clock = new ManualClock(1_795_228_258_573);
  if (seed !== undefined) await plant(file, seed);
  const twin = new DeviceTwin(
    { file, nodeName: 'edge-node', registerUnknown, history: HISTORY },
    { bus, clock, newId: () => UUID, logger: silentLogger },
  );
  await twin.start();
  try {
    await body({ twin, bus, clock, file });
  } finally {
    await twin.close();
    rmSync(folder, { recursive: true });
  }
}

/** A device as KubeEdge's cloud had left it before the session was recorded. */
async function plant(file: string, device: Device): Promise<void> {
  const store = new TwinStore(file, HISTORY);
  store.open();
  await store.put(device);
  await store.close();
}

/** What differs from run to run: times and fresh identifiers. */
function masked(line: string): string {
  return line
    .replaceAll(/\b1795\d{9}\b/g, 'NOW')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME');
}

/** KubeEdge sends this error to no device, with no event id: a fault that issue and contract name. */
const MENDED = new Map([
  [
    '$hw/events/device//twin/update/result {"event_id":"",',
    '$hw/events/device/default/dev1/twin/update/result {"event_id":"e6",',
  ],
]);

function mended(line: string): string {
  for (const [fault, right] of MENDED) if (line.startsWith(fault)) return right + line.slice(fault.length);
  return line;
}

test("a recorded session of KubeEdge's device twin gets the same answers, byte for byte", async () => {
  const transcript = readFileSync(new URL('../../support/devicetwin/transcript.txt', import.meta.url), 'utf8');
  const lines = transcript.trim().split('\n');
  const expected = { value: '20', metadata: { timestamp: 1 } };
  const temp = { expected, optional: true, metadata: { type: 'int' } };
  const seed = { id: 'default/dev1', name: 'dev1', state: 'online', twin: { temp } };
  const replay = async ({ bus }: { bus: FakeBus }) => {
    let answers: string[] = [];
    for (const line of lines) {
      const [topic = '', payload = ''] = line.split(/ (.*)/s);
      if (/(get|update)$/.test(topic)) {
        assert.deepEqual(answers, [], `nothing more before ${line}`);
        answers = await bus.send(topic, payload);
      } else {
        assert.equal(masked(answers.shift() ?? ''), masked(mended(line)));
      }
    }
    assert.deepEqual(answers, []);
  };
  await site(replay, false, seed);
});

const UPDATE = '$hw/events/device/default/dev1/twin/update';

async function reasonOf(bus: FakeBus, twin: unknown): Promise<string> {
  bus.said.length = 0;
  const [answer = ''] = await bus.send(UPDATE, JSON.stringify({ event_id: 'e', twin }));
  const { code, reason } = JSON.parse(answer.split(/ (.*)/s)[1] ?? '{}') as { code?: number; reason?: string };
  return code === undefined ? 'taken' : `${code} ${reason}`;
}

test('values and types are held to their rules, and the first error stops all of an update', async () => {
  await site(async ({ twin, bus }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    const typed = (type: string, value: string) => ({ key: { actual: { value }, metadata: { type } } });
    const table: [update: unknown, outcome: string | RegExp][] = [
      [typed('int', '9223372036854775808'), '400 the value is not int or integer'],
      [typed('float', '1.5.2'), '400 the value is not float'],
      [typed('boolean', 'TRUE'), '400 the bool value must be true or false'],
      [typed('Updated', '1'), '400 the value type is not allowed'],
      [typed('__proto__', '1'), '400 the value type is not allowed'],
      [typed('json', '{'), '400 the value is not JSON'],
      [{ 'a b': { actual: { value: '1' } } }, /^400 The key of twin must only include/],
      [{ ['__proto__']: { actual: { value: '1' } }, x: { actual: { value: '' } } }, /^400 The (key|value) of twin/],
      [{ absent: null }, '400 The request body is wrong'],
      [{ key: { actual: { value: 5 } } }, /^400 Unmarshal/],
      [null, '400 Update twin error, key:twin does not exist'],
      [[], /^400 Unmarshal/],
      [{ good: { actual: { value: '1' } }, wrong: { actual: { value: ' ' } } }, /^400 The value of twin/],
    ];
    for (const [update, outcome] of table) {
      const reason = await reasonOf(bus, update);
      if (typeof outcome === 'string') assert.equal(reason, outcome);
      else assert.match(reason, outcome);
    }
    assert.deepEqual(twin.devices()[0]?.twin, {}, 'nothing of a refused update counts');
    assert.equal(await reasonOf(bus, typed('json', '{"a": "ü %"}')), 'taken');
    assert.equal(await reasonOf(bus, { text: { actual: { value: '5 °C' }, metadata: { type: 'text' } } }), 'taken');
    assert.equal(await reasonOf(bus, { fixed: { expected: { value: '1' }, optional: false } }), 'taken');
    assert.equal(await reasonOf(bus, { fixed: null }), 'taken');
    assert.equal(twin.devices()[0]?.twin['fixed']?.expected?.value, '1', 'what is not optional stays');
  });
});

test('a device that nobody declared introduces itself, where that is allowed', async () => {
  await site(async ({ twin, bus }) => {
    const answers = await bus.send(
      '$hw/events/device/old-style/twin/update',
      '{"event_id":"e","twin":{"a":{"actual":{"value":"1"}}}}',
    );
    assert.deepEqual(
      answers.map((answer) => answer.split(' ')[0]),
      [
        '$hw/events/node/edge-node/membership/updated',
        '$hw/events/device/old-style/twin/update/result',
        '$hw/events/device/old-style/twin/update/document',
      ],
    );
    assert.deepEqual(
      twin.devices().map(({ id, name }) => [id, name]),
      [['old-style', 'old-style']],
    );
  }, true);
  await site(async ({ bus }) => {
    assert.equal(
      await reasonOf(bus, { a: { actual: { value: '1' } } }),
      '404 Update rejected due to the device is not existed',
    );
  });
});

test('versions count what the edge sets', async () => {
  await site(async ({ twin, bus }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    for (const value of ['1', '1', '2']) await reasonOf(bus, { a: { actual: { value } } });
    await reasonOf(bus, { a: { expected: { value: '3' } } });
    const { a } = twin.devices()[0]!.twin;
    assert.deepEqual(
      [a?.actualVersion, a?.expectedVersion],
      [
        { cloud: 0, edge: 3 },
        { cloud: 0, edge: 1 },
      ],
    );
  });
});

test('twins are there after a restart', async () => {
  await site(async ({ twin, bus, clock, file }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    await reasonOf(bus, { a: { actual: { value: '1' } } });
    await twin.close();
    const again = new DeviceTwin(
      { file, nodeName: 'edge-node', registerUnknown: false, history: HISTORY },
      { bus, clock, newId: () => UUID, logger: silentLogger },
    );
    await again.start();
    assert.equal(again.devices()[0]?.twin['a']?.actual?.value, '1');
    await again.close();
  });
});

test('requests of one device are answered in their order', async () => {
  await site(async ({ twin, bus }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    const values = Array.from({ length: 50 }, (_, index) => String(index));
    bus.said.length = 0;
    const sent = values.map((value) => {
      const update = { event_id: value, twin: { a: { actual: { value } } } };
      return bus.send(UPDATE, JSON.stringify(update));
    });
    const answers = (await Promise.all(sent)).flat().filter((answer) => answer.startsWith(`${UPDATE}/result`));
    assert.deepEqual(
      answers.map((answer) => /"event_id":"(\d+)"/.exec(answer)?.[1]),
      values,
    );
    assert.equal(twin.devices()[0]?.twin['a']?.actual?.value, '49');
  });
});

test('a state that is none is answered, not swallowed', async () => {
  await site(async ({ twin, bus }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    bus.said.length = 0;
    const [answer = ''] = await bus.send(
      '$hw/events/device/default/dev1/state/update',
      '{"event_id":"e","state":"fine"}',
    );
    assert.match(answer, /state\/update\/result \{"event_id":"e","timestamp":\d+,"code":400/);
  });
});

test('the last values of a property are kept, within count and age, and read in pages', async () => {
  await site(async ({ twin, bus, clock }) => {
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: {} });
    const start = clock.now();
    for (const value of ['1', '2', '3', '4']) {
      await reasonOf(bus, { a: { actual: { value } } });
      clock.advance(1000);
    }
    const page = twin.history('default/dev1', 'a', { limit: 2 });
    assert.deepEqual(page, {
      samples: [
        { at: start + 1000, value: '2' },
        { at: start + 2000, value: '3' },
      ],
      next: 3,
    });
    const rest = twin.history('default/dev1', 'a', { limit: 2, after: page?.next ?? 0 });
    assert.deepEqual(rest, { samples: [{ at: start + 3000, value: '4' }] });
    clock.advance(60_000 - 1999);
    assert.deepEqual(twin.history('default/dev1', 'a', { limit: 9 })?.samples, [{ at: start + 3000, value: '4' }]);
    assert.equal(twin.history('default/dev1', 'none', { limit: 9 }), undefined);
    await twin.retire('default/dev1');
    assert.equal(twin.history('default/dev1', 'a', { limit: 9 }), undefined);
  });
});

test('a declaration is told to the device as a delta, and its end as a membership that is gone', async () => {
  await site(async ({ twin, bus }) => {
    const rule = { type: 'int', maximum: '40', desired: { value: '20', at: 1 } };
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: { temp: rule } });
    const said = bus.said.splice(0).map((line) => line.split(/ (.*)/s) as [string, string]);
    assert.deepEqual(
      said.map(([topic]) => topic),
      ['$hw/events/node/edge-node/membership/updated', `${UPDATE}/document`, `${UPDATE}/delta`],
    );
    assert.deepEqual((JSON.parse(said[2]![1]) as { delta: object }).delta, { temp: '20' });
    assert.equal(await reasonOf(bus, { temp: null }), 'taken');
    assert.equal(twin.get('default/dev1')?.twin['temp']?.expected?.value, '20', 'what is declared cannot be deleted');
    bus.said.length = 0;
    await twin.retire('default/dev1');
    const [gone = ''] = bus.said;
    assert.match(gone, /membership\/updated .*"added_devices":null,"removed_devices":\[\{"id":"default\/dev1"\}\]/);
    assert.equal(twin.get('default/dev1'), undefined);
  });
});

test('what breaks the rules of the model is refused or told', async () => {
  await site(async ({ twin, bus }) => {
    const violations: string[] = [];
    twin.listen({ violated: (_id, reason, message) => violations.push(`${reason} ${message}`) });
    const properties = {
      temp: { type: 'int', minimum: '-5', maximum: '40' },
      serial: { type: 'string', readOnly: true, anyText: true },
    };
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties });
    const table: [update: unknown, outcome: string][] = [
      [{ temp: { expected: { value: '41' } } }, '400 the value 41 is more than the maximum 40'],
      [{ temp: { expected: { value: '-6' } } }, '400 the value -6 is less than the minimum -5'],
      [{ serial: { expected: { value: 'x' } } }, '400 the property is read-only'],
      [{ temp: { actual: { value: 'warm' } } }, '400 the value is not int or integer'],
      [{ temp: { actual: { value: '99' }, metadata: { type: 'string' } } }, 'taken'],
      [{ serial: { actual: { value: 'Nr. 5 °' } } }, 'taken'],
    ];
    for (const [update, outcome] of table) assert.equal(await reasonOf(bus, update), outcome);
    assert.deepEqual(
      violations.map((each) => each.split(' ')[0]),
      [...Array.from({ length: 4 }, () => 'UpdateRefused'), 'ReportedOutOfRange'],
    );
  });
});

test('a declared device that speaks in the form of one segment is answered in it, also after a restart', async () => {
  await site(async ({ twin, bus }) => {
    const temp = { type: 'int', desired: { value: '20', at: 1 } };
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: { temp } });
    bus.said.length = 0;
    const topics = (lines: readonly string[]) => lines.map((line) => line.split(' ')[0]);
    const old = await bus.send('$hw/events/device/dev1/twin/get', '{"event_id":"e"}');
    assert.deepEqual(topics(old), ['$hw/events/device/dev1/twin/get/result']);
    await twin.close();
    await twin.start();
    const desired = { value: '21', at: 2 };
    await twin.declare({ id: 'default/dev1', name: 'dev1', properties: { temp: { type: 'int', desired } } });
    assert.deepEqual(topics(bus.said.splice(0)), [
      '$hw/events/device/dev1/twin/update/document',
      '$hw/events/device/dev1/twin/update/delta',
    ]);
    const now = await bus.send('$hw/events/device/default/dev1/twin/get', '{"event_id":"e"}');
    assert.deepEqual(topics(now), ['$hw/events/device/default/dev1/twin/get/result']);
    assert.deepEqual(
      twin.devices().map(({ id }) => id),
      ['default/dev1'],
    );
  });
});
