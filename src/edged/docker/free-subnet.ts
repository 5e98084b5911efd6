/**
 * A subnet for the pods of a site. Docker's own pools are few and large (31 networks on a machine, all users together):
 * a site takes 1,022 addresses of 10.200.0.0/14 instead. Pure.
 */
const RANGE_START = address('10.200.0.0');
const RANGE_BITS = 14;
const SUBNET_BITS = 22;
const SUBNETS = 2 ** (SUBNET_BITS - RANGE_BITS);
const SUBNET_SIZE = 2 ** (32 - SUBNET_BITS);

/** The subnets that meet none of `taken` (`10.0.0.0/8`), from one on that the site's id picks: it stays where it was. */
export function freeSubnets(siteId: string, taken: readonly string[]): string[] {
  const first = [...Buffer.from(siteId)].reduce((sum, byte) => (sum * 31 + byte) % SUBNETS, 0);
  const ranges = taken.flatMap((cidr) => rangeOf(cidr) ?? []);
  return Array.from({ length: SUBNETS }, (_, n) => RANGE_START + ((first + n) % SUBNETS) * SUBNET_SIZE)
    .filter((start) => ranges.every(({ from, to }) => to < start || from >= start + SUBNET_SIZE))
    .map((start) => `${dotted(start)}/${SUBNET_BITS}`);
}

/** What Docker gives the bridge where nobody asks for another: `10.200.4.0/22` → `10.200.4.1`. */
export function firstAddress(cidr: string): string {
  return dotted((rangeOf(cidr)?.from ?? 0) + 1);
}

/** Undefined for what is not IPv4. */
function rangeOf(cidr: string): { from: number; to: number } | undefined {
  const [ip = '', bits = '32'] = cidr.split('/');
  if (!/^\d+(\.\d+){3}$/.test(ip)) return undefined;
  const size = 2 ** (32 - Number(bits));
  const from = address(ip) - (address(ip) % size);
  return { from, to: from + size - 1 };
}

function address(ip: string): number {
  return ip.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
