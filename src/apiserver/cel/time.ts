/** Timestamps (RFC 3339) and durations (`1h30m`), to the nanosecond, in the ranges of cel-go. */
import { CelError, Duration, Timestamp } from './values.ts';

const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const MIN_TIMESTAMP = BigInt(Date.UTC(1, 0, 1)) * NANOS_PER_MS + yearOffset();
const MAX_TIMESTAMP = BigInt(Date.UTC(9999, 11, 31, 23, 59, 59)) * NANOS_PER_MS + 999_999_999n;
const MAX_DURATION = 2n ** 63n - 1n;

/** `Date.UTC` takes the year 1 for 1901. */
function yearOffset(): bigint {
  return BigInt(Date.parse('0001-01-01T00:00:00Z') - Date.UTC(1, 0, 1)) * NANOS_PER_MS;
}

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:[.,](\d{1,18}))?([Zz]|[+-]\d\d:\d\d)$/;

/** Throws CelError. */
export function parseTimestamp(text: string): Timestamp {
  const match = RFC3339.exec(text);
  const [, date = '', time = '', fraction = '', zone = ''] = match ?? [];
  const ms = match === null ? Number.NaN : Date.parse(`${date}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(ms)) throw new CelError(`parsing time ${JSON.stringify(text)} as RFC 3339 failed`);
  return checkedTimestamp(BigInt(ms) * NANOS_PER_MS + BigInt(fraction.slice(0, 9).padEnd(9, '0')));
}

export function checkedTimestamp(nanos: bigint): Timestamp {
  if (nanos < MIN_TIMESTAMP || nanos > MAX_TIMESTAMP) throw new CelError('timestamp overflow');
  return new Timestamp(nanos);
}

export function formatTimestamp({ nanos }: Timestamp): string {
  const ms = floorDivide(nanos, NANOS_PER_MS);
  const fraction = nanos - floorDivide(nanos, NANOS_PER_SECOND) * NANOS_PER_SECOND;
  const text = new Date(Number(ms)).toISOString().slice(0, 19);
  return `${text}${fractionText(fraction)}Z`;
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
}

const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: NANOS_PER_MS,
  s: NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND,
  h: 3600n * NANOS_PER_SECOND,
};

/** As Go's `time.ParseDuration`. Throws CelError. */
export function parseDuration(text: string): Duration {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.exec(text);
  if (match === null && !/^[+-]?0$/.test(text)) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`);
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|ms|s|m|h)/g)) {
    const size = UNITS[unit] ?? 0n;
    const digits = fraction.slice(0, 18);
    nanos += BigInt(whole === '' ? '0' : whole) * size;
    if (digits !== '') nanos += (BigInt(digits) * size) / 10n ** BigInt(digits.length);
  }
  return checkedDuration(text.startsWith('-') ? -nanos : nanos);
}

export function checkedDuration(nanos: bigint): Duration {
  if (nanos > MAX_DURATION || nanos < -MAX_DURATION - 1n) throw new CelError('duration overflow');
  return new Duration(nanos);
}

/** In seconds, as cel-go writes them: `5400s`, `1.5s`. */
export function formatDuration({ nanos }: Duration): string {
  const size = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? '-' : ''}${size / NANOS_PER_SECOND}${fractionText(size % NANOS_PER_SECOND)}s`;
}

/** The parts of a point in time as a zone shows it: a name (`Europe/Berlin`) or an offset (`-02:00`). */
export function dateParts({ nanos }: Timestamp, zone: string): Date {
  const ms = Number(floorDivide(nanos, NANOS_PER_MS));
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const [, sign, hours, minutes] = offset;
    const shift = (Number(hours) * 60 + Number(minutes)) * 60_000;
    return new Date(ms + (sign === '-' ? -shift : shift));
  }
  return zone === 'UTC' || zone === '' ? new Date(ms) : new Date(ms + zoneShift(ms, zone));
}

/** Throws CelError for an unknown zone. */
function zoneShift(ms: number, zone: string): number {
  const format = { timeZone: zone, hourCycle: 'h23', dateStyle: 'short', timeStyle: 'medium' } as const;
  try {
    const shown = new Intl.DateTimeFormat('sv-SE', format).format(ms);
    return Date.parse(`${shown.replace(' ', 'T')}Z`) - Math.floor(ms / 1000) * 1000;
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
}

export function floorDivide(one: bigint, other: bigint): bigint {
  const quotient = one / other;
  return one % other < 0n ? quotient - 1n : quotient;
}
