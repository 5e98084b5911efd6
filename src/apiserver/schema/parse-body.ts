/** From the bytes of a JSON body to values, with what strict decoding must know: which keys the text repeats. */
import type { JsonValue } from '../../api/json.ts';
import { assertExact, SAFE_DIGITS } from './exact-integers.ts';
import { JsonSyntaxError, MAX_JSON_DEPTH, parseGoJson, type RepeatedKeys } from './go-json.ts';

export interface ParsedBody {
  readonly value: JsonValue;
  /** Present where some object of the text repeats a key, and the caller asked. */
  readonly repeated?: RepeatedKeys;
  /** Repeated keys of YAML, worded as the strict converter words them. */
  readonly yamlProblems?: readonly string[];
}

const utf8 = new TextDecoder();

/** Throws JsonSyntaxError, and BadRequest for numbers that would lose digits. Bytes that are no UTF-8 become U+FFFD, as in Go. */
export function parseJsonBody(bytes: Uint8Array, options: { readonly repeated: boolean }): ParsedBody {
  return parseJsonText(utf8.decode(bytes), options);
}

export function parseJsonText(text: string, options: { readonly repeated: boolean }): ParsedBody {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return parseGoJson(text);
  }
  const { members, depth } = measure(text);
  if (depth > MAX_JSON_DEPTH) throw new JsonSyntaxError('exceeded max depth');
  return options.repeated && members !== countMembers(value) ? parseGoJson(text) : { value };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * How many members all objects of valid JSON text have together, repeated keys counted, and how deep it nests. Passes by
 * every number on the way.
 */
function measure(text: string): { members: number; depth: number } {
  let members = 0;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (code === COLON) members += 1;
    else if (code >= ZERO && code <= NINE) at = endOfNumber(text, at);
    else if (code === OPEN_OBJECT || code === OPEN_LIST) depth = Math.max(depth, (open += 1));
    else if (code === CLOSE_OBJECT || code === CLOSE_LIST) open -= 1;
  }
  return { members, depth };
}

/** The place of the last character of the number whose first digit stands at `start`. Throws BadRequest. */
function endOfNumber(text: string, start: number): number {
  let end = start;
  while (isOfNumber(text.charCodeAt(end))) end += 1;
  if (end - start > SAFE_DIGITS) assertExact(text.slice(text[start - 1] === '-' ? start - 1 : start, end));
  return end - 1;
}

/** Digits, `.`, `e`, `E`, `+`, `-`. */
function isOfNumber(code: number): boolean {
  return (
    (code >= ZERO && code <= NINE) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === 0x2d
  );
}

/** The place of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

function countMembers(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countMembers(item), 0);
  const members = Object.values(value);
  return members.reduce((sum: number, member) => sum + countMembers(member), members.length);
}
