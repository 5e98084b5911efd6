/** What keys and values of a twin may be: KubeEdge `dtcommon/util.go`, with two types more. Pure. */
import { type PropertyRule, TwinError } from './twin.ts';

const ALPHABET = 'must only include upper or lowercase letters, number, english, and special letter - _ . , : / @ #';
const KEY = /^[a-zA-Z0-9-_.,:/@#]{1,128}$/;
const VALUE = /^[a-zA-Z0-9-_.,:/@#]{1,512}$/;
const MAX_TEXT_BYTES = 64 * 1024;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };

export const DEFAULT_TYPE = 'string';

/** What is wrong with a value of the type, or nothing. `text` and `json` are ours: KubeEdge has no way to say "5 %". */
const TYPES: Readonly<Record<string, (value: string) => string | undefined>> = {
  string: () => undefined,
  int: (value) => (isInt64(value) ? undefined : 'the value is not int or integer'),
  integer: (value) => (isInt64(value) ? undefined : 'the value is not int or integer'),
  float: (value) => (isFloat(value) ? undefined : 'the value is not float'),
  double: (value) => (isFloat(value) ? undefined : 'the value is not double'),
  boolean: (value) => (value === 'true' || value === 'false' ? undefined : 'the bool value must be true or false'),
  bytes: () => undefined,
  stream: () => undefined,
  text: () => undefined,
  json: (value) => (isJson(value) ? undefined : 'the value is not JSON'),
};

/** Types whose values are not bound to KubeEdge's alphabet. */
const FREE_TYPES = new Set(['text', 'json']);

export function assertKey(key: string): void {
  if (!KEY.test(key) || key === '__proto__') {
    throw new TwinError(400, `The key of twin ${ALPHABET} and the length of key should be less than 128 bytes`);
  }
}

export function assertType(type: string): void {
  if (!Object.hasOwn(TYPES, type)) throw new TwinError(400, 'the value type is not allowed');
}

/** The alphabet is looked at before the type, as KubeEdge does; `anyText` lifts it. */
export function assertValue(type: string, value: string, anyText = false): void {
  const free = anyText || FREE_TYPES.has(type);
  if (!free && !VALUE.test(value)) {
    throw new TwinError(400, `The value of twin ${ALPHABET} and the length of value should be less than 512 bytes`);
  }
  assertType(type);
  if (free && Buffer.byteLength(value) > MAX_TEXT_BYTES) {
    throw new TwinError(400, `the value is longer than ${MAX_TEXT_BYTES} bytes`);
  }
  const problem = TYPES[type]?.(value);
  if (problem !== undefined) throw new TwinError(400, problem);
}

/** How a number of the right type lies outside of its limits, or nothing. A limit that is no number is none. */
export function rangeProblem({ type, minimum, maximum }: PropertyRule, value: string): string | undefined {
  const read = NUMBERS[type];
  if (read === undefined) return undefined;
  const number = read(value);
  const [low, high] = [minimum, maximum].map((limit) => (limit === undefined ? undefined : read(limit)));
  if (number === undefined) return undefined;
  if (low !== undefined && number < low) return `the value ${value} is less than the minimum ${minimum}`;
  if (high !== undefined && number > high) return `the value ${value} is more than the maximum ${maximum}`;
  return undefined;
}

const integer = (text: string): bigint | undefined => (isInt64(text) ? BigInt(text.replace(/^\+/, '')) : undefined);
const decimal = (text: string): number | undefined => (isFloat(text) ? Number(text) : undefined);
const NUMBERS: Readonly<Record<string, (text: string) => bigint | number | undefined>> = {
  int: integer,
  integer,
  float: decimal,
  double: decimal,
};

/** The value as a number, for measurements; nothing where the type is none of numbers. */
export function numberOf(type: string, value: string): number | undefined {
  if (type === 'boolean') return value === 'true' ? 1 : 0;
  const number = NUMBERS[type]?.(value);
  return number === undefined ? undefined : Number(number);
}

function isInt64(value: string): boolean {
  if (!/^[+-]?\d{1,20}$/.test(value)) return false;
  const number = BigInt(value.replace(/^\+/, ''));
  return number >= INT64.min && number <= INT64.max;
}

function isFloat(value: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) && Number.isFinite(Number(value));
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
