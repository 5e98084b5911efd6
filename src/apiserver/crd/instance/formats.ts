/** The string formats that a custom resource is checked for: kube-openapi `pkg/validation/strfmt`. Others pass. */
import { isIP, isIPv4, isIPv6 } from 'node:net';

type Check = (text: string) => boolean;

const pattern =
  (regex: RegExp): Check =>
  (text) =>
    regex.test(text);

const HOSTNAME = /^(?=.{1,255}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:?\d{2})$/;

const CHECKS: Readonly<Record<string, Check>> = {
  bsonobjectid: pattern(/^[0-9a-f]{24}$/i),
  uri: (text) => URL.canParse(text) || /^\/[^\s]*$/.test(text),
  email: pattern(/^[^\s@<>()]+@[^\s@<>()]+$/),
  hostname: pattern(HOSTNAME),
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: pattern(/^(?:[0-9a-f]{2}[:-]){5}(?:[0-9a-f]{2})(?:(?:[:-][0-9a-f]{2}){2})?$/i),
  uuid: pattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid3: pattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid4: pattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  uuid5: pattern(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  hexcolor: pattern(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  byte: pattern(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/),
  date: isDate,
  duration: isDuration,
  datetime: (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text.toUpperCase())),
};

/** Whether `text` has the format; also of a format that nobody checks. */
export function hasFormat(text: string, format: string): boolean {
  return CHECKS[format.replaceAll('-', '')]?.(text) ?? true;
}

function isCidr(text: string): boolean {
  const [address = '', prefix = '', ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0 || !/^\d{1,3}$/.test(prefix)) return false;
  return Number(prefix) <= (family === 4 ? 32 : 128);
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));
}

/** As Go's `time.ParseDuration`, or words as Scala has them. */
function isDuration(text: string): boolean {
  if (/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true;
  return /^\d+\s*(?:ns|nanos?|nanoseconds?|us|µs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)$/.test(
    text,
  );
}
