/** IP addresses and ranges: apimachinery `pkg/util/validation/ip.go`. */
import { isIP } from 'node:net';
import { type FieldError, invalid } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';

/** Leading zeros are octal to some and decimal to others: they are read, and refused. */
const LEADING_ZEROS = /^0+(?=\d)/;

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%');
}

export function isIpv6(text: string): boolean {
  return isIP(text) === 6;
}

export function ipAddressErrors(path: string, value = ''): FieldError[] {
  return ipProblems(value).map((problem) => invalid(path, value, problem));
}

function ipProblems(value: string): string[] {
  if (isIpAddress(value)) return isMapped(value) ? ['must not be an IPv4-mapped IPv6 address'] : [];
  if (isIpAddress(withoutZeros(value))) return ['must not have leading 0s'];
  return ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'];
}

/** Newer kinds take one spelling of each address. */
export function canonicalIpProblems(value: string): string[] {
  const problems = ipProblems(value);
  const canonical = canonicalIp(value);
  return problems.length > 0 || value === canonical
    ? problems
    : [`must be in canonical form (${JSON.stringify(canonical)})`];
}

export function canonicalCidrErrors(path: string, value = ''): FieldError[] {
  const errors = cidrErrors(path, value);
  const canonical = canonicalCidr(value);
  if (errors.length > 0 || value === canonical) return errors;
  return [invalid(path, value, `must be in canonical form (${JSON.stringify(canonical)})`)];
}

/** What is legal for an address but not its one spelling. */
export function ipWarnings(path: string, address: string): string[] {
  const canonical = canonicalIp(address);
  if (address === canonical) return [];
  return [`${path}: IPv6 address "${address}" should be in RFC 5952 canonical format ("${canonical}")`];
}

export function cidrWarnings(path: string, range = ''): string[] {
  const canonical = canonicalCidr(range);
  if (!range.includes(':') || range === canonical) return [];
  return [`${path}: IPv6 CIDR value "${range}" should be in RFC 5952 canonical format ("${canonical}")`];
}

function canonicalCidr(range: string): string {
  const [address = '', bits] = range.split('/');
  return `${canonicalIp(address)}/${bits}`;
}

/** RFC 5952, as the URL standard writes it too. */
export function canonicalIp(address: string): string {
  return isIpv6(address) ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}

export function cidrErrors(path: string, value = ''): FieldError[] {
  const problem = cidrProblem(value);
  return problem === undefined ? [] : [invalid(path, value, problem)];
}

export function isCidr(text: string): boolean {
  return cidrProblem(text) === undefined;
}

function cidrProblem(value: string): string | undefined {
  const [given = '', length = '', ...rest] = value.split('/');
  const address = withoutZeros(given);
  const bits = length.replace(LEADING_ZEROS, '');
  const most = isIpv6(address) ? 128 : 32;
  if (rest.length > 0 || !isIpAddress(address) || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
    return 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  }
  if (address !== given || bits !== length) return 'must not have leading 0s in IP or prefix length';
  if (isMapped(address)) return 'must not have an IPv4-mapped IPv6 address';
  const low = (1n << BigInt(most - Number(bits))) - 1n;
  return (addressNumber(address) & low) === 0n ? undefined : 'must not have bits set beyond the prefix length';
}

function withoutZeros(text: string): string {
  if (text.includes(':')) return text;
  return text
    .split('.')
    .map((octet) => octet.replace(LEADING_ZEROS, ''))
    .join('.');
}

function isMapped(address: string): boolean {
  return isIpv6(address) && addressNumber(address) >> 32n === 0xffffn;
}

/** The address as one whole number. */
function addressNumber(address: string): bigint {
  if (!isIpv6(address)) return address.split('.').reduce((sum, octet) => (sum << 8n) + BigInt(octet), 0n);
  const [head = '', tail = ''] = canonicalIp(address).split('::');
  const words = (text: string) => (text === '' ? [] : text.split(':'));
  const [high, low] = [words(head), words(tail)];
  const zeros = Array.from({ length: 8 - high.length - low.length }, () => '0');
  return [...high, ...zeros, ...low].reduce((sum, word) => (sum << 16n) + BigInt(`0x${word}`), 0n);
}

/** Addresses that no endpoint outside its own machine or link has. */
export function specialIpErrors(path: string, value: string): FieldError[] {
  const address = value.toLowerCase();
  const octets = address.split('.').map(Number);
  const [first = 0, second = 0, third = 0] = octets;
  const v4 = isIP(address) === 4;
  const errors: string[] = [];
  if (address === '0.0.0.0' || address === '::') errors.push(`may not be unspecified (${value})`);
  if (v4 ? first === 127 : address === '::1') errors.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (v4 ? first === 169 && second === 254 : /^fe[89ab]/.test(address)) {
    errors.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  }
  if (v4 ? first === 224 && second === 0 && third === 0 : /^ff.2:/.test(address)) {
    errors.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  }
  return errors.map((detail) => invalid(path, value, detail));
}

/** A name that DNS can answer for, and not an address in its place. */
export function hostNameErrors(hostname: string, path: string): FieldError[] {
  return [
    ...dns1123SubdomainErrors(hostname).map((detail) => invalid(path, hostname, detail)),
    ...(isIpAddress(hostname) ? [invalid(path, hostname, 'must be a DNS name, not an IP address')] : []),
  ];
}
