/** Quantities (`500m`, `1.5Gi`, `1e3`): apimachinery `pkg/api/resource/quantity.go`, exact to a nano. */
import { badRequest } from './status-error.ts';

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The amount in billionths. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

const NANOS = 1_000_000_000n;
/** Upstream caps amounts at the largest 64-bit integer. */
const MAX_NANOS = (2n ** 63n - 1n) * NANOS;
/** Nothing sensible is longer; keeps the arithmetic on a hostile number small. */
const MAX_LENGTH_CHARACTERS = 1024;

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

const PATTERN = '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$';
const NUMERIC = /^([+-]?)(\d*)(?:\.(\d*))?$/;

/** Throws BadRequest worded as upstream. Amounts finer than a nano are rounded away from zero. */
export function parseQuantity(text: string | number): Quantity {
  const match = new RegExp(PATTERN).exec(String(text));
  if (match === null || match[0].length > MAX_LENGTH_CHARACTERS) {
    throw badRequest(`quantities must match the regular expression '${PATTERN}'`);
  }
  const [, number = '', suffix = ''] = match;
  const numeric = NUMERIC.exec(number);
  if (numeric === null || !/\d/.test(number)) throw badRequest('unable to parse numeric part of quantity');
  const [, sign, whole = '', fraction = ''] = numeric;
  const scale = readSuffix(suffix);
  const amount = scaled(BigInt(whole + fraction), fraction.length, scale);
  const nanos = amount > MAX_NANOS ? MAX_NANOS : amount;
  // A binary fraction of one byte is shown in decimal.
  const format = scale.format === 'BinarySI' && nanos > 0n && nanos < NANOS ? 'DecimalSI' : scale.format;
  return { nanos: sign === '-' ? -nanos : nanos, format };
}

/** The canonical text: the largest suffix that leaves no fraction. */
export function formatQuantity({ nanos, format }: Quantity): string {
  if (nanos === 0n) return '0';
  const wholeBytes = nanos % NANOS === 0n && (nanos <= -1024n * NANOS || nanos >= 1024n * NANOS);
  return format === 'BinarySI' && wholeBytes ? binaryText(nanos / NANOS) : decimalText(nanos, format);
}

/** The canonical text of any spelling: what the API server stores. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive, as a sort wants it. */
export function compareQuantities(one: Quantity, other: Quantity): number {
  return one.nanos < other.nanos ? -1 : one.nanos > other.nanos ? 1 : 0;
}

/** The sum keeps the format of `one` unless that is zero. */
export function addQuantities(one: Quantity, other: Quantity): Quantity {
  return { nanos: one.nanos + other.nanos, format: one.nanos === 0n ? other.format : one.format };
}

export function subtractQuantities(one: Quantity, other: Quantity): Quantity {
  return { nanos: one.nanos - other.nanos, format: one.nanos === 0n ? other.format : one.format };
}

/** The amount in whole units, rounded up: bytes of memory, counts. */
export function quantityValue(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, NANOS));
}

/** The amount in thousandths, rounded up: millicores. */
export function quantityMilliValue(quantity: Quantity): number {
  return Number(divideUp(quantity.nanos, NANOS / 1000n));
}

interface Scale {
  readonly base: bigint;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Scale {
  const decimal = (DECIMAL_SUFFIXES as readonly string[]).indexOf(suffix);
  if (decimal >= 0) return { base: 10n, exponent: (decimal - 3) * 3, format: 'DecimalSI' };
  const binary = (BINARY_SUFFIXES as readonly string[]).indexOf(suffix);
  if (binary >= 0) return { base: 2n, exponent: binary * 10, format: 'BinarySI' };
  const exponent = /^[eE]([-+]?\d+)$/.exec(suffix);
  if (exponent === null) throw badRequest("unable to parse quantity's suffix");
  return { base: 10n, exponent: Number(exponent[1]), format: 'DecimalExponent' };
}

/** `digits · 10^-decimals · base^exponent` in nanos, rounded up. */
function scaled(digits: bigint, decimals: number, { base, exponent }: Scale): bigint {
  if (digits === 0n) return 0n;
  if (exponent > 2 * MAX_LENGTH_CHARACTERS) return MAX_NANOS;
  if (exponent < -2 * MAX_LENGTH_CHARACTERS) return 1n;
  const power = base ** BigInt(Math.abs(exponent));
  const fraction = 10n ** BigInt(decimals);
  return exponent < 0 ? divideUp(digits * NANOS, fraction * power) : divideUp(digits * NANOS * power, fraction);
}

/** Rounds away from zero. */
function divideUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}

function binaryText(units: bigint): string {
  let [rest, power] = [units, 0];
  while (rest % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) [rest, power] = [rest / 1024n, power + 1];
  return `${rest}${BINARY_SUFFIXES[power]}`;
}

function decimalText(nanos: bigint, format: QuantityFormat): string {
  let [rest, power] = [nanos, 0];
  while (rest % 1000n === 0n && power < DECIMAL_SUFFIXES.length - 1) [rest, power] = [rest / 1000n, power + 1];
  if (format !== 'DecimalExponent') return `${rest}${DECIMAL_SUFFIXES[power]}`;
  return power === 3 ? String(rest) : `${rest}e${(power - 3) * 3}`;
}
