/** What calls cost at most: apiserver `pkg/cel/library/cost.go` and the standard functions of cel-go `checker/cost.go`. */
import type { CelType } from '../types.ts';
import { add, bounded, exactly, multiply, scaled, type Size, UNKNOWN, union } from './sizes.ts';

/** Of a unit, to go over one character. */
const TRAVERSAL = 0.1;
const REGEXP = 0.25;
const MAX_FORMAT_REGEXP = 128;
/** In bytes, of the longer kind. */
const MAX_ADDRESS_BYTES = 16;

/** Arguments, the target first. */
export interface Argument {
  readonly type: CelType;
  readonly size: Size;
  /** Of its elements, where they are known. */
  readonly elementSize: Size;
  /** A number that stands in the expression. */
  readonly number?: number;
}

export interface CallEstimate {
  readonly cost: number;
  /** Of the result. */
  readonly size?: Size;
}

type Estimate = (args: readonly Argument[]) => CallEstimate;

const ONE: CallEstimate = { cost: 1 };

const sizeOf = (argument: Argument | undefined): Size => argument?.size ?? UNKNOWN;
const over = (argument: Argument | undefined, factor = TRAVERSAL): number => scaled(sizeOf(argument).max, factor);

/** As long as its argument. */
const kept =
  (factor: number): Estimate =>
  ([first]) => ({ cost: over(first, factor), size: sizeOf(first) });

const perElement: Estimate = ([list]) => {
  if (list?.type.kind !== 'list' && list?.type.kind !== 'map') return { cost: over(list) };
  const element = list.type.kind === 'list' ? list.type.element : list.type.key;
  const isText = element.kind === 'string' || element.kind === 'bytes';
  const each = 1 + (isText ? scaled(list.elementSize.max, TRAVERSAL) : 0);
  return { cost: bounded(list.size.max * each) };
};

const compare: Estimate = ([one, other]) => ({
  cost: scaled(Math.min(sizeOf(one).max, sizeOf(other).max), TRAVERSAL),
});

const replace: Estimate = ([text, part, by]) => {
  const [whole, from, to] = [sizeOf(text), sizeOf(part), sizeOf(by)];
  const most =
    from.min === 0
      ? { count: whole.max + 1, rest: whole.max }
      : to.max <= from.min
        ? { count: 0, rest: whole.max }
        : { count: Math.ceil(whole.max / from.min), rest: 0 };
  const least =
    from.max === 0
      ? { count: whole.min + 1, rest: whole.min }
      : from.max <= to.min
        ? { count: 0, rest: whole.min }
        : { count: Math.ceil(whole.min / from.max), rest: 0 };
  const counts = { min: bounded(least.count), max: bounded(most.count) };
  return { cost: over(text, 2 * TRAVERSAL), size: add(multiply(counts, to), { min: least.rest, max: most.rest }) };
};

const split: Estimate = ([text, , most]) => ({
  cost: over(text, 2 * TRAVERSAL),
  size: { min: 0, max: most?.number ?? sizeOf(text).max },
});

const join: Estimate = ([list, separator]) => {
  const items = list === undefined ? exactly(0) : multiply(list.size, list.elementSize);
  const between = { min: Math.max(0, sizeOf(list).min - 1), max: Math.max(0, sizeOf(list).max - 1) };
  const size = separator === undefined ? items : add(items, multiply(separator.size, between));
  return { cost: scaled(size.max, TRAVERSAL), size };
};

/** Empty texts cost something too. */
const matchCost = (text: Argument | undefined, pattern: Argument | undefined): number =>
  bounded(scaled(sizeOf(text).max + 1, TRAVERSAL) * over(pattern, REGEXP));

const find: Estimate = ([text, pattern]) => ({
  cost: matchCost(text, pattern),
  size: { min: 0, max: sizeOf(text).max },
});

const concatenate: Estimate = ([one, other]) => {
  const size = add(sizeOf(one), sizeOf(other));
  return { cost: one?.type.kind === 'list' ? 1 : scaled(size.max, TRAVERSAL), size };
};

const contains = (more: number): Estimate => {
  const both = scaled(2 * MAX_ADDRESS_BYTES, TRAVERSAL) + more;
  return ([, other]) => ({ cost: both + (other?.type.kind === 'string' ? over(other) : 0) });
};

const product =
  (factor: number): Estimate =>
  ([one, other]) => ({ cost: bounded(sizeOf(one).max * sizeOf(other).max * factor + 1) });

const square: Estimate = ([list]) => ({ cost: bounded(sizeOf(list).max ** 2), size: sizeOf(list) });

/** By name; whatever is not here costs one. */
const BY_NAME: Readonly<Record<string, Estimate>> = {
  ...all(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], perElement),
  ...all(['lowerAscii', 'upperAscii', 'substring', 'trim', 'url', 'jsonpatch.escapeKey'], kept(TRAVERSAL)),
  ...all(['find', 'findAll'], find),
  ...all(['startsWith', 'endsWith'], ([, part]) => ({ cost: over(part) })),
  ...all(['slice', 'reverse', 'flatten'], kept(1)),
  ...all(['distinct', 'sort'], square),
  ...all(['sets.contains', 'sets.intersects'], product(1)),
  ...all(['_<_', '_<=_', '_>_', '_>=_'], (args) => (isText(args[0]) && isText(args[1]) ? compare(args) : ONE)),
  ...all(['_==_', '_!=_'], (args) => (args[0]?.type.kind === 'opaque' ? ONE : compare(args))),
  'sets.equivalent': product(2),
  'strings.quote': ([text]) => {
    const { min, max } = sizeOf(text);
    return { cost: over(text), size: { min: min + 2, max: bounded(2 * max + 2) } };
  },
  replace,
  split,
  join,
  format: ([text]) => ({ cost: over(text) }),
  validate: ([, text]) => ({ cost: scaled(over(text), MAX_FORMAT_REGEXP * REGEXP) }),
  containsIP: contains(0),
  containsCIDR: contains(scaled(MAX_ADDRESS_BYTES, TRAVERSAL) + 1),
  contains: ([text, part]) => ({ cost: bounded(over(text) * over(part)) }),
  '@in': ([, holder]) => (holder?.type.kind === 'list' ? { cost: over(holder, 1) } : ONE),
  '_+_': (args) => (isText(args[0]) || args[0]?.type.kind === 'list' ? concatenate(args) : ONE),
  bytes: ([text]) =>
    text?.type.kind === 'string'
      ? { cost: over(text), size: { min: text.size.min, max: bounded(4 * text.size.max) } }
      : ONE,
  string: ([bytes]) =>
    bytes?.type.kind === 'bytes'
      ? { cost: over(bytes), size: { min: Math.floor(bytes.size.min / 4), max: bytes.size.max } }
      : ONE,
};

function all(names: readonly string[], estimate: Estimate): Record<string, Estimate> {
  return Object.fromEntries(names.map((name) => [name, estimate]));
}

function isText(argument: Argument | undefined): boolean {
  return argument?.type.kind === 'string' || argument?.type.kind === 'bytes';
}

/** `member`: called on a target. Types are those that the overload takes. */
export function estimateCall(name: string, member: boolean, args: readonly Argument[]): CallEstimate {
  if (name === 'matches') return member ? { cost: matchCost(args[0], args[1]) } : ONE;
  return Object.hasOwn(BY_NAME, name) ? (BY_NAME[name]?.(args) ?? ONE) : ONE;
}

/** What covers both. */
export function eitherCall(one: CallEstimate | undefined, other: CallEstimate): CallEstimate {
  if (one === undefined) return other;
  const size = one.size === undefined ? other.size : other.size === undefined ? one.size : union(one.size, other.size);
  return { cost: Math.max(one.cost, other.cost), ...(size === undefined ? {} : { size }) };
}
