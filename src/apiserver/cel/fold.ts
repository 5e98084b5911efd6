/** Macros that go over lists and maps, with the cost that upstream's expansion of each has. */
import type { Expression, FoldExpression, FoldKind } from './expression.ts';
import { swallowable, type Frame, type Run } from './frame.ts';
import { compareValues, type CelError, isList, isMap, LiteralMap, noSuchOverload, type CelValue } from './values.ts';

/** Of the steps that upstream's loop adds to the body: once, for each element, and for each that is taken. */
interface FoldCost {
  readonly once: number;
  readonly each: number;
  readonly taken: number;
}

const COSTS: Readonly<Record<FoldKind, FoldCost>> = {
  all: { once: 1, each: 3, taken: 0 },
  exists: { once: 1, each: 4, taken: 0 },
  existsOne: { once: 2, each: 1, taken: 1 },
  filter: { once: 11, each: 1, taken: 12 },
  map: { once: 11, each: 1, taken: 11 },
  sortBy: { once: 11, each: 1, taken: 11 },
  transformMap: { once: 31, each: 1, taken: 2 },
  transformMapEntry: { once: 31, each: 1, taken: 2 },
};

/** Takes the place of the elements in the frame and runs a part of the body. */
interface Loop {
  readonly expression: FoldExpression;
  readonly condition: Run | undefined;
  readonly result: Run | undefined;
}

interface Element {
  readonly key: CelValue;
  readonly value: CelValue;
}

type Runner = (loop: Loop, elements: readonly Element[], frame: Frame) => CelValue;

const RUNNERS: Readonly<Record<FoldKind, Runner>> = {
  all: (loop, elements, frame) => quantify(loop, elements, frame, false),
  exists: (loop, elements, frame) => quantify(loop, elements, frame, true),
  existsOne: (loop, elements, frame) => taken(loop, elements, frame).length === 1,
  filter: (loop, elements, frame) => taken(loop, elements, frame).map(({ value }) => value),
  map: (loop, elements, frame) => taken(loop, elements, frame).map(({ made }) => made),
  sortBy: (loop, elements, frame) =>
    taken(loop, elements, frame)
      .sort((one, other) => compareValues(one.made, other.made))
      .map(({ value }) => value),
  transformMap: (loop, elements, frame) => {
    const map = new LiteralMap();
    for (const { key, made } of taken(loop, elements, frame)) map.insert(key, made);
    return map;
  },
  transformMapEntry: (loop, elements, frame) => {
    const map = new LiteralMap();
    for (const { made } of taken(loop, elements, frame)) {
      if (!isMap(made)) throw noSuchOverload();
      for (const key of made.keys()) map.insert(key, made.get(key) ?? null);
    }
    return map;
  },
};

export function planFold(expression: FoldExpression, plan: (part: Expression) => Run): Run {
  const range = plan(expression.range);
  const loop: Loop = {
    expression,
    condition: expression.condition === undefined ? undefined : plan(expression.condition),
    result: expression.result === undefined ? undefined : plan(expression.result),
  };
  const run = RUNNERS[expression.fold];
  const { once } = COSTS[expression.fold];
  return (frame) => {
    const elements = elementsOf(range(frame), expression.keySlot !== undefined);
    frame.meter.charge(once);
    return run(loop, elements, frame);
  };
}

/** A map gives its keys to macros of one variable. */
function elementsOf(range: CelValue, both: boolean): Element[] {
  if (isList(range)) return range.map((value, index) => ({ key: BigInt(index), value }));
  if (!isMap(range)) throw noSuchOverload();
  return range.keys().map((key) => ({ key, value: both ? (range.get(key) ?? null) : key }));
}

function enter({ keySlot, valueSlot }: FoldExpression, { key, value }: Element, frame: Frame): void {
  if (keySlot !== undefined) frame.locals[keySlot] = key;
  if (valueSlot !== undefined) frame.locals[valueSlot] = value;
}

/** An error counts only where no other element decides. */
function quantify(
  { expression, condition }: Loop,
  elements: readonly Element[],
  frame: Frame,
  deciding: boolean,
): boolean {
  const { each } = COSTS[expression.fold];
  let failure: CelError | undefined;
  for (const element of elements) {
    frame.meter.charge(each);
    enter(expression, element, frame);
    try {
      const holds = condition?.(frame);
      if (holds === deciding) return deciding;
      if (typeof holds !== 'boolean') failure ??= noSuchOverload();
    } catch (error) {
      failure ??= swallowable(error);
    }
  }
  if (failure !== undefined) throw failure;
  return !deciding;
}

/** The elements for which the condition holds, with what the body makes of them. */
function taken(
  { expression, condition, result }: Loop,
  elements: readonly Element[],
  frame: Frame,
): (Element & { readonly made: CelValue })[] {
  const { each, taken: more } = COSTS[expression.fold];
  const kept: (Element & { readonly made: CelValue })[] = [];
  for (const element of elements) {
    frame.meter.charge(each);
    enter(expression, element, frame);
    const holds = condition === undefined || condition(frame);
    if (typeof holds !== 'boolean') throw noSuchOverload();
    if (!holds) continue;
    frame.meter.charge(more);
    kept.push({ ...element, made: result?.(frame) ?? null });
  }
  return kept;
}
