/** The values of CEL at run time: which JavaScript value stands for which, how they compare. */
import type { JsonObject, JsonValue } from '../../api/json.ts';

/** `int` is a bigint, `double` a number. */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | CelList
  | CelMap
  | Uint
  | Timestamp
  | Duration
  | Optional
  | TypeValue
  | Opaque;

/** An error of an expression on its way; `&&`, `||` and quantifiers may swallow it. Worded as cel-go. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

export const noSuchOverload = (): CelError => new CelError('no such overload');

/** How upstream treats a list of a custom resource: `set` and `map` do not care for the order. */
export type ListKind = { readonly type: 'set' } | { readonly type: 'map'; readonly keys: readonly string[] };

export type CelList = readonly CelValue[] & { readonly listKind?: ListKind };

export interface CelMap {
  readonly size: number;
  has(key: CelValue): boolean;
  get(key: CelValue): CelValue | undefined;
  keys(): readonly CelValue[];
  /** Of which type, where the fields are known. */
  readonly typeName?: string;
  /** The JSON that it was made of. */
  readonly json?: JsonObject;
}

export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** Nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

export class Optional {
  static readonly none = new Optional(undefined);
  /** Undefined where there is none. */
  readonly value: CelValue | undefined;

  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

export class TypeValue {
  readonly typeName: string;

  constructor(typeName: string) {
    this.typeName = typeName;
  }
}

/** A value of a library: `kubernetes.Quantity`. */
export abstract class Opaque {
  abstract readonly typeName: string;
  abstract equals(other: Opaque): boolean;
}

/** A map that an expression made: keys are booleans, numbers and strings. */
export class LiteralMap implements CelMap {
  readonly typeName?: string;
  readonly #entries = new Map<string, { readonly key: CelValue; readonly value: CelValue }>();

  /** `typeName`: of a record. */
  constructor(typeName?: string) {
    if (typeName !== undefined) this.typeName = typeName;
  }

  /** Throws CelError where the key is there. */
  insert(key: CelValue, value: CelValue): void {
    const name = keyName(key);
    if (name === undefined) throw new CelError(`unsupported key type: ${typeNameOf(key)}`);
    if (this.#entries.has(name)) throw new CelError(`insert failed: key ${showKey(key)} already exists`);
    this.#entries.set(name, { key, value });
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }

  get(key: CelValue): CelValue | undefined {
    const name = keyName(key);
    return name === undefined ? undefined : this.#entries.get(name)?.value;
  }

  keys(): readonly CelValue[] {
    return [...this.#entries.values()].map(({ key }) => key);
  }
}

/** Equal numbers of different types are one key. */
function keyName(key: CelValue): string | undefined {
  if (typeof key === 'string') return `s${key}`;
  if (typeof key === 'boolean') return `b${key}`;
  if (typeof key === 'bigint') return `n${key}`;
  if (key instanceof Uint) return `n${key.value}`;
  if (typeof key === 'number' && Number.isInteger(key)) return `n${BigInt(key)}`;
  return undefined;
}

export function isList(value: CelValue): value is CelList {
  return Array.isArray(value);
}

export function isMap(value: CelValue): value is CelMap {
  return typeof value === 'object' && value !== null && 'keys' in value && 'get' in value && !Array.isArray(value);
}

/** What `type()` says of it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
    default:
      break;
  }
  if (value === null) return 'null_type';
  if (value instanceof Uint8Array) return 'bytes';
  if (isList(value)) return 'list';
  if (value instanceof Uint) return 'uint';
  if (value instanceof Timestamp) return 'google.protobuf.Timestamp';
  if (value instanceof Duration) return 'google.protobuf.Duration';
  if (value instanceof Optional) return 'optional_type';
  if (value instanceof TypeValue) return 'type';
  return value.typeName ?? 'map';
}

/** Equality over all types: numbers by their amount, values of different types are different. */
export function equalValues(one: CelValue, other: CelValue): boolean {
  if (one === other) return true;
  if (isNumeric(one) && isNumeric(other)) return compareNumbers(one, other) === 0;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (isList(one)) return isList(other) && equalLists(one, other);
  if (one instanceof Uint8Array) return other instanceof Uint8Array && Buffer.compare(one, other) === 0;
  if (one instanceof Timestamp) return other instanceof Timestamp && one.nanos === other.nanos;
  if (one instanceof Duration) return other instanceof Duration && one.nanos === other.nanos;
  if (one instanceof TypeValue) return other instanceof TypeValue && one.typeName === other.typeName;
  if (one instanceof Opaque) return other instanceof Opaque && one.typeName === other.typeName && one.equals(other);
  if (one instanceof Optional) return other instanceof Optional && equalOptionals(one, other);
  return isMap(one) && isMap(other) && equalMaps(one, other);
}

function equalOptionals({ value: one }: Optional, { value: other }: Optional): boolean {
  return one === undefined || other === undefined ? one === other : equalValues(one, other);
}

function equalMaps(one: CelMap, other: CelMap): boolean {
  if (one.size !== other.size) return false;
  return one.keys().every((key) => {
    const [left, right] = [one.get(key), other.get(key)];
    return left !== undefined && right !== undefined && equalValues(left, right);
  });
}

function equalLists(one: CelList, other: CelList): boolean {
  if (one.length !== other.length) return false;
  const kind = one.listKind ?? other.listKind;
  if (kind === undefined) return one.every((item, index) => equalValues(item, other[index] ?? null));
  const index = new Map(other.map((item) => [itemKey(item, kind), item]));
  return one.every((item) => {
    const match = index.get(itemKey(item, kind));
    return match !== undefined && equalValues(item, match);
  });
}

/** What tells items of a set or a map list apart. */
export function itemKey(item: CelValue, kind: ListKind): string {
  if (kind.type === 'set' || !isMap(item)) return JSON.stringify(toJson(item));
  return JSON.stringify(kind.keys.map((key) => toJson(item.get(key) ?? null)));
}

export type Numeric = bigint | number | Uint;

export function isNumeric(value: CelValue): value is Numeric {
  return typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint;
}

/** NaN where one of them is. */
export function compareNumbers(one: Numeric, other: Numeric): number {
  const left = one instanceof Uint ? one.value : one;
  const right = other instanceof Uint ? other.value : other;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Negative, zero or positive. Throws CelError where the two have no order. */
export function compareValues(one: CelValue, other: CelValue): number {
  if (isNumeric(one) && isNumeric(other)) return compareNumbers(one, other);
  if (typeof one === 'string' && typeof other === 'string') return compareText(one, other);
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other);
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other);
  if (one instanceof Timestamp && other instanceof Timestamp) return compareNumbers(one.nanos, other.nanos);
  if (one instanceof Duration && other instanceof Duration) return compareNumbers(one.nanos, other.nanos);
  throw noSuchOverload();
}

/** By code points, as Go compares UTF-8. */
function compareText(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [left, right] = [one.charCodeAt(index), other.charCodeAt(index)];
    // Surrogates stand for what lies above all other units.
    if (left !== right) return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1;
  }
  return one.length - other.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

export function showKey(key: CelValue): string {
  if (key instanceof Uint) return String(key.value);
  return typeof key === 'object' ? JSON.stringify(toJson(key)) : String(key);
}

/** As JSON writes it. Throws CelError for what it has no form for. */
export function toJson(value: CelValue): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map(toJson);
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isMap(value)) {
    if (value.json !== undefined) return value.json;
    const entries = value.keys().map((key): [string, JsonValue] => [showKey(key), toJson(value.get(key) ?? null)]);
    return Object.fromEntries(entries);
  }
  throw new CelError(`unsupported conversion of ${typeNameOf(value)} to JSON`);
}
