/** The Modbus mapper against a simulated device: real TCP, real twins on a real bus. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import modbus from 'jsmodbus';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { type MappedDevice, ModbusMapper, type TwinPort } from '../../../src/mappers/index.ts';
import { freePort } from '../../support/free-port.ts';

/** A device with 16 registers of each kind on any port, or on the one that is given. */
async function simulated(t: TestContext, port = 0) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  const device = new modbus.server.TCP(server, {
    holding: Buffer.alloc(32),
    input: Buffer.alloc(32),
    coils: Buffer.alloc(2),
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = async () => {
    for (const socket of sockets) socket.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  t.after(cut);
  return { device, port: (server.address() as AddressInfo).port, cut };
}

/** Twins in memory that can be waited for. */
class Twins implements TwinPort {
  readonly actual: Record<string, string> = {};
  readonly states: string[] = [];
  expected: Record<string, string> = {};
  #changed = Promise.withResolvers<void>();
  #listener: (id: string) => void = () => undefined;

  async report(_id: string, values: Readonly<Record<string, string>>): Promise<void> {
    Object.assign(this.actual, values);
    this.#wake();
  }

  async state(_id: string, state: string): Promise<void> {
    this.states.push(state);
    this.#wake();
  }

  wanted(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(this.expected).filter(([key, value]) => this.actual[key] !== value));
  }

  onChange(listener: (id: string) => void): () => void {
    this.#listener = listener;
    return () => undefined;
  }

  want(values: Record<string, string>): void {
    this.expected = values;
    this.#listener('plant/pump');
  }

  async until(what: () => boolean): Promise<void> {
    while (!what()) await this.#changed.promise;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function pump(port: number, collectMs = 100): MappedDevice {
  const at = (name: string, type: string, visitor: object, writable = false) => ({
    name,
    type,
    writable,
    collectMs,
    visitor: visitor as MappedDevice['config'],
  });
  return {
    id: 'plant/pump',
    protocol: 'modbus',
    config: { ip: '127.0.0.1', port, slaveID: 1 },
    properties: [
      at('flow', 'INT', { register: 'InputRegister', offset: 2, scale: 0.1 }),
      at('speed', 'INT', { register: 'HoldingRegister', offset: 4, limit: 2 }, true),
      at('on', 'BOOLEAN', { register: 'CoilRegister', offset: 3 }, true),
      at('nowhere', 'INT', { register: 'HoldingRegister', offset: 9_000 }),
    ],
  };
}

async function mapped(t: TestContext, devices: () => readonly MappedDevice[]) {
  const twins = new Twins();
  let tell: (id: string) => void = () => undefined;
  const source = {
    devices,
    device: (id: string) => devices().find((each) => each.id === id),
    onChange: (listener: (id: string) => void) => ((tell = listener), () => undefined),
  };
  const mapper = new ModbusMapper({ source, twins, clock: systemClock, random: () => 0, logger: silentLogger });
  await mapper.start();
  t.after(() => mapper.close());
  return { twins, mapper, changed: () => tell('plant/pump') };
}

test('values are read, scaled and reported as they change; a point that the device does not have harms no other', async (t) => {
  const { device, port } = await simulated(t);
  device.input.writeInt16BE(215, 4);
  const { twins } = await mapped(t, () => [pump(port)]);
  await twins.until(() => twins.actual['flow'] === '21.5' && twins.states.includes('online'));
  assert.deepEqual(twins.actual, { flow: '21.5', speed: '0', on: 'false' });
  device.input.writeInt16BE(-10, 4);
  device.coils.writeUInt8(1 << 3, 0);
  await twins.until(() => twins.actual['flow'] === '-1' && twins.actual['on'] === 'true');
});

test('what is wanted is written at once and read back', async (t) => {
  const { device, port } = await simulated(t);
  const { twins } = await mapped(t, () => [pump(port, 60_000)]);
  await twins.until(() => twins.actual['speed'] === '0');
  twins.want({ speed: '70000', on: 'true', flow: '3' });
  await twins.until(() => twins.actual['speed'] === '70000' && twins.actual['on'] === 'true');
  assert.equal(device.holding.readInt32BE(8), 70_000);
  assert.equal(twins.actual['flow'], '0', 'what may only be read is not written');
});

test('a device that goes is offline, and serves again when it is back', async (t) => {
  const first = await simulated(t, await freePort());
  const { twins } = await mapped(t, () => [pump(first.port)]);
  await twins.until(() => twins.states.at(-1) === 'online');
  await first.cut();
  await twins.until(() => twins.states.at(-1) === 'offline');
  const second = await simulated(t, first.port);
  second.device.input.writeInt16BE(7, 4);
  await twins.until(() => twins.states.at(-1) === 'online' && twins.actual['flow'] === '0.7');
  assert.deepEqual(twins.states, ['online', 'offline', 'online']);
});

test('a device described anew is asked by its new description; one that is gone is left alone', async (t) => {
  const [first, second] = [await simulated(t), await simulated(t)];
  second.device.input.writeInt16BE(100, 4);
  let devices = [pump(first.port)];
  const { twins, changed } = await mapped(t, () => devices);
  await twins.until(() => twins.actual['flow'] === '0');
  devices = [pump(second.port)];
  changed();
  await twins.until(() => twins.actual['flow'] === '10');
  devices = [];
  changed();
});

test('nothing is told of a device whose object goes while it is asked: its twin would come back', {
  timeout: 30_000,
}, async (t) => {
  const { device, port } = await simulated(t);
  let devices = [pump(port)];
  const { twins, changed, mapper } = await mapped(t, () => devices);
  await twins.until(() => twins.actual['flow'] === '0' && twins.states.length === 1);
  const asked = Promise.withResolvers<void>();
  device.once('preReadInputRegisters', () => {
    device.input.writeInt16BE(100, 4);
    devices = [];
    changed();
    asked.resolve();
  });
  await asked.promise;
  await mapper.close();
  assert.equal(twins.actual['flow'], '0');
  assert.deepEqual(twins.states, ['online']);
});
