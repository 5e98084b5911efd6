/**
 * Patterns of schemas are RE2. They are compiled by the engine of JavaScript, whose common part is nearly all that schemas
 * use; what differs in spelling is rewritten.
 */
const MAX_KEPT = 1_000;
const kept = new Map<string, RegExp | undefined>();

/** Undefined where the pattern is none. */
export function compilePattern(pattern: string): RegExp | undefined {
  if (kept.has(pattern)) return kept.get(pattern);
  if (kept.size >= MAX_KEPT) kept.clear();
  const compiled = compile(pattern);
  kept.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RegExp | undefined {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const source = translate(flags === null ? pattern : pattern.slice(flags[0].length));
  for (const unicode of ['u', '']) {
    try {
      return new RegExp(source, `${flags?.[1] ?? ''}${unicode}`);
    } catch {
      // The stricter mode refuses needless escapes; without it they are read as RE2 reads them.
    }
  }
  return undefined;
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/** `(?P<n>…)`, `\A`, `\z` and `[[:alpha:]]` as JavaScript writes them. */
function translate(pattern: string): string {
  return pattern
    .replaceAll('(?P<', '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole);
}
