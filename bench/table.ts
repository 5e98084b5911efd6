import { cpus, totalmem } from 'node:os';

export interface Figure {
  readonly name: string;
  readonly value: string;
  /** What is to be reached, in the same words. */
  readonly aim: string;
}

/** A table that can be pasted into the README, under the machine it was measured on. */
export function printTable(figures: readonly Figure[]): void {
  const gib = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(`${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${gib} GiB, Node ${process.version}\n`);
  console.log('| figure | measured | aim |\n|---|---|---|');
  for (const { name, value, aim } of figures) console.log(`| ${name} | ${value} | ${aim} |`);
}

/** The middle of the values, the mean of the two in the middle for an even count. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}
