/** Ranges of lengths, and costs, as far as numbers go: cel-go `checker/cost.go`. Beyond 2^64 everything is the same. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

const LIMIT = 2 ** 64;

export const UNKNOWN: Size = { min: 0, max: LIMIT };
export const NOTHING: Size = { min: 0, max: 0 };

export function exactly(size: number): Size {
  return { min: size, max: size };
}

export function bounded(cost: number): number {
  return Math.min(cost, LIMIT);
}

export function union(one: Size, other: Size): Size {
  return { min: Math.min(one.min, other.min), max: Math.max(one.max, other.max) };
}

export function add(one: Size, other: Size): Size {
  return { min: bounded(one.min + other.min), max: bounded(one.max + other.max) };
}

export function multiply(one: Size, other: Size): Size {
  return { min: bounded(one.min * other.min), max: bounded(one.max * other.max) };
}

/** What it costs to go over so much, in whole units. */
export function scaled(size: number, factor: number): number {
  return bounded(Math.ceil(size * factor));
}
