/** Values of twins as they lie in the registers of a Modbus device, and back. Pure. */
import type { ModbusPoint } from './modbus-point.ts';

const BYTES_PER_REGISTER = 2;

/** Throws RangeError where there are fewer bytes than the point has registers. */
export function valueOf(point: ModbusPoint, raw: Buffer): string {
  const bytes = ordered(point, raw.subarray(0, point.count * BYTES_PER_REGISTER));
  switch (point.type) {
    case 'INT':
      return scaled(point, integerOf(bytes));
    case 'FLOAT':
    case 'DOUBLE':
      return scaled(point, bytes.length === 4 ? bytes.readFloatBE() : bytes.readDoubleBE());
    case 'BOOLEAN':
      return String(bytes.some((byte) => byte !== 0));
    case 'BYTES':
      return bytes.toString('base64');
    default:
      return bytes.toString('utf8').replace(/\0+$/, '');
  }
}

/** Undefined for what does not fit the registers. */
export function registersOf(point: ModbusPoint, value: string): Buffer | undefined {
  const bytes = Buffer.alloc(point.count * BYTES_PER_REGISTER);
  return written(point, value, bytes) ? ordered(point, bytes) : undefined;
}

function written({ type, scale }: ModbusPoint, value: string, bytes: Buffer): boolean {
  switch (type) {
    case 'INT':
      return writeInteger(value, scale, bytes);
    case 'FLOAT':
    case 'DOUBLE': {
      const number = Number(value) / scale;
      if (value.trim() === '' || !Number.isFinite(number)) return false;
      if (bytes.length === 4) bytes.writeFloatBE(number);
      else bytes.writeDoubleBE(number);
      return true;
    }
    case 'BOOLEAN':
      bytes.writeUInt16BE(value === 'true' ? 1 : 0, bytes.length - BYTES_PER_REGISTER);
      return value === 'true' || value === 'false';
    default: {
      const content = Buffer.from(value, type === 'BYTES' ? 'base64' : 'utf8');
      return content.length <= bytes.length && content.copy(bytes) === content.length;
    }
  }
}

/** Without a scale exactly, also beyond 2^53. */
function writeInteger(value: string, scale: number, bytes: Buffer): boolean {
  if (!/^[-+]?\d+(\.\d+)?$/.test(value)) return false;
  const whole = scale === 1 && !value.includes('.') ? BigInt(value) : BigInt(Math.round(Number(value) / scale));
  const limit = 1n << BigInt(bytes.length * 8 - 1);
  if (whole < -limit || whole >= limit) return false;
  const unsigned = BigInt.asUintN(bytes.length * 8, whole);
  bytes.write(unsigned.toString(16).padStart(bytes.length * 2, '0'), 'hex');
  return true;
}

function integerOf(bytes: Buffer): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
}

function scaled({ scale }: ModbusPoint, value: bigint | number): string {
  if (scale === 1) return String(value);
  // Twelve digits: what a scale such as 0.1 adds beyond them is noise of the arithmetic.
  return String(Number((Number(value) * scale).toPrecision(12)));
}

/** To and from the order of the network: both swaps are their own opposites. */
function ordered({ swapBytes, swapRegisters, count }: ModbusPoint, raw: Buffer): Buffer {
  if (raw.length < count * BYTES_PER_REGISTER)
    throw new RangeError('the device has sent fewer registers than it was asked for');
  const registers = Array.from({ length: count }, (_, index) => {
    const register = raw.subarray(index * BYTES_PER_REGISTER, (index + 1) * BYTES_PER_REGISTER);
    return swapBytes ? Buffer.from(register).reverse() : register;
  });
  return Buffer.concat(swapRegisters ? registers.reverse() : registers);
}
