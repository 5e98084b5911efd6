/** Lists and sets: apiserver `pkg/cel/library/lists.go`, cel-go `ext/lists.go` version 3 and `ext/sets.go`. */
import { assertMakeable } from '../budget.ts';
import { elements, made, nothing, product, sorting, square } from '../cost.ts';
import type { Library } from '../overload.ts';
import { checkedDuration } from '../time.ts';
import {
  CelError,
  compareValues,
  Duration,
  equalValues,
  isList,
  Optional,
  Uint,
  type CelList,
  type CelValue,
} from '../values.ts';
import { checkedInt, checkedUint } from './operators.ts';

const ORDERED = ['int', 'uint', 'double', 'bool', 'string', 'timestamp', 'duration', 'bytes'];

const ordered: Library = Object.fromEntries(
  ORDERED.flatMap((type) => [
    [`list<${type}>.isSorted(): bool`, [isSorted, elements]],
    [`list<${type}>.min(): ${type}`, [(list: CelList) => extreme(list, 'min', -1), elements]],
    [`list<${type}>.max(): ${type}`, [(list: CelList) => extreme(list, 'max', 1), elements]],
    [`list<${type}>.sort(): list<${type}>`, [(list: CelList) => list.toSorted(compareValues), sorting]],
  ]),
);

function isSorted(list: CelList): boolean {
  return list.every((item, index) => index === 0 || compareValues(list[index - 1] ?? null, item) <= 0);
}

function extreme(list: CelList, what: 'min' | 'max', sign: 1 | -1): CelValue {
  const [first, ...rest] = list;
  if (first === undefined) throw new CelError(`${what} called on empty list`);
  return rest.reduce<CelValue>((best, item) => (compareValues(item, best) * sign > 0 ? item : best), first);
}

const sums: Library = {
  'list<int>.sum(): int': [
    (list: readonly bigint[]) => list.reduce((sum, each) => checkedInt(sum + each), 0n),
    elements,
  ],
  'list<uint>.sum(): uint': [
    (list: readonly Uint[]) => list.reduce((sum, each) => checkedUint(sum.value + each.value), new Uint(0n)),
    elements,
  ],
  'list<double>.sum(): double': [(list: readonly number[]) => list.reduce((sum, each) => sum + each, 0), elements],
  'list<duration>.sum(): duration': [
    (list: readonly Duration[]) =>
      list.reduce((sum, each) => checkedDuration(sum.nanos + each.nanos), new Duration(0n)),
    elements,
  ],
};

const general: Library = {
  'list<A>.indexOf(A): int': [
    (list: CelList, item: CelValue) => BigInt(list.findIndex((each) => equalValues(each, item))),
    elements,
  ],
  'list<A>.lastIndexOf(A): int': [
    (list: CelList, item: CelValue) => BigInt(list.findLastIndex((each) => equalValues(each, item))),
    elements,
  ],
  'list<A>.slice(int, int): list<A>': [slice, elements],
  'list<A>.reverse(): list<A>': [(list: CelList) => list.toReversed(), elements],
  'list<A>.distinct(): list<A>': [distinct, square],
  'list<list<A>>.flatten(): list<A>': [(list: CelList) => flatten(list, 1), nothing, made],
  'list<dyn>.flatten(int): list<dyn>': [
    (list: CelList, depth: bigint) => {
      if (depth < 0n) throw new CelError('level must be non-negative');
      return flatten(list, Number(depth));
    },
    nothing,
    made,
  ],
  'list<A>.first(): optional<A>': (list: CelList) => new Optional(list[0]),
  'list<A>.last(): optional<A>': (list: CelList) => new Optional(list.at(-1)),
  'lists.range(int): list<int>': [range, ([size]) => 1 + Number(size)],
};

function range(size: bigint): CelList {
  return Array.from({ length: Math.max(0, Number(size)) }, (_, index) => BigInt(index));
}

function slice(list: CelList, from: bigint, to: bigint): CelList {
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > BigInt(list.length)) throw new CelError(`cannot slice(${from}, ${to}), list is length ${list.length}`);
  return list.slice(Number(from), Number(to));
}

function distinct(list: CelList): CelList {
  return list.filter((item, index) => list.findIndex((each) => equalValues(each, item)) === index);
}

function flatten(list: CelList, depth: number): CelList {
  if (depth === 0) return list;
  const flat: CelValue[] = [];
  for (const item of list) {
    const part = isList(item) ? flatten(item, depth - 1) : [item];
    assertMakeable(flat.length + part.length);
    for (const each of part) flat.push(each);
  }
  return flat;
}

const sets: Library = {
  'sets.contains(list<A>, list<A>): bool': [containsAll, product],
  'sets.equivalent(list<A>, list<A>): bool': [
    (one: CelList, other: CelList) => containsAll(one, other) && containsAll(other, one),
    product,
  ],
  'sets.intersects(list<A>, list<A>): bool': [
    (one: CelList, other: CelList) => one.some((item) => holds(other, item)),
    product,
  ],
};

function containsAll(list: CelList, items: CelList): boolean {
  return items.every((item) => holds(list, item));
}

function holds(list: CelList, item: CelValue): boolean {
  return list.some((each) => equalValues(each, item));
}

export const lists: readonly Library[] = [ordered, sums, general, sets];
