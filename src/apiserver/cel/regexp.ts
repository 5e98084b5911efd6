/** The door to RE2: expressions that are matched in linear time, whatever they and the text are. */
import { RE2JS } from 're2js';
import { CostExceeded } from './budget.ts';
import { CelError } from './values.ts';

export interface Regexp {
  test(text: string): boolean;
  find(text: string): string | undefined;
  /** At most `most` of them. */
  findAll(text: string, most: number): string[];
}

const MAX_KEPT = 500;
/** Compiled programs grow with the expression; upstream bounds them by the cost that a longer one has. */
const MAX_PATTERN_LENGTH = 10_000;
/** Characters times instructions: what one search may take, about a second. */
const MAX_STEPS = 50_000_000;
const kept = new Map<string, Regexp>();

/** Throws CelError. */
export function compileRegexp(pattern: string): Regexp {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const compiled = compile(pattern);
  kept.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): Regexp {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new CelError(`error parsing regexp: expression too large: ${pattern.length} characters`);
  }
  const re2 = parse(pattern);
  const matcherOf = (text: string) => {
    if (text.length * re2.programSize() > MAX_STEPS) throw new CostExceeded();
    return re2.matcher(text);
  };
  return {
    test: (text) => matcherOf(text).find(),
    find: (text) => {
      const matcher = matcherOf(text);
      return matcher.find() ? (matcher.group() ?? undefined) : undefined;
    },
    findAll: (text, most) => {
      const matcher = matcherOf(text);
      const found: string[] = [];
      while (found.length < most && matcher.find()) found.push(matcher.group() ?? '');
      return found;
    },
  };
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    throw new CelError(error instanceof Error ? error.message : String(error));
  }
}
