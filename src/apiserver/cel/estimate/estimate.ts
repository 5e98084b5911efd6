/** What an expression costs at most, whatever data it gets: cel-go `checker/cost.go`. */
import type {
  CallExpression,
  ElementExpression,
  Expression,
  FoldExpression,
  OptionalMapExpression,
  SelectExpression,
} from '../expression.ts';
import type { Overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { isList, isMap } from '../values.ts';
import { sizeOf } from '../cost.ts';
import type { Bounds, Path } from './bounds.ts';
import { type Argument, type CallEstimate, eitherCall, estimateCall } from './call-estimates.ts';
import { bounded, exactly, NOTHING, type Size, union, UNKNOWN } from './sizes.ts';

const LIST_COST = 10;
const MAP_COST = 30;
const RECORD_COST = 40;

/** `bounds`: of the data behind the variables. In upstream's units; some 2^64 where there is no limit. */
export function estimateCost(expression: Expression, bounds: Bounds): number {
  return bounded(new Estimator(bounds).cost(expression));
}

/** Of the keys and values of a list or map that the expression makes. */
interface Entries {
  readonly key: Size;
  readonly value: Size;
}

interface Local {
  readonly path: Path | undefined;
  readonly size: Size | undefined;
}

class Estimator {
  readonly #bounds: Bounds;
  readonly #paths = new Map<Expression, Path>();
  readonly #sizes = new Map<Expression, Size>();
  readonly #entries = new Map<Expression, Entries>();
  readonly #locals = new Map<number, Local>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  cost(expression: Expression): number {
    switch (expression.kind) {
      case 'literal':
        return 0;
      case 'variable':
        this.#paths.set(expression, [expression.name]);
        return 1;
      case 'local':
        return this.#local(expression, expression.slot);
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'and':
      case 'or':
        return this.#sum(expression.terms);
      case 'conditional':
        return this.#conditional(expression);
      case 'list':
        return this.#list(expression, expression.items);
      case 'map':
        return this.#map(expression);
      case 'record':
        return RECORD_COST + this.#sum(expression.fields.map(({ value }) => value));
      case 'fold':
        return this.#fold(expression);
      case 'optionalMap':
        return this.#optionalMap(expression);
    }
  }

  #sum(expressions: readonly Expression[]): number {
    return expressions.reduce((sum, each) => sum + this.cost(each), 0);
  }

  #local(expression: Expression, slot: number): number {
    const path = this.#locals.get(slot)?.path;
    if (path !== undefined) this.#paths.set(expression, path);
    return 1;
  }

  #select(expression: SelectExpression): number {
    const { operand, field, mode } = expression;
    const cost = this.cost(operand);
    if (mode === 'test') return cost;
    if (mode === 'optional') return cost + 1;
    this.#paths.set(expression, [...(this.#paths.get(operand) ?? []), field]);
    return cost + (['map', 'object', 'param'].includes(operand.type.kind) ? 1 : 0);
  }

  #conditional(expression: Expression & { readonly kind: 'conditional' }): number {
    const { condition, yes, no } = expression;
    const cost = this.cost(condition) + Math.max(this.cost(yes), this.cost(no));
    this.#sizes.set(expression, union(this.#sizeOr(yes), this.#sizeOr(no)));
    const [one, other] = [this.#entries.get(yes), this.#entries.get(no)];
    if (one !== undefined && other !== undefined) this.#entries.set(expression, either(one, other));
    return cost;
  }

  #list(expression: Expression, items: readonly ElementExpression[]): number {
    const cost = LIST_COST + this.#sum(items.map(({ value }) => value));
    this.#entries.set(expression, { key: exactly(1), value: this.#common(items.map(({ value }) => value)) });
    return cost;
  }

  #map(expression: Expression & { readonly kind: 'map' }): number {
    const keys = expression.entries.map(({ key }) => key);
    const values = expression.entries.map(({ value }) => value);
    const cost = MAP_COST + this.#sum(keys) + this.#sum(values);
    this.#entries.set(expression, { key: this.#common(keys), value: this.#common(values) });
    return cost;
  }

  #common(expressions: readonly Expression[]): Size {
    const [first = NOTHING, ...others] = expressions.map((each) => this.#sizeOr(each));
    return others.reduce(union, first);
  }

  #call(expression: CallExpression): number {
    const { args, name, overloads } = expression;
    const cost = this.#sum(args);
    const [first] = args;
    if (name === 'dyn' && first !== undefined) {
      this.#sizes.set(expression, this.#sizeOr(first));
      return cost + 1;
    }
    let estimate: CallEstimate | undefined;
    for (const overload of overloads) {
      estimate = eitherCall(estimate, this.#estimate(name, overload, args));
      if (first !== undefined) this.#index(expression, overload, first);
    }
    const size = estimate?.size ?? this.#size(expression);
    if (size !== undefined) this.#sizes.set(expression, size);
    return cost + (estimate?.cost ?? 0);
  }

  #estimate(name: string, { member, params }: Overload, args: readonly Expression[]): CallEstimate {
    return estimateCall(
      name,
      member,
      args.map((each, index) => this.#argument(each, params[index])),
    );
  }

  #argument(expression: Expression, wanted: CelType | undefined): Argument {
    const { type } = expression;
    const number = expression.kind === 'literal' ? Number(expression.value) : Number.NaN;
    return {
      // Of any type: what the overload takes counts.
      type: type.kind === 'dyn' || type.kind === 'param' ? (wanted ?? type) : type,
      size: this.#sizeOr(expression),
      elementSize: this.#elementSize(expression),
      ...(Number.isInteger(number) ? { number } : {}),
    };
  }

  #elementSize(expression: Expression): Size {
    const path = this.#paths.get(expression);
    return (path === undefined ? undefined : this.#bounds.sizeAt([...path, '@items'])) ?? UNKNOWN;
  }

  /** `list[0]`, `map['a']` */
  #index(expression: Expression, { name, params }: Overload, holder: Expression): void {
    if (name !== '_[_]') return;
    const step = params[0]?.kind === 'list' ? '@items' : params[0]?.kind === 'map' ? '@values' : undefined;
    if (step === undefined) return;
    const known = this.#entries.get(holder)?.value;
    if (known !== undefined) this.#sizes.set(expression, known);
    this.#paths.set(expression, [...(this.#paths.get(holder) ?? []), step]);
  }

  /** With the costs that upstream's expansion of each macro has. */
  #fold(expression: FoldExpression): number {
    const { range, fold, condition, result } = expression;
    const rangeCost = this.cost(range);
    this.#enter(expression);
    const [test, made] = [condition, result].map((part) => (part === undefined ? 0 : this.cost(part)));
    const taken = condition === undefined ? 0 : (test ?? 0);
    const count = this.#sizeOr(range);
    const steps = FOLDS[fold]({ test: taken, made: made ?? 0 });
    if (steps.makes) {
      this.#sizes.set(expression, count);
      const each = fold === 'filter' || fold === 'sortBy' ? this.#elementOf(expression) : result;
      const value = each === undefined ? UNKNOWN : { ...this.#sizeOr(each), min: 0 };
      this.#entries.set(expression, { key: exactly(1), value });
    } else {
      this.#sizes.set(expression, exactly(1));
    }
    return rangeCost + steps.once + bounded(count.max * steps.each);
  }

  /** The variable that stands for an element. */
  #elementOf({ range, valueSlot = -1 }: FoldExpression): Expression {
    return { kind: 'local', type: range.type, slot: valueSlot };
  }

  #enter({ range, keySlot, valueSlot }: FoldExpression): void {
    const path = this.#paths.get(range) ?? [];
    const entries = this.#entries.get(range);
    const isMapped = range.type.kind === 'map';
    const single = keySlot === undefined;
    if (keySlot !== undefined) {
      this.#locals.set(keySlot, { path: [...path, isMapped ? '@keys' : '@indices'], size: entries?.key });
    }
    if (valueSlot === undefined) return;
    const step = isMapped ? (single ? '@keys' : '@values') : '@items';
    this.#locals.set(valueSlot, { path: [...path, step], size: isMapped && single ? entries?.key : entries?.value });
  }

  /** `target.hasValue() ? optional.of(body) : optional.none()`, with the value bound to the variable. */
  #optionalMap({ operand, slot, body, flat }: OptionalMapExpression): number {
    const target = this.cost(operand);
    this.#locals.set(slot, { path: undefined, size: undefined });
    const bound = LIST_COST + target + 1 + this.cost(body);
    return target + 1 + bound + (flat ? 0 : 1);
  }

  #sizeOr(expression: Expression): Size {
    return this.#size(expression) ?? UNKNOWN;
  }

  #size(expression: Expression): Size | undefined {
    const known = this.#sizes.get(expression) ?? writtenSize(expression);
    if (known !== undefined) return known;
    const path = this.#paths.get(expression) ?? this.#pathOfLocal(expression);
    const found = path === undefined ? undefined : this.#bounds.sizeAt(path);
    if (found !== undefined) return found;
    if (isScalar(expression.type)) return exactly(1);
    return expression.kind === 'local' ? this.#locals.get(expression.slot)?.size : undefined;
  }

  #pathOfLocal(expression: Expression): Path | undefined {
    return expression.kind === 'local' ? this.#locals.get(expression.slot)?.path : undefined;
  }
}

interface Parts {
  readonly test: number;
  readonly made: number;
}

interface Steps {
  readonly once: number;
  readonly each: number;
  /** A list or a map. */
  readonly makes: boolean;
}

/** `accumulator + [made]`, or nothing where the test fails. */
const APPEND = 2 + LIST_COST;

const FOLDS: Readonly<Record<FoldExpression['fold'], (parts: Parts) => Steps>> = {
  all: ({ test }) => ({ once: 1, each: 3 + test, makes: false }),
  exists: ({ test }) => ({ once: 1, each: 4 + test, makes: false }),
  existsOne: ({ test }) => ({ once: 2, each: 2 + test, makes: false }),
  filter: ({ test }) => ({ once: LIST_COST + 1, each: test + APPEND + 1, makes: true }),
  map: ({ test, made }) => ({ once: LIST_COST + 1, each: test + APPEND + made, makes: true }),
  sortBy: ({ made }) => ({ once: 2 * LIST_COST + 2, each: APPEND + made, makes: true }),
  transformMap: ({ test, made }) => ({ once: MAP_COST + 1, each: test + 3 + made, makes: true }),
  transformMapEntry: ({ test, made }) => ({ once: MAP_COST + 1, each: test + 2 + made, makes: true }),
};

function either(one: Entries, other: Entries): Entries {
  return { key: union(one.key, other.key), value: union(one.value, other.value) };
}

/** Of what stands in the expression itself. */
function writtenSize(expression: Expression): Size | undefined {
  if (expression.kind === 'list') return exactly(expression.items.length);
  if (expression.kind === 'map') return exactly(expression.entries.length);
  if (expression.kind !== 'literal') return undefined;
  const { value } = expression;
  return isList(value) || isMap(value) ? undefined : exactly(sizeOf(value));
}

const SCALARS = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function isScalar(type: CelType): boolean {
  return type.kind === 'optional' ? isScalar(type.of) : SCALARS.has(type.kind);
}
