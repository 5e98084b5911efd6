/** IP addresses and ranges: apimachinery `pkg/util/validation/ip.go`. */
import { isIP } from 'node:net';
import { type FieldError, invalid } from '../../../api/field-error.ts';

const LEADING_ZERO = /(^|[.:])0\d+(\.|$)/;

export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0 && !(isIP(text) === 4 && LEADING_ZERO.test(text)) && !text.includes('%');
}

export function isIpv6(text: string): boolean {
  return isIP(text) === 6;
}

export function ipAddressErrors(path: string, value: string | undefined): FieldError[] {
  if (isIpAddress(value ?? '')) return [];
  return [invalid(path, value ?? '', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];
}

export function cidrErrors(path: string, value: string | undefined): FieldError[] {
  if (isCidr(value ?? '')) return [];
  return [invalid(path, value ?? '', 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
}

export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  const most = isIpv6(address) ? 128 : 32;
  return rest.length === 0 && isIpAddress(address) && /^\d{1,3}$/.test(bits) && Number(bits) <= most;
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
