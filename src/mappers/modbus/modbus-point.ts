/** How a Device object says where its properties lie in a Modbus device, in the words of KubeEdge's modbus mapper. Pure. */
import type { JsonValue } from '../../api/json.ts';
import type { MappedDevice, MappedProperty } from '../ports.ts';

export type Register = 'CoilRegister' | 'DiscreteInputRegister' | 'InputRegister' | 'HoldingRegister';

const REGISTERS: readonly Register[] = ['CoilRegister', 'DiscreteInputRegister', 'InputRegister', 'HoldingRegister'];
const WRITABLE: readonly Register[] = ['CoilRegister', 'HoldingRegister'];
const DEFAULT_PORT = 502;
const MAX_PORT = 65_535;
const MAX_UNIT = 247;
const MAX_ADDRESS = 65_535;
/** What one request of Modbus may read. */
const MAX_REGISTERS = 125;
const DEFAULT_COLLECT_MS = 1_000;
const MIN_COLLECT_MS = 100;
/** How many registers a number of the type may fill. */
const SIZES: Readonly<Record<string, readonly number[]>> = { INT: [1, 2, 4], FLOAT: [2, 4], DOUBLE: [4, 2] };

export interface ModbusPoint {
  readonly property: string;
  readonly type: string;
  readonly register: Register;
  readonly offset: number;
  /** Registers or coils. */
  readonly count: number;
  readonly scale: number;
  /** Whether the bytes of each register are swapped. */
  readonly swapBytes: boolean;
  /** Whether the registers come in reverse order. */
  readonly swapRegisters: boolean;
  readonly writable: boolean;
  readonly collectMs: number;
}

export interface ModbusPlan {
  readonly host: string;
  readonly port: number;
  readonly unitId: number;
  readonly points: readonly ModbusPoint[];
  /** Properties that cannot be reached, and why. */
  readonly problems: readonly string[];
}

/** What of the object does not fit Modbus is a problem of that property; without an address there is no plan but a text. */
export function planModbus(device: MappedDevice): ModbusPlan | string {
  const { config } = device;
  const host = textOf(config['ip'] ?? config['host']);
  const port = config['port'] === undefined ? DEFAULT_PORT : numberOf(config['port']);
  const unitId = numberOf(config['slaveID'] ?? 1);
  if (host === undefined) return 'protocol.configData.ip: expected the address of the device';
  if (!within(port, 1, MAX_PORT)) return 'protocol.configData.port: expected a port';
  if (!within(unitId, 0, MAX_UNIT)) return `protocol.configData.slaveID: expected a number from 0 to ${MAX_UNIT}`;
  const points: ModbusPoint[] = [];
  const problems: string[] = [];
  for (const property of device.properties) {
    const point = pointOf(property);
    if (typeof point === 'string') problems.push(`${property.name}: ${point}`);
    else points.push(point);
  }
  return { host, port, unitId, points, problems };
}

function pointOf({ name, type, writable, visitor, collectMs }: MappedProperty): ModbusPoint | string {
  const register = REGISTERS.find((each) => each === visitor['register']);
  const offset = numberOf(visitor['offset'] ?? 0);
  const count = numberOf(visitor['limit'] ?? 1);
  const scale = numberOf(visitor['scale'] ?? 1);
  if (register === undefined) return `visitors.configData.register: expected one of ${REGISTERS.join(', ')}`;
  if (!within(offset, 0, MAX_ADDRESS)) return `visitors.configData.offset: expected a number from 0 to ${MAX_ADDRESS}`;
  if (!within(count, 1, MAX_REGISTERS))
    return `visitors.configData.limit: expected a number from 1 to ${MAX_REGISTERS}`;
  if (scale === undefined || scale === 0) return 'visitors.configData.scale: expected a number other than 0';
  const bits = register === 'CoilRegister' || register === 'DiscreteInputRegister';
  if (bits && (type !== 'BOOLEAN' || count !== 1)) return 'a coil or discrete input is one BOOLEAN';
  if (!bits && SIZES[type]?.includes(count) === false) {
    return `visitors.configData.limit: ${type} fills ${SIZES[type].join(' or ')} registers`;
  }
  return {
    property: name,
    type,
    register,
    offset,
    count,
    scale,
    swapBytes: visitor['isSwap'] === true,
    swapRegisters: visitor['isRegisterSwap'] === true,
    writable: writable && WRITABLE.includes(register),
    collectMs: Math.max(MIN_COLLECT_MS, collectMs ?? DEFAULT_COLLECT_MS),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Numbers may also be written as text. */
function numberOf(value: JsonValue): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}

function within(value: number | undefined, low: number, high: number): value is number {
  return value !== undefined && Number.isInteger(value) && value >= low && value <= high;
}
