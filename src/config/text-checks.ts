/** What texts of the configuration must look like. Pure. */
import { isIP } from 'node:net';

export const MAX_PORT = 65_535;

function hostPort(text: string): boolean {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  return match !== null && Number(match[3]) <= MAX_PORT;
}

export function url(schemes: readonly string[]): (text: string) => boolean {
  return (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1));
}

/** KubeEdge's guide writes the address of a secured endpoint as a URL. */
export const isEndpoint = (text: string): boolean => hostPort(text.replace(/^https?:\/\//, ''));
export const isEndpointOrEmpty = (text: string): boolean => text === '' || isEndpoint(text);
export const isLoopbackOrEmpty = (text: string): boolean =>
  text === '' || (hostPort(text) && /^(localhost|127\.[\d.]+|\[::1\]):/.test(text));
export const isAddressOrEmpty = (text: string): boolean => text === '' || isIP(text) !== 0;
/** Linux cuts the path of a socket after 107 bytes. */
export const isSocketOrEmpty = (text: string): boolean =>
  text === '' || (text.startsWith('/') && Buffer.byteLength(text) <= 107);
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
export const isNodeName = (text: string): boolean => text.length <= 253 && DNS_SUBDOMAIN.test(text);
const CIDR_V4 = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/;

export function isServiceRange(text: string): boolean {
  const match = CIDR_V4.exec(text);
  const bits = Number(match?.[2]);
  return match !== null && isIP(match[1] ?? '') === 4 && bits >= 12 && bits <= 28;
}

export function isDnsServer(text: string): boolean {
  const [address = '', port = '53', ...more] = text.split('#');
  return isIP(address) !== 0 && /^\d{1,5}$/.test(port) && Number(port) <= MAX_PORT && more.length === 0;
}

export function isPortRange(text: string): boolean {
  const [low, high] = text.split('-').map(Number);
  return low !== undefined && high !== undefined && low >= 1 && low <= high && high <= MAX_PORT;
}

/** As in MQTT 3.1.1 section 4.7: wildcards fill a level, and # only the last. */
export const isTopicFilter = (text: string): boolean =>
  text !== '' && /^([^+#/]*|\+)(\/([^+#/]*|\+))*(\/#)?$|^#$/.test(text);
