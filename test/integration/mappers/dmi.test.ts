/** The DMI against a simulated mapper of KubeEdge: real gRPC over real unix sockets, another proto file than the site's table. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { status } from '@grpc/grpc-js';
import { type Clock, systemClock } from '../../../src/base/clock.ts';
import { UserError } from '../../../src/base/errors.ts';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import type { DescribedDevice, ReportedValue } from '../../../src/mappers/dmi/dmi-ports.ts';
import { type DmiDevices, DmiRefusal, DmiServer, type DmiTwins } from '../../../src/mappers/index.ts';
import { SimulatedMapper } from '../../support/simulated-mapper.ts';

const MODEL = { spec: { properties: [{ name: 'temp', type: 'INT', accessMode: 'ReadWrite', maximum: '40' }] } };

function thermostat(id: string, protocolName = 'knx', configData = {}): DescribedDevice {
  const properties = [{ name: 'temp', visitors: { protocolName, configData: { group: '1/2/3' } } }];
  const spec = { deviceModelRef: { name: 'thermostat' }, protocol: { protocolName, configData }, properties };
  return { id, device: { spec }, model: MODEL };
}

class Devices implements DmiDevices {
  readonly #devices = new Map<string, DescribedDevice>();
  readonly #listeners = new Set<(id: string) => void>();

  attached(): DescribedDevice[] {
    return [...this.#devices.values()];
  }

  attachedAs(id: string): DescribedDevice | undefined {
    return this.#devices.get(id);
  }

  onAttached(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  put(device: DescribedDevice): void {
    this.#devices.set(device.id, device);
    for (const listener of this.#listeners) listener(device.id);
  }

  delete(id: string): void {
    this.#devices.delete(id);
    for (const listener of this.#listeners) listener(id);
  }
}

class Twins implements DmiTwins {
  readonly reported: [string, Readonly<Record<string, ReportedValue>>][] = [];
  readonly states: [string, string][] = [];
  readonly #desired = new Map<string, string>();
  #listener: (id: string) => void = () => undefined;

  async report(id: string, values: Readonly<Record<string, ReportedValue>>): Promise<void> {
    if (values['temp']?.value === 'warm') throw new DmiRefusal('invalid', 'warm is no INT');
    this.reported.push([id, values]);
  }

  async state(id: string, state: string): Promise<void> {
    this.states.push([id, state]);
  }

  desired(id: string) {
    const value = this.#desired.get(id);
    return value === undefined ? {} : { temp: { value, type: 'int' } };
  }

  onChange(listener: (id: string) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  want(id: string, value: string): void {
    this.#desired.set(id, value);
    this.#listener(id);
  }
}

/** Of a site whose clock can be put forward and whose warnings can be waited for. */
class Watch {
  #ahead = 0;
  #warnings = new Set<string>();
  #warned = Promise.withResolvers<void>();
  readonly clock: Clock = { ...systemClock, now: () => systemClock.now() + this.#ahead };
  readonly logger: Logger = {
    ...silentLogger,
    warn: (_fields, message) => {
      this.#warnings.add(message);
      this.#warned.resolve();
      this.#warned = Promise.withResolvers();
    },
  };

  putForward(ms: number): void {
    this.#ahead += ms;
  }

  async untilWarned(message: string): Promise<void> {
    while (!this.#warnings.has(message)) await this.#warned.promise;
  }
}

async function site(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-'));
  const devices = new Devices();
  const twins = new Twins();
  const watch = new Watch();
  const { clock, logger } = watch;
  const options = { socket: join(folder, 'site/dmi.sock'), file: join(folder, 'mappers.json') };
  const build = (): DmiServer => new DmiServer(options, { devices, twins, clock, random: Math.random, logger });
  const mapper = new SimulatedMapper(options.socket, join(folder, 'mapper.sock'));
  let server = build();
  await server.start();
  t.after(async () => {
    mapper.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const restart = async (): Promise<void> => {
    await server.close();
    server = build();
    await server.start();
  };
  return {
    devices,
    twins,
    mapper,
    folder,
    socket: options.socket,
    watch,
    restart,
    build,
    serves: (protocol: string) => server.serves(protocol),
  };
}

test('a mapper that registers is given the devices and models of its protocol', async (t) => {
  const { devices, twins, mapper, serves } = await site(t);
  assert.equal(serves('knx'), false);
  devices.put(thermostat('plant/hall', 'knx', { gateway: 'g', port: 3671, secure: true, gain: 0.5 }));
  devices.put(thermostat('plant/yard'));
  devices.put(thermostat('plant/other', 'ble'));
  twins.want('plant/hall', '21');
  const { deviceList, modelList } = await mapper.register('knx');
  assert.deepEqual([serves('knx'), serves('ble')], [true, false]);
  assert.deepEqual(
    deviceList.map(({ name }) => name),
    ['hall', 'yard'],
  );
  assert.deepEqual(modelList, [
    {
      name: 'thermostat',
      namespace: 'plant',
      spec: {
        properties: [
          { name: 'temp', type: 'INT', accessMode: 'ReadWrite', maximum: '40', description: '', minimum: '', unit: '' },
        ],
      },
    },
  ]);
  const hall = deviceList[0];
  assert.deepEqual(hall?.spec.properties[0]?.desired, { value: '21', metadata: { type: 'int' } });
  const { data } = hall.spec.protocol.configData;
  const config = Object.entries(data).map(([key, any]) => [
    key,
    any.type_url.split('.').at(-1),
    any.value.toString('hex'),
  ]);
  assert.deepEqual(config, [
    ['gateway', 'StringValue', '0a0167'],
    ['port', 'Int64Value', '08d71c'],
    ['secure', 'BoolValue', '0801'],
    ['gain', 'DoubleValue', '09000000000000e03f'],
  ]);
  assert.deepEqual(mapper.calls, [], 'what it was given is not told again');
});

test('a mapper is told of devices that come, change and go, and of desired values', async (t) => {
  const { devices, twins, mapper } = await site(t);
  await mapper.serve();
  await mapper.register('knx');
  devices.put(thermostat('plant/hall'));
  await mapper.untilCalled(2);
  twins.want('plant/hall', '22');
  const wanted = (await mapper.untilCalled(3))[2];
  assert.equal(wanted?.[1].device?.spec.properties[0]?.desired?.value, '22');
  devices.put(thermostat('plant/hall', 'knx', { gateway: 'new' }));
  await mapper.untilCalled(4);
  devices.put(thermostat('plant/hall', 'ble'));
  await mapper.untilCalled(6);
  assert.deepEqual(
    mapper.calls.map(([method]) => method),
    ['CreateDeviceModel', 'RegisterDevice', 'UpdateDevice', 'UpdateDevice', 'RemoveDevice', 'RemoveDeviceModel'],
  );
  assert.equal(mapper.calls[4]?.[1].deviceName, 'hall');
  assert.equal(mapper.calls[5]?.[1].modelName, 'thermostat');
});

test('what changes while a mapper is away is told when it is back, the newest only', async (t) => {
  const { devices, twins, mapper } = await site(t);
  devices.put(thermostat('plant/hall'));
  await mapper.register('knx'); // but it does not listen yet
  for (const value of ['1', '2', '3']) twins.want('plant/hall', value);
  await mapper.serve();
  const [call] = await mapper.untilCalled(1);
  assert.equal(call?.[0], 'UpdateDevice');
  assert.equal(call[1].device?.spec.properties[0]?.desired?.value, '3');
});

test('a mapper that stays away is forgotten until it registers again', async (t) => {
  const { devices, twins, mapper, folder, watch } = await site(t);
  devices.put(thermostat('plant/hall'));
  await mapper.register('knx'); // but it does not listen yet
  twins.want('plant/hall', '1');
  await watch.untilWarned('dmi: still failing');
  watch.putForward(600_000);
  await watch.untilWarned('the mapper is away: it is forgotten until it registers again');
  await mapper.serve();
  assert.equal((await mapper.register('knx')).deviceList[0]?.spec.properties[0]?.desired?.value, '1');
  twins.want('plant/hall', '2');
  const [call] = await mapper.untilCalled(1);
  assert.equal(call?.[1].device?.spec.properties[0]?.desired?.value, '2', 'the first that it hears');
  assert.match(await readFile(join(folder, 'mappers.json'), 'utf8'), /"knx"/);
});

test('what a mapper is given when it registers it is not told besides, also while that is being stored', async (t) => {
  const { devices, twins, mapper } = await site(t);
  await mapper.serve();
  devices.put(thermostat('plant/hall'));
  let wanted = 0;
  const restless = setInterval(() => twins.want('plant/hall', String((wanted += 1))), 0);
  for (let round = 0; round < 20; round += 1) await mapper.register('knx');
  clearInterval(restless);
  await mapper.untilCalled(1);
  const kinds = new Set(mapper.calls.map(([method]) => method));
  assert.deepEqual([...kinds], ['UpdateDevice']);
});

test('a client in Go names the path of the socket as the authority', async (t) => {
  const { socket } = await site(t);
  const session = http2.connect('http://localhost', { createConnection: () => connect(socket) });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1beta1.DeviceManagerService/MapperRegister',
    ':authority': encodeURIComponent(socket),
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.alloc(5)); // an empty message
  stream.resume();
  const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
  session.destroy();
  assert.equal(answer['grpc-status'], String(status.INVALID_ARGUMENT), 'it was understood: there is no mapper in it');
});

test('after a restart of the site a mapper need not register again', async (t) => {
  const { devices, mapper, restart } = await site(t);
  await mapper.serve();
  devices.put(thermostat('plant/hall'));
  await mapper.register('knx');
  await restart();
  const calls = await mapper.untilCalled(2);
  assert.deepEqual(
    calls.map(([method]) => method),
    ['UpdateDeviceModel', 'UpdateDevice'],
  );
});

test('reported values and states reach the twin', async (t) => {
  const { devices, twins, mapper } = await site(t);
  devices.put(thermostat('plant/hall'));
  devices.put(thermostat('default/old'));
  const twin = (propertyName: string, value: string) => {
    const reported = { value, metadata: { type: 'int', timestamp: '1' } };
    return { propertyName, reported, observedDesired: { value: '99' } };
  };
  const hall = { deviceName: 'hall', deviceNamespace: 'plant' };
  const reportedDevice = { twins: [twin('temp', '19'), twin('more', '1'), { propertyName: 'none' }] };
  await mapper.ask('ReportDeviceStatus', { ...hall, reportedDevice });
  assert.deepEqual(twins.reported, [['plant/hall', { temp: { value: '19' }, more: { value: '1', type: 'int' } }]]);
  await mapper.ask('ReportDeviceStatus', hall);
  assert.equal(twins.reported.length, 1, 'nothing was reported');
  await mapper.ask('ReportDeviceStates', { deviceName: 'old', state: 'online' });
  assert.deepEqual(twins.states, [['default/old', 'online']]);
});

test('what cannot be is refused with a reason', async (t) => {
  const { devices, mapper } = await site(t);
  devices.put(thermostat('plant/hall'));
  const code = (expected: status) => (error: { code: status; details: string }) =>
    error.code === expected && error.details !== '';
  await assert.rejects(mapper.register(''), code(status.INVALID_ARGUMENT));
  await assert.rejects(mapper.register('knx', { name: '' }), code(status.INVALID_ARGUMENT));
  await assert.rejects(mapper.register('knx', { address: Buffer.from('tcp://x') }), code(status.INVALID_ARGUMENT));
  await assert.rejects(mapper.ask('MapperRegister', {}), code(status.INVALID_ARGUMENT));
  const unknown = { deviceName: 'nobody', deviceNamespace: 'plant', state: 'online' };
  await assert.rejects(mapper.ask('ReportDeviceStates', unknown), code(status.NOT_FOUND));
  const twins = [{ propertyName: 'temp', reported: { value: 'warm' } }];
  const wrong = { deviceName: 'hall', deviceNamespace: 'plant', reportedDevice: { twins } };
  await assert.rejects(mapper.ask('ReportDeviceStatus', wrong), code(status.INVALID_ARGUMENT));
  const large = [{ propertyName: 'temp', reported: { value: 'x'.repeat(5 * 1024 * 1024) } }];
  const tooLarge = { ...wrong, reportedDevice: { twins: large } };
  await assert.rejects(mapper.ask('ReportDeviceStatus', tooLarge), code(status.RESOURCE_EXHAUSTED));
  for (let n = 0; n < 64; n++) await mapper.register(`p${n}`);
  await assert.rejects(mapper.register('one-too-many'), code(status.RESOURCE_EXHAUSTED));
  await mapper.register('p0');
});

test('the socket is for the user of the site only, and one of another process stays', async (t) => {
  const { socket, folder, build, restart } = await site(t);
  const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
  assert.equal(await mode(socket), 0o600);
  assert.equal(await mode(join(folder, 'site')), 0o700);
  await assert.rejects(build().start(), UserError, 'another process serves it');
  await restart();
  assert.equal(await mode(socket), 0o600);
});

test('a file that is no socket stays, a socket that nobody serves goes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'dmi-'));
  t.after(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'precious');
  await writeFile(socket, 'mine');
  const needs = { devices: new Devices(), twins: new Twins(), clock: systemClock, random: Math.random };
  const server = new DmiServer({ socket, file: join(folder, 'm.json') }, { ...needs, logger: silentLogger });
  t.after(() => server.close());
  await assert.rejects(server.start(), UserError);
  assert.ok((await stat(socket)).isFile());
  // A second name of a socket outlives its server, as the socket of a process that was killed.
  const dead = createServer().listen(join(folder, 'first'));
  await once(dead, 'listening');
  await rm(socket);
  await link(join(folder, 'first'), socket);
  dead.close();
  await once(dead, 'close');
  await server.start();
  assert.ok((await stat(socket)).isSocket());
});
