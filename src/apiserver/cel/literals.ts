/** Literal arguments that can only fail are refused before anything runs: cel-go `cel/validator.go`. */
import type { Expression } from './expression.ts';
import { compileRegexp } from './regexp.ts';
import { parseDuration, parseTimestamp } from './time.ts';

/** By function: how its text is read. The text is the last argument. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  duration: parseDuration,
  timestamp: parseTimestamp,
  matches: compileRegexp,
};

export function literalProblem(name: string, args: readonly Expression[]): string | undefined {
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  const last = args.at(-1);
  if (read === undefined || last?.kind !== 'literal' || typeof last.value !== 'string') return undefined;
  try {
    read(last.value);
    return undefined;
  } catch {
    return `invalid ${name} argument`;
  }
}
