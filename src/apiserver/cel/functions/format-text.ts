/** `format` of strings: cel-go `ext/formatting.go`. */
import { assertMakeable } from '../budget.ts';
import { formatDuration, formatTimestamp } from '../time.ts';
import {
  CelError,
  Duration,
  isList,
  isMap,
  isNumeric,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelList,
  type CelMap,
  type CelValue,
} from '../values.ts';
import { showDouble } from './conversions.ts';

const MAX_PRECISION = 1_000;
const DEFAULT_PRECISION = 6;

/** Throws CelError. */
export function formatText(text: string, args: CelList): string {
  let next = 0;
  let length = text.length;
  return text.replace(/%(?:%|(?:\.(\d+))?(.?))/gsu, (clause, precision: string | undefined, verb: string) => {
    if (clause === '%%') return '%';
    const value = args[next];
    if (value === undefined) throw new CelError(`index ${next} out of range`);
    next += 1;
    const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision);
    if (digits > MAX_PRECISION) throw new CelError(`precision ${digits} is over ${MAX_PRECISION}`);
    const shown = clauseText(verb, value, digits);
    length += shown.length;
    assertMakeable(length);
    return shown;
  });
}

function clauseText(verb: string, value: CelValue, digits: number): string {
  switch (verb) {
    case 's':
      return stringText(value);
    case 'd':
      return decimalText(value);
    case 'f':
      return numberOf(value, 'fixed-point').toFixed(Math.min(digits, 100));
    case 'e':
      return numberOf(value, 'scientific')
        .toExponential(Math.min(digits, 100))
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? (value ? '1' : '0') : integerOf(value, 'binary').toString(2);
    case 'o':
      return integerOf(value, 'octal').toString(8);
    case 'x':
    case 'X':
      return verb === 'x' ? hexText(value) : hexText(value).toUpperCase();
    default:
      throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function hexText(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('hex');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return integerOf(value, 'hex').toString(16);
}

function decimalText(value: CelValue): string {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint) return String(value.value);
  throw wrong('decimal clause can only be used on integers', value);
}

function integerOf(value: CelValue, what: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw wrong(`${what} clause can only be used on integers`, value);
}

function numberOf(value: CelValue, what: string): number {
  if (isNumeric(value)) return Number(value instanceof Uint ? value.value : value);
  throw wrong(`${what} clause can only be used on numbers`, value);
}

function wrong(text: string, value: CelValue): CelError {
  return new CelError(`error during formatting: ${text}, was given ${typeNameOf(value)}`);
}

/** What `%s` makes of any value. */
export function stringText(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return showDouble(value);
  if (typeof value === 'boolean' || typeof value === 'bigint' || value === null) return String(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof TypeValue) return value.typeName;
  if (isList(value)) return `[${value.map(stringText).join(', ')}]`;
  if (isMap(value)) return mapText(value);
  throw wrong(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  );
}

function mapText(map: CelMap): string {
  const entries = map.keys().map((key) => `${stringText(key)}: ${stringText(map.get(key) ?? null)}`);
  return `{${entries.sort().join(', ')}}`;
}
