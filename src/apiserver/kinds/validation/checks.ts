/** Checks that the validation of many kinds shares, worded as apimachinery words them. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';

const MAX_PORT = 65_535;
export const MAX_INT_32 = 2_147_483_647;
/** Octal 0777. */
const MAX_FILE_MODE = 0o777;

export function each<T>(
  list: readonly T[] | null | undefined,
  path: string,
  check: (item: T, path: string, index: number) => FieldError[],
): FieldError[] {
  return (list ?? []).flatMap((item, index) => check(item, `${path}[${index}]`, index));
}

/** One error for each detail that a check of text gives. */
export function invalidFor(path: string, value: unknown, details: readonly string[]): FieldError[] {
  return details.map((detail) => invalid(path, value, detail));
}

export function isEmpty(text: string | null | undefined): text is '' | null | undefined {
  return text === undefined || text === null || text === '';
}

/** Required; where it is there, of the form that `check` asks for. */
export function requiredText(
  path: string,
  value: string | undefined,
  check: (value: string) => string[] = () => [],
): FieldError[] {
  return isEmpty(value) ? [required(path)] : invalidFor(path, value, check(value));
}

export function optionalText(
  path: string,
  value: string | undefined,
  check: (value: string) => string[],
): FieldError[] {
  return isEmpty(value) ? [] : invalidFor(path, value, check(value));
}

export function nonNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalid(path, value, 'must be greater than or equal to 0')] : [];
}

export function rangeDetail(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

export function within(path: string, value: number | undefined, low: number, high: number): FieldError[] {
  return value === undefined || (value >= low && value <= high) ? [] : [invalid(path, value, rangeDetail(low, high))];
}

export function portNumber(path: string, value: number | undefined): FieldError[] {
  return within(path, value ?? 0, 1, MAX_PORT);
}

/** A port by number or by name. */
export function portNumberOrName(path: string, value: number | string | undefined): FieldError[] {
  return typeof value === 'string' ? invalidFor(path, value, portNameErrors(value)) : portNumber(path, value);
}

const MAX_PORT_NAME_CHARACTERS = 15;

export function portNameErrors(name: string): string[] {
  const errors: string[] = [];
  if (name.length > MAX_PORT_NAME_CHARACTERS)
    errors.push(`must be no more than ${MAX_PORT_NAME_CHARACTERS} characters`);
  if (!/^[-a-z0-9]+$/.test(name)) errors.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) errors.push('must contain at least one letter (a-z)');
  if (name.includes('--')) errors.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) errors.push('must not begin or end with a hyphen');
  return errors;
}

/** One of a few words; `missing` says what to do with none: upstream calls it required or unsupported. */
export function oneOf(
  path: string,
  value: string | undefined,
  supported: readonly string[],
  missing: 'required' | 'unsupported' | 'fine' = 'fine',
): FieldError[] {
  if (isEmpty(value)) {
    if (missing === 'required') return [required(path)];
    return missing === 'fine' ? [] : [notSupported(path, value ?? '', supported)];
  }
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

export function immutable(path: string, value: unknown, old: unknown): FieldError[] {
  return equalJson(value, old) ? [] : [invalid(path, value, 'field is immutable')];
}

export function fileMode(path: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= MAX_FILE_MODE)) return [];
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

const PERCENT_DETAIL =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** A count of at least 0, or a percentage. */
export function countOrPercent(path: string, value: number | string | undefined): FieldError[] {
  if (typeof value === 'number') return nonNegative(path, value);
  return value === undefined || /^[0-9]+%$/.test(value) ? [] : [invalid(path, value, PERCENT_DETAIL)];
}

/** A percentage may not be above 100. */
export function notAboveHundred(path: string, value: number | string | undefined): FieldError[] {
  return typeof value === 'string' && /^[0-9]+%$/.test(value) && Number.parseInt(value, 10) > 100
    ? [invalid(path, value, 'must not be greater than 100%')]
    : [];
}

/** Path with `..` among its parts. */
export function noBacksteps(path: string, value: string): FieldError[] {
  return value.split('/').includes('..') ? [invalid(path, value, "must not contain '..'")] : [];
}

/** A relative path that stays below where it starts. */
export function descendingPath(path: string, value: string): FieldError[] {
  const absolute = value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : [];
  return [...absolute, ...noBacksteps(path, value)];
}

/** Besides, names that begin with two dots are for the writer of volumes. */
export function unreservedPath(path: string, value: string): FieldError[] {
  const reserved = value.startsWith('..') && !value.startsWith('../');
  return [...descendingPath(path, value), ...(reserved ? [invalid(path, value, "must not start with '..'")] : [])];
}
