/** Conversions between types, sizes, and the parts of times: cel-go `common/stdlib`. */
import { lengthOf, traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { dateParts, formatDuration, formatTimestamp, parseDuration, parseTimestamp } from '../time.ts';
import {
  CelError,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelList,
  type CelMap,
  type CelValue,
  type Duration,
} from '../values.ts';
import { checkedInt, checkedUint } from './operators.ts';

const NANOS_PER_SECOND = 1_000_000_000n;

const numbers: Library = {
  'int(int): int': (value: bigint) => value,
  'int(uint): int': (value: Uint) => checkedInt(value.value),
  'int(double): int': (value: number) => checkedInt(truncated(value, 'integer overflow')),
  'int(string): int': (text: string) => checkedInt(readInteger(text, 'int')),
  'int(timestamp): int': (value: Timestamp) => value.nanos / NANOS_PER_SECOND,
  'uint(uint): uint': (value: Uint) => value,
  'uint(int): uint': (value: bigint) => checkedUint(value),
  'uint(double): uint': (value: number) => checkedUint(truncated(value, 'unsigned integer overflow')),
  'uint(string): uint': (text: string) => checkedUint(readInteger(text, 'uint')),
  'double(double): double': (value: number) => value,
  'double(int): double': (value: bigint) => Number(value),
  'double(uint): double': (value: Uint) => Number(value.value),
  'double(string): double': readDouble,
};

function truncated(value: number, overflow: string): bigint {
  if (!Number.isFinite(value)) throw new CelError(overflow);
  return BigInt(Math.trunc(value));
}

function readInteger(text: string, type: 'int' | 'uint'): bigint {
  const pattern = type === 'int' ? /^[+-]?\d{1,20}$/ : /^\d{1,20}$/;
  if (pattern.test(text)) return BigInt(text.replace(/^\+/, ''));
  const parser = type === 'int' ? 'ParseInt' : 'ParseUint';
  throw new CelError(`strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const WORDS: Readonly<Record<string, number>> = { inf: Infinity, infinity: Infinity, nan: Number.NaN };

function readDouble(text: string): number {
  const [, sign = '', word = ''] = /^([+-]?)(inf|infinity|nan)$/i.exec(text) ?? [];
  const named = WORDS[word.toLowerCase()];
  if (named !== undefined) return sign === '-' ? -named : named;
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  throw new CelError(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

const others: Library = {
  'bool(bool): bool': (value: boolean) => value,
  'bool(string): bool': (text: string) => {
    if (TRUE.has(text)) return true;
    if (FALSE.has(text)) return false;
    throw new CelError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
  },
  'bytes(bytes): bytes': (value: Uint8Array) => value,
  'bytes(string): bytes': [(text: string) => new Uint8Array(Buffer.from(text, 'utf8')), traversal()],
  'dyn(A): dyn': (value: CelValue) => value,
  'type(A): type<A>': (value: CelValue) => new TypeValue(typeNameOf(value)),
  'duration(duration): duration': (value: Duration) => value,
  'duration(string): duration': (text: string) => parseDuration(text),
  'timestamp(timestamp): timestamp': (value: Timestamp) => value,
  'timestamp(string): timestamp': (text: string) => parseTimestamp(text),
  'timestamp(int): timestamp': (seconds: bigint) => new Timestamp(seconds * NANOS_PER_SECOND),
};

const text: Library = {
  'string(string): string': (value: string) => value,
  'string(bool): string': (value: boolean) => String(value),
  'string(int): string': (value: bigint) => String(value),
  'string(uint): string': (value: Uint) => String(value.value),
  'string(double): string': showDouble,
  'string(bytes): string': [readUtf8, traversal()],
  'string(timestamp): string': formatTimestamp,
  'string(duration): string': formatDuration,
};

/** As Go's `%g` with the shortest digits. */
export function showDouble(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  if (exponent >= -4 && exponent < 21) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function readUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const sizes: Library = Object.fromEntries(
  ['size(X): int', 'X.size(): int'].flatMap((signature) => [
    [signature.replace('X', 'string'), (value: string) => BigInt(lengthOf(value))],
    [signature.replace('X', 'bytes'), (value: Uint8Array) => BigInt(value.length)],
    [signature.replace('X', 'list<A>'), (value: CelList) => BigInt(value.length)],
    [signature.replace('X', 'map<A, B>'), (value: CelMap) => BigInt(value.size)],
  ]),
);

const PARTS: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: (date) => Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000),
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const DURATION_UNITS: Readonly<Record<string, bigint>> = {
  getHours: 3600n * NANOS_PER_SECOND,
  getMinutes: 60n * NANOS_PER_SECOND,
  getSeconds: NANOS_PER_SECOND,
  getMilliseconds: 1_000_000n,
};

const timeParts: Library = Object.fromEntries([
  ...Object.entries(PARTS).flatMap(([name, read]) => [
    [`timestamp.${name}(): int`, (at: Timestamp) => BigInt(read(dateParts(at, 'UTC')))],
    [`timestamp.${name}(string): int`, (at: Timestamp, zone: string) => BigInt(read(dateParts(at, zone)))],
  ]),
  ...Object.entries(DURATION_UNITS).map(([name, unit]) => [
    `duration.${name}(): int`,
    name === 'getMilliseconds'
      ? (span: Duration) => (span.nanos / unit) % 1000n
      : (span: Duration) => span.nanos / unit,
  ]),
]);

export const conversions: readonly Library[] = [numbers, others, text, sizes, timeParts];
