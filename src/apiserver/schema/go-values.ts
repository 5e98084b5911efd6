/**
 * Values whose Go types read JSON in their own way: times, quantities, int-or-string, bytes. Each returns the value as it
 * is kept, or throws ValueError with the wording of Go.
 */
import type { JsonValue } from '../../api/json.ts';
import { canonicalQuantity } from '../../api/quantity.ts';
import { messageOf } from '../../base/errors.ts';

/** A value that does not fit its type. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** What Go calls the value: `string`, `number`, `bool`, `array`, `object`. */
export function goKind(value: JsonValue): string {
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** `cannot unmarshal number 1.5 into … of type int32`: the caller fills in the place. */
export class MismatchError extends Error {
  override readonly name = 'MismatchError';
  readonly found: string;
  readonly goType: string;

  constructor(found: string, goType: string) {
    super(`json: cannot unmarshal ${found} into Go value of type ${goType}`);
    this.found = found;
    this.goType = goType;
  }
}

export function readTime(value: JsonValue): JsonValue {
  if (typeof value !== 'string') throw new MismatchError(goKind(value), 'string');
  checkTime(value, RFC3339);
  return `${toUtc(value).slice(0, 19)}Z`;
}

export function readMicroTime(value: JsonValue): JsonValue {
  if (typeof value !== 'string') throw new MismatchError(goKind(value), 'string');
  checkTime(value, RFC3339_MICRO);
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  return `${toUtc(value).slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`;
}

/** In its canonical spelling, as Go writes it back: `1000m` is kept as `1`. */
export function readQuantity(value: JsonValue): JsonValue {
  if (typeof value !== 'string' && typeof value !== 'number') throw new ValueError(QUANTITY_PROBLEM);
  try {
    return canonicalQuantity(typeof value === 'string' ? value.trim() : value);
  } catch (error) {
    throw new ValueError(messageOf(error), { cause: error });
  }
}

export function readIntOrString(value: JsonValue): JsonValue {
  return typeof value === 'string' ? value : readInteger(value, 'int32');
}

const INT_LIMITS: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

export function readInteger(value: JsonValue, goType: string): JsonValue {
  if (typeof value !== 'number') throw new MismatchError(goKind(value), goType);
  const limit = INT_LIMITS[goType] ?? Number.POSITIVE_INFINITY;
  if (Number.isInteger(value) && value >= -limit && value < limit) return value;
  throw new MismatchError(`number ${value}`, goType);
}

/** The text without line breaks, which Go's decoder skips. */
export function readBytes(value: JsonValue): JsonValue {
  if (typeof value !== 'string') throw new MismatchError(goKind(value), '[]uint8');
  const problem = base64Problem(value);
  if (problem >= 0) throw new ValueError(`illegal base64 data at input byte ${problem}`);
  return value.replace(/[\r\n]/g, '');
}

const QUANTITY_PROBLEM = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

const CLEAN_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Where Go's `base64.StdEncoding` stops reading; -1 where it does not. */
function base64Problem(text: string): number {
  if (CLEAN_BASE64.test(text)) return -1;
  let inQuantum = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\n' || char === '\r') continue;
    if (/[A-Za-z0-9+/]/.test(char)) inQuantum = (inQuantum + 1) % 4;
    else return char === '=' ? paddingProblem(text, at, inQuantum) : at;
  }
  return inQuantum === 0 ? -1 : text.length - inQuantum;
}

function paddingProblem(text: string, at: number, inQuantum: number): number {
  if (inQuantum < 2) return at;
  const rest = /^[\r\n]*/;
  let next = at + 1;
  if (inQuantum === 2) {
    next += rest.exec(text.slice(next))?.[0].length ?? 0;
    if (next >= text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next += 1;
  }
  next += rest.exec(text.slice(next))?.[0].length ?? 0;
  return next < text.length ? next : -1;
}

/** A layout of Go: the pieces it reads one after the other, each with the text that names it. */
type TimeLayout = readonly {
  readonly name: string;
  readonly pattern: RegExp;
  readonly range?: [string, number, number];
}[];

const DATE_AND_TIME: TimeLayout = [
  { name: '2006', pattern: /^\d{4}/ },
  { name: '-', pattern: /^-/ },
  { name: '01', pattern: /^\d\d/, range: ['month', 1, 12] },
  { name: '-', pattern: /^-/ },
  { name: '02', pattern: /^\d\d/, range: ['day', 1, 31] },
  { name: 'T', pattern: /^T/ },
  { name: '15', pattern: /^\d{1,2}/, range: ['hour', 0, 23] },
  { name: ':', pattern: /^:/ },
  { name: '04', pattern: /^\d\d/, range: ['minute', 0, 59] },
  { name: ':', pattern: /^:/ },
  { name: '05', pattern: /^\d\d/, range: ['second', 0, 59] },
];
const ZONE = { name: 'Z07:00', pattern: /^(?:Z|[+-]\d\d:\d\d)/ };
const RFC3339 = {
  text: '2006-01-02T15:04:05Z07:00',
  pieces: [...DATE_AND_TIME, { name: '', pattern: /^(?:[.,]\d+)?/ }, ZONE],
};
const RFC3339_MICRO = {
  text: '2006-01-02T15:04:05.000000Z07:00',
  pieces: [...DATE_AND_TIME, { name: '.000000', pattern: /^[.,]\d{6}/ }, ZONE],
};

function checkTime(text: string, layout: { readonly text: string; readonly pieces: TimeLayout }): void {
  const prefix = `parsing time ${JSON.stringify(text)}`;
  let rest = text;
  for (const { name, pattern, range } of layout.pieces) {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined) {
      throw new ValueError(`${prefix} as "${layout.text}": cannot parse ${JSON.stringify(rest)} as "${name}"`);
    }
    rest = rest.slice(found.length);
    if (range === undefined) continue;
    const [unit, least, most] = range;
    if (Number(found) < least || Number(found) > most) throw new ValueError(`${prefix}: ${unit} out of range`);
  }
  if (rest !== '') throw new ValueError(`${prefix}: extra text: ${JSON.stringify(rest)}`);
  const day = Number(text.slice(8, 10));
  if (day > new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()) {
    throw new ValueError(`${prefix}: day out of range`);
  }
}

/** The same instant with `Z`, whole seconds exact. */
function toUtc(text: string): string {
  if (text.endsWith('Z')) return text;
  const [, local = '', sign, hours = '0', minutes = '0'] = /^(.{19}).*([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1);
  return new Date(Date.parse(`${local}Z`) - offset).toISOString();
}
