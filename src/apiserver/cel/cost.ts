/** What calls cost: cel-go `interpreter/runtimecost.go`, apiserver `pkg/cel/library/cost.go`. */
import type { CallCost, ResultCost } from './overload.ts';
import { isList, isMap, type CelValue } from './values.ts';

/** Of a unit, to go over one character. */
const TRAVERSAL = 0.1;
const REGEXP = 0.25;
/** Upstream joins lists without copying them; here the copy is paid for. */
const COPY = 0.1;

export function sizeOf(value: CelValue | undefined): number {
  if (typeof value === 'string') return lengthOf(value);
  if (value === undefined || value === null) return 1;
  if (isList(value) || value instanceof Uint8Array) return value.length;
  return isMap(value) ? value.size : 1;
}

/** Code points that JavaScript writes as two units. */
const WIDE = /[\ud800-\udbff]/;

/** Whether units are code points. */
export function isNarrow(text: string): boolean {
  return !WIDE.test(text);
}

/** In code points. */
export function lengthOf(text: string): number {
  return isNarrow(text) ? text.length : Array.from(text).length;
}

const over = (size: number, factor: number): number => Math.ceil(size * factor);

/** Goes over the first argument so many times. */
export const traversal =
  (times = 1): CallCost =>
  ([first]) =>
    over(sizeOf(first), TRAVERSAL * times);

/** Goes over the second argument. */
export const argumentTraversal: CallCost = ([, second]) => over(sizeOf(second), TRAVERSAL);

export const search: CallCost = ([text, part]) => over(sizeOf(text), TRAVERSAL) * over(sizeOf(part), TRAVERSAL);

export const regexp: CallCost = ([text, pattern]) => over(1 + sizeOf(text), TRAVERSAL) * over(sizeOf(pattern), REGEXP);

export const concatenation: CallCost = ([one, other]) => over(sizeOf(one) + sizeOf(other), TRAVERSAL);

export const listConcatenation: CallCost = ([one, other]) => Math.max(1, over(sizeOf(one) + sizeOf(other), COPY));

export const comparison: CallCost = ([one, other]) => over(Math.min(sizeOf(one), sizeOf(other)), TRAVERSAL);

export const membership: CallCost = ([, holder]) => (isList(holder ?? null) ? Math.max(1, sizeOf(holder)) : 1);

/** Looks at each element once; text is gone over. */
export const elements: CallCost = ([first]) => {
  if (typeof first === 'string') return over(lengthOf(first), TRAVERSAL);
  if (first === undefined || !isList(first)) return 1;
  return first.reduce<number>((sum, item) => sum + (typeof item === 'string' ? over(lengthOf(item), TRAVERSAL) : 1), 0);
};

export const product: CallCost = ([one, other]) => 1 + sizeOf(one) * sizeOf(other);

/** Compares each with each. */
export const square: CallCost = ([list]) => 1 + sizeOf(list) ** 2;

export const sorting: CallCost = ([list]) => 1 + Math.ceil(sizeOf(list) * Math.log2(1 + sizeOf(list)));

/** Of what comes out: text that was gone over twice, the items of a list. */
export const made: ResultCost = (result) =>
  typeof result === 'string' ? over(lengthOf(result), TRAVERSAL * 2) : sizeOf(result);

export const nothing: CallCost = () => 0;
