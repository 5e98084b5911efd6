/** Functions of strings: the standard ones and cel-go `ext/strings.go` version 2. Places count code points. */
import { assertMakeable } from '../budget.ts';
import { argumentTraversal, elements, isNarrow, lengthOf, made, nothing, regexp, search, traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { compileRegexp } from '../regexp.ts';
import { CelError, type CelList, type CelValue } from '../values.ts';
import { formatText } from './format-text.ts';

const standard: Library = {
  'string.contains(string): bool': [(text: string, part: string) => text.includes(part), search],
  'string.startsWith(string): bool': [(text: string, part: string) => text.startsWith(part), argumentTraversal],
  'string.endsWith(string): bool': [(text: string, part: string) => text.endsWith(part), argumentTraversal],
  'string.matches(string): bool': [matches, regexp],
  'matches(string, string): bool': [matches, regexp],
};

function matches(text: string, pattern: string): boolean {
  return compileRegexp(pattern).test(text);
}

const extended: Library = {
  'string.charAt(int): string': (text: string, at: bigint) => {
    const start = checkedIndex(at, lengthOf(text));
    return Array.from(text.slice(unitsBefore(text, start), unitsBefore(text, start) + 2))[0] ?? '';
  },
  'string.indexOf(string): int': [(text: string, part: string) => indexOf(text, part, 0n), elements],
  'string.indexOf(string, int): int': [indexOf, elements],
  'string.lastIndexOf(string): int': [
    (text: string, part: string) => BigInt(pointsBefore(text, text.lastIndexOf(part))),
    elements,
  ],
  'string.lastIndexOf(string, int): int': [lastIndexOf, elements],
  'string.lowerAscii(): string': [(text: string) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase()), traversal()],
  'string.upperAscii(): string': [(text: string) => text.replace(/[a-z]+/g, (part) => part.toUpperCase()), traversal()],
  'string.trim(): string': [(text: string) => text.replace(BLANKS, ''), traversal()],
  'string.replace(string, string): string': [
    (text: string, part: string, by: string) => replace(text, part, by, -1),
    traversal(2),
  ],
  'string.replace(string, string, int): string': [
    (text: string, part: string, by: string, times: bigint) => replace(text, part, by, Number(times)),
    traversal(2),
  ],
  'string.split(string): list<string>': [(text: string, by: string) => split(text, by, -1), traversal(2)],
  'string.split(string, int): list<string>': [
    (text: string, by: string, most: bigint) => split(text, by, Number(most)),
    traversal(2),
  ],
  'string.substring(int): string': [(text: string, from: bigint) => substring(text, from, undefined), traversal()],
  'string.substring(int, int): string': [
    (text: string, from: bigint, to: bigint) => substring(text, from, to),
    traversal(),
  ],
  'list<string>.join(): string': [(parts: CelList) => join(parts, ''), nothing, made],
  'list<string>.join(string): string': [join, nothing, made],
  'string.format(list<dyn>): string': [formatText, nothing, made],
  'strings.quote(string): string': [quote, traversal()],
  // Of a part of a JSON pointer.
  'jsonpatch.escapeKey(string): string': [
    (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1'),
    traversal(),
  ],
};

/** What Go counts as white space. */
const BLANKS =
  /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;

function checkedIndex(at: bigint, length: number): number {
  if (at < 0n || at > BigInt(length)) throw new CelError(`index out of range: ${at}`);
  return Number(at);
}

/** The count of code points before a place in code units; -1 stays. */
function pointsBefore(text: string, units: number): number {
  return units < 0 ? -1 : lengthOf(text.slice(0, units));
}

function unitsBefore(text: string, points: number): number {
  return isNarrow(text) ? points : Array.from(text).slice(0, points).join('').length;
}

function indexOf(text: string, part: string, from: bigint): bigint {
  const start = checkedIndex(from, lengthOf(text));
  if (part === '') return from;
  return BigInt(pointsBefore(text, text.indexOf(part, unitsBefore(text, start))));
}

function lastIndexOf(text: string, part: string, from: bigint): bigint {
  const start = checkedIndex(from, lengthOf(text));
  if (part === '') return from;
  return BigInt(pointsBefore(text, text.lastIndexOf(part, unitsBefore(text, start))));
}

function replace(text: string, part: string, by: string, times: number): string {
  const pieces = split(text, part, times < 0 ? times : times + 1);
  assertMakeable(text.length + pieces.length * by.length);
  // Between all characters, and before and after them.
  if (part === '' && times < 0) return `${by}${pieces.join(by)}${by}`;
  return part === '' && times > 0 ? `${by}${replace(pieces.join(''), '', by, 0)}` : pieces.join(by);
}

/** As Go's `strings.SplitN`. */
function split(text: string, by: string, most: number): string[] {
  if (most === 0) return [];
  const parts = by === '' ? Array.from(text) : text.split(by);
  if (most < 0 || parts.length <= most) return parts;
  return [...parts.slice(0, most - 1), parts.slice(most - 1).join(by)];
}

function substring(text: string, from: bigint, to: bigint | undefined): string {
  const length = lengthOf(text);
  const start = checkedIndex(from, length);
  const end = to === undefined ? length : checkedIndex(to, length);
  if (start > end) throw new CelError(`invalid substring range. start: ${start}, end: ${end}`);
  return isNarrow(text) ? text.slice(start, end) : Array.from(text).slice(start, end).join('');
}

function join(parts: CelList, by: string): string {
  const texts = parts.map(asText);
  assertMakeable(texts.reduce((sum, each) => sum + each.length + by.length, 0));
  return texts.join(by);
}

function asText(value: CelValue): string {
  if (typeof value !== 'string') throw new CelError('no such overload');
  return value;
}

const QUOTED: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(text: string): string {
  const quoted = Array.from(text.toWellFormed()).map((point) => QUOTED[point] ?? point);
  return `"${quoted.join('')}"`;
}

export const strings: readonly Library[] = [standard, extended];
