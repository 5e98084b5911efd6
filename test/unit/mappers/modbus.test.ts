import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type ModbusPoint, planModbus } from '../../../src/mappers/modbus/modbus-point.ts';
import { registersOf, valueOf } from '../../../src/mappers/modbus/modbus-value.ts';

const POINT: ModbusPoint = {
  property: 'p',
  type: 'INT',
  register: 'HoldingRegister',
  offset: 0,
  count: 1,
  scale: 1,
  swapBytes: false,
  swapRegisters: false,
  writable: true,
  collectMs: 1000,
};

const READINGS: readonly [Partial<ModbusPoint>, string, string][] = [
  [{}, '00ff', '255'],
  [{}, 'ffff', '-1'],
  [{ scale: 0.1 }, '00d7', '21.5'],
  [{ swapBytes: true }, 'd700', '215'],
  [{ count: 2 }, '00010000', '65536'],
  [{ count: 2, swapRegisters: true }, '00000001', '65536'],
  [{ count: 2, swapBytes: true, swapRegisters: true }, '00000100', '65536'],
  [{ count: 4 }, '7fffffffffffffff', '9223372036854775807'],
  [{ type: 'FLOAT', count: 2 }, '41ac0000', '21.5'],
  [{ type: 'DOUBLE', count: 4 }, '4035800000000000', '21.5'],
  [{ type: 'BOOLEAN' }, '0100', 'true'],
  [{ type: 'STRING', count: 3 }, '70756d700000', 'pump'],
  [{ type: 'BYTES', count: 1 }, 'ff00', '/wA='],
];
for (const [change, hex, value] of READINGS) {
  test(`${JSON.stringify(change)}: the registers ${hex} are ${value}, and back`, () => {
    const point = { ...POINT, ...change };
    assert.equal(valueOf(point, Buffer.from(hex, 'hex')), value);
    const back = registersOf(point, value);
    assert.ok(back !== undefined);
    assert.equal(valueOf(point, back), value);
  });
}

const UNFIT: readonly [Partial<ModbusPoint>, string][] = [
  [{}, '32768'],
  [{}, 'warm'],
  [{}, ''],
  [{ count: 2 }, '-2147483649'],
  [{ type: 'FLOAT', count: 2 }, 'NaN'],
  [{ type: 'BOOLEAN' }, '1'],
  [{ type: 'STRING', count: 1 }, 'pump'],
];
for (const [change, value] of UNFIT) {
  test(`${JSON.stringify(change)}: ${JSON.stringify(value)} does not fit`, () =>
    assert.equal(registersOf({ ...POINT, ...change }, value), undefined));
}

test('every integer that fits comes back as it was, in every order of bytes', () => {
  fc.assert(
    fc.property(
      fc.bigInt(-(2n ** 31n), 2n ** 31n - 1n),
      fc.boolean(),
      fc.boolean(),
      (value, swapBytes, swapRegisters) => {
        const point = { ...POINT, count: 2, swapBytes, swapRegisters };
        assert.equal(valueOf(point, registersOf(point, String(value)) ?? Buffer.alloc(0)), String(value));
      },
    ),
  );
});

const property = (visitor: object, type = 'INT') => ({ name: 'p', type, writable: true, visitor: visitor as never });
const device = (config: object, ...properties: ReturnType<typeof property>[]) => ({
  id: 'a/b',
  protocol: 'modbus',
  config: config as never,
  properties,
});

test('the words of a Device object become a plan', () => {
  const plan = planModbus(
    device(
      { ip: '192.0.2.1', port: '1502', slaveID: 7 },
      property({ register: 'InputRegister', offset: 3, limit: 2, scale: '0.5', isSwap: true }),
    ),
  );
  assert.deepEqual(plan, {
    host: '192.0.2.1',
    port: 1502,
    unitId: 7,
    points: [
      { ...POINT, register: 'InputRegister', offset: 3, count: 2, scale: 0.5, swapBytes: true, writable: false },
    ],
    problems: [],
  });
});

test('what does not fit Modbus is said of its property; the others stay', () => {
  const plan = planModbus(
    device(
      { ip: 'h' },
      property({ register: 'Coil' }),
      property({ register: 'CoilRegister' }),
      property({ register: 'HoldingRegister', limit: 3 }),
      property({ register: 'HoldingRegister' }),
    ),
  );
  assert.ok(typeof plan !== 'string');
  assert.equal(plan.points.length, 1);
  assert.deepEqual(plan.problems, [
    'p: visitors.configData.register: expected one of CoilRegister, DiscreteInputRegister, InputRegister, HoldingRegister',
    'p: a coil or discrete input is one BOOLEAN',
    'p: visitors.configData.limit: INT fills 1 or 2 or 4 registers',
  ]);
  assert.equal(planModbus(device({})), 'protocol.configData.ip: expected the address of the device');
});
