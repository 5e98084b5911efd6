/** What keys and values of a twin may be: KubeEdge `dtcommon/util.go`, with two types more. Pure. */
import { TwinError } from './twin.ts';

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

/** The alphabet is looked at before the type, as KubeEdge does. */
export function assertValue(type: string, value: string): void {
  const free = FREE_TYPES.has(type);
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
