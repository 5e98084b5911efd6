/** Operators: cel-go `common/stdlib`. */
import { comparison, concatenation, listConcatenation, membership } from '../cost.ts';
import type { Implementation, Library } from '../overload.ts';
import { checkedDuration, checkedTimestamp } from '../time.ts';
import {
  CelError,
  compareValues,
  Duration,
  equalValues,
  isList,
  isMap,
  isNumeric,
  itemKey,
  Optional,
  showKey,
  Timestamp,
  Uint,
  type CelList,
  type CelMap,
  type CelValue,
} from '../values.ts';

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);
const MAX_UINT = 2n ** 64n - 1n;

export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new CelError('integer overflow');
  return value;
}

export function checkedUint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function divisor(value: bigint, what: 'division' | 'modulus'): bigint {
  if (value === 0n) throw new CelError(`${what} by zero`);
  return value;
}

const arithmetic: Library = {
  '_+_(int, int): int': (a: bigint, b: bigint) => checkedInt(a + b),
  '_-_(int, int): int': (a: bigint, b: bigint) => checkedInt(a - b),
  '_*_(int, int): int': (a: bigint, b: bigint) => checkedInt(a * b),
  '_/_(int, int): int': (a: bigint, b: bigint) => checkedInt(a / divisor(b, 'division')),
  '_%_(int, int): int': (a: bigint, b: bigint) => a % divisor(b, 'modulus'),
  '-_(int): int': (a: bigint) => checkedInt(-a),
  '_+_(uint, uint): uint': (a: Uint, b: Uint) => checkedUint(a.value + b.value),
  '_-_(uint, uint): uint': (a: Uint, b: Uint) => checkedUint(a.value - b.value),
  '_*_(uint, uint): uint': (a: Uint, b: Uint) => checkedUint(a.value * b.value),
  '_/_(uint, uint): uint': (a: Uint, b: Uint) => new Uint(a.value / divisor(b.value, 'division')),
  '_%_(uint, uint): uint': (a: Uint, b: Uint) => new Uint(a.value % divisor(b.value, 'modulus')),
  '_+_(double, double): double': (a: number, b: number) => a + b,
  '_-_(double, double): double': (a: number, b: number) => a - b,
  '_*_(double, double): double': (a: number, b: number) => a * b,
  '_/_(double, double): double': (a: number, b: number) => a / b,
  '-_(double): double': (a: number) => -a,
};

const joining: Library = {
  '_+_(string, string): string': [(a: string, b: string) => a + b, concatenation],
  '_+_(bytes, bytes): bytes': [(a: Uint8Array, b: Uint8Array) => new Uint8Array([...a, ...b]), concatenation],
  '_+_(list<A>, list<A>): list<A>': [joinLists, listConcatenation],
};

/** Sets unite, map lists let the right one win where it stood: apiserver `pkg/cel/common/values.go`. */
function joinLists(one: CelList, other: CelList): CelList {
  const kind = one.listKind;
  // `concat` copies as a block.
  if (kind === undefined) return one.concat(other);
  const items = new Map(one.map((item) => [itemKey(item, kind), item]));
  for (const item of other) items.set(itemKey(item, kind), item);
  return Object.assign([...items.values()], { listKind: kind });
}

const time: Library = {
  '_+_(duration, duration): duration': (a: Duration, b: Duration) => checkedDuration(a.nanos + b.nanos),
  '_-_(duration, duration): duration': (a: Duration, b: Duration) => checkedDuration(a.nanos - b.nanos),
  '_+_(timestamp, duration): timestamp': (a: Timestamp, b: Duration) => checkedTimestamp(a.nanos + b.nanos),
  '_+_(duration, timestamp): timestamp': (a: Duration, b: Timestamp) => checkedTimestamp(a.nanos + b.nanos),
  '_-_(timestamp, duration): timestamp': (a: Timestamp, b: Duration) => checkedTimestamp(a.nanos - b.nanos),
  '_-_(timestamp, timestamp): duration': (a: Timestamp, b: Timestamp) => checkedDuration(a.nanos - b.nanos),
};

const logic: Library = {
  '!_(bool): bool': (a: boolean) => !a,
  '_==_(A, A): bool': [(a: CelValue, b: CelValue) => equalValues(a, b), comparison],
  '_!=_(A, A): bool': [(a: CelValue, b: CelValue) => !equalValues(a, b), comparison],
  // Runs as an expression of its own; here for its type.
  '_?_:_(bool, A, A): A': (_condition: CelValue, yes: CelValue) => yes,
  '@in(A, list<A>): bool': [(a: CelValue, list: CelList) => list.some((item) => equalValues(item, a)), membership],
  '@in(A, map<A, B>): bool': [(a: CelValue, map: CelMap) => map.has(a), membership],
};

const ORDERED = ['bool', 'bytes', 'duration', 'string', 'timestamp'];
const NUMBERS = ['int', 'uint', 'double'];
const ORDERS: Readonly<Record<string, Implementation>> = {
  '_<_': (a: CelValue, b: CelValue) => compareValues(a, b) < 0,
  '_<=_': (a: CelValue, b: CelValue) => compareValues(a, b) <= 0,
  '_>_': (a: CelValue, b: CelValue) => compareValues(a, b) > 0,
  '_>=_': (a: CelValue, b: CelValue) => compareValues(a, b) >= 0,
};

/** Numbers compare whatever their types are. */
function orderings(): Library {
  const pairs = [
    ...ORDERED.map((type): [string, string] => [type, type]),
    ...NUMBERS.flatMap((one) => NUMBERS.map((other): [string, string] => [one, other])),
  ];
  return Object.fromEntries(
    Object.entries(ORDERS).flatMap(([name, run]) =>
      pairs.map(([one, other]) => [`${name}(${one}, ${other}): bool`, [run, comparison]]),
    ),
  );
}

const indexing: Library = {
  '_[_](list<A>, int): A': itemAt,
  '_[_](map<A, B>, A): B': entryOf,
  '_[_](optional<list<A>>, int): optional<A>': (list: Optional, index: CelValue) => optionalItem(list.value, index),
  '_[_](optional<map<A, B>>, A): optional<B>': (map: Optional, key: CelValue) => optionalItem(map.value, key),
  '_[?_](list<A>, int): optional<A>': optionalItem,
  '_[?_](map<A, B>, A): optional<B>': optionalItem,
  '_[?_](optional<list<A>>, int): optional<A>': (list: Optional, index: CelValue) => optionalItem(list.value, index),
  '_[?_](optional<map<A, B>>, A): optional<B>': (map: Optional, key: CelValue) => optionalItem(map.value, key),
};

function itemAt(list: CelList, index: CelValue): CelValue {
  const item = find(list, index);
  if (item === undefined) throw new CelError(`index out of bounds: ${showKey(index)}`);
  return item;
}

function entryOf(map: CelMap, key: CelValue): CelValue {
  const value = map.get(key);
  if (value === undefined) throw new CelError(`no such key: ${showKey(key)}`);
  return value;
}

function optionalItem(holder: CelValue | undefined, key: CelValue): Optional {
  const found = holder === undefined ? undefined : find(holder, key);
  return found === undefined ? Optional.none : new Optional(found);
}

function find(holder: CelValue, key: CelValue): CelValue | undefined {
  if (isList(holder)) {
    const index = key instanceof Uint ? Number(key.value) : Number(isNumeric(key) ? key : Number.NaN);
    return holder[index];
  }
  return isMap(holder) ? holder.get(key) : undefined;
}

export const operators: readonly Library[] = [arithmetic, joining, time, logic, orderings(), indexing];
