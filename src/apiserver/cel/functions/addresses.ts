/** Addresses and networks: apiserver `pkg/cel/library/ip.go` and `cidr.go`. */
import { isIP } from 'node:net';
import { traversal } from '../cost.ts';
import type { Library } from '../overload.ts';
import { CelError, Opaque } from '../values.ts';

const IP = 'net.IP';
const CIDR = 'net.CIDR';
/** To compare an address with a prefix, 16 bytes at most. */
const COMPARE_COST = 4;

class IpValue extends Opaque {
  readonly typeName = IP;
  readonly bits: 32 | 128;
  readonly value: bigint;

  constructor(bits: 32 | 128, value: bigint) {
    super();
    this.bits = bits;
    this.value = value;
  }

  equals(other: Opaque): boolean {
    return other instanceof IpValue && this.bits === other.bits && this.value === other.value;
  }
}

class CidrValue extends Opaque {
  readonly typeName = CIDR;
  readonly ip: IpValue;
  readonly prefix: number;

  constructor(ip: IpValue, prefix: number) {
    super();
    this.ip = ip;
    this.prefix = prefix;
  }

  equals(other: Opaque): boolean {
    return other instanceof CidrValue && this.ip.equals(other.ip) && this.prefix === other.prefix;
  }
}

/** Neither zones nor IPv4 in IPv6 are addresses here. */
function parseIp(text: string): IpValue | undefined {
  const version = text.includes('%') ? 0 : isIP(text);
  if (version === 4) return new IpValue(32, joined(text.split('.').map(Number), 8n));
  if (version !== 6) return undefined;
  const value = joined(groupsOf(text), 16n);
  return value >> 32n === 0xffffn ? undefined : new IpValue(128, value);
}

function joined(parts: readonly number[], width: bigint): bigint {
  return parts.reduce((value, part) => (value << width) | BigInt(part), 0n);
}

function groupsOf(text: string): number[] {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_whole, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head = '', tail] = hex.split('::');
  const [left, right] = [read(head), read(tail ?? '')];
  return tail === undefined ? left : [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

function showIp({ bits, value }: IpValue): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const zeros = [...groups.join(':').matchAll(/\b0(?::0)+\b/g)].map(([run]) => run);
  const longest = zeros.reduce((best, run) => (run.length > best.length ? run : best), '');
  return longest === ''
    ? groups.join(':')
    : groups
        .join(':')
        .replace(longest, ':')
        .replace(/^:(?!:)|:{3,}/g, '::')
        .replace(/([^:]):$/, '$1::');
}

function ip(text: string): IpValue {
  const parsed = parseIp(text);
  if (parsed === undefined) {
    throw new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: unable to parse IP`,
    );
  }
  return parsed;
}

function parseCidr(text: string): CidrValue | undefined {
  const [, address = '', prefix = ''] = /^(.*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const parsed = parseIp(address);
  return parsed === undefined || Number(prefix) > parsed.bits ? undefined : new CidrValue(parsed, Number(prefix));
}

function cidr(text: string): CidrValue {
  const parsed = parseCidr(text);
  if (parsed === undefined) {
    throw new CelError(
      `network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): invalid prefix`,
    );
  }
  return parsed;
}

function masked({ ip: { bits, value }, prefix }: CidrValue): CidrValue {
  const host = BigInt(bits - prefix);
  return new CidrValue(new IpValue(bits, (value >> host) << host), prefix);
}

function containsIp(network: CidrValue, address: IpValue): boolean {
  const host = BigInt(network.ip.bits - network.prefix);
  return network.ip.bits === address.bits && network.ip.value >> host === address.value >> host;
}

function containsCidr(network: CidrValue, other: CidrValue): boolean {
  return network.prefix <= other.prefix && containsIp(network, other.ip);
}

/** Whether the first bits are those of the network, in each of the two families. */
const within =
  (four: string, six: string) =>
  (address: IpValue): boolean =>
    containsIp(cidr(address.bits === 32 ? four : six), address);

const isUnspecified = ({ value }: IpValue): boolean => value === 0n;
const isLoopback = within('127.0.0.0/8', '::1/128');
const isMulticast = within('224.0.0.0/4', 'ff00::/8');
const isLinkLocalMulticast = (address: IpValue): boolean =>
  address.bits === 32
    ? containsIp(cidr('224.0.0.0/24'), address)
    : address.value >> 120n === 0xffn && ((address.value >> 112n) & 0xfn) === 2n;
const isLinkLocalUnicast = within('169.254.0.0/16', 'fe80::/10');

function isGlobalUnicast(address: IpValue): boolean {
  const broadcast = address.bits === 32 && address.value === 0xffff_ffffn;
  const special = isUnspecified(address) || isLoopback(address) || isMulticast(address) || isLinkLocalUnicast(address);
  return !broadcast && !special;
}

const addresses: Library = {
  [`ip(string): ${IP}`]: [ip, traversal()],
  'isIP(string): bool': [(text: string) => parseIp(text) !== undefined, traversal()],
  'ip.isCanonical(string): bool': [(text: string) => showIp(ip(text)) === text, traversal(2)],
  [`string(${IP}): string`]: showIp,
  [`${IP}.family(): int`]: ({ bits }: IpValue) => (bits === 32 ? 4n : 6n),
  [`${IP}.isUnspecified(): bool`]: isUnspecified,
  [`${IP}.isLoopback(): bool`]: isLoopback,
  [`${IP}.isLinkLocalMulticast(): bool`]: isLinkLocalMulticast,
  [`${IP}.isLinkLocalUnicast(): bool`]: isLinkLocalUnicast,
  [`${IP}.isGlobalUnicast(): bool`]: isGlobalUnicast,
};

const networks: Library = {
  [`cidr(string): ${CIDR}`]: [cidr, traversal()],
  'isCIDR(string): bool': [(text: string) => parseCidr(text) !== undefined, traversal()],
  [`string(${CIDR}): string`]: ({ ip: address, prefix }: CidrValue) => `${showIp(address)}/${prefix}`,
  [`${CIDR}.containsIP(string): bool`]: [
    (network: CidrValue, text: string) => containsIp(network, ip(text)),
    ([, text]) => COMPARE_COST + traversal()([text ?? null]),
  ],
  [`${CIDR}.containsIP(${IP}): bool`]: [containsIp, () => COMPARE_COST],
  [`${CIDR}.containsCIDR(string): bool`]: [
    (network: CidrValue, text: string) => containsCidr(network, cidr(text)),
    ([, text]) => 1 + COMPARE_COST + traversal()([text ?? null]),
  ],
  [`${CIDR}.containsCIDR(${CIDR}): bool`]: [containsCidr, () => 1 + COMPARE_COST],
  [`${CIDR}.ip(): ${IP}`]: ({ ip: address }: CidrValue) => address,
  [`${CIDR}.masked(): ${CIDR}`]: masked,
  [`${CIDR}.prefixLength(): int`]: ({ prefix }: CidrValue) => BigInt(prefix),
};

export const addressLibraries: readonly Library[] = [addresses, networks];
