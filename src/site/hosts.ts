/** Names and addresses of this machine: what certificates must be valid for and what others are told. */
import { hostname, networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

export type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

export interface AddressChoice {
  /** The configured address; empty: choose. */
  readonly nodeIp: string;
  /** The configured interface; empty: the first that is up. */
  readonly interfaceName: string;
}

const LOOPBACK = '127.0.0.1';
/** Bridges of Docker and the links into pods come and go: never the address of the machine. */
const VIRTUAL = /^(docker|br-|veth|cni|virbr|edge-dummy)/;

/** The IPv4 address under which the machine is known: the configured one, else the first of a real interface. */
export function primaryAddress(choice: AddressChoice, interfaces: Interfaces = networkInterfaces()): string {
  if (choice.nodeIp !== '') return choice.nodeIp;
  const named = choice.interfaceName === '' ? undefined : firstIPv4(interfaces[choice.interfaceName]);
  if (named !== undefined) return named;
  for (const [name, addresses] of Object.entries(interfaces)) {
    const address = VIRTUAL.test(name) ? undefined : firstIPv4(addresses);
    if (address !== undefined) return address;
  }
  return LOOPBACK;
}

function firstIPv4(addresses: readonly NetworkInterfaceInfo[] | undefined): string | undefined {
  return addresses?.find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

/** Under which names and addresses the API server is reached; the first address of the service range is `kubernetes`. */
export function apiHosts(options: { address: string; serviceRange: string; extra: readonly string[] }): string[] {
  return unique([
    'localhost',
    hostname(),
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    LOOPBACK,
    options.address,
    firstOfRange(options.serviceRange),
    ...options.extra,
  ]);
}

export function nodeHosts(options: { address: string; nodeName: string }): string[] {
  return unique([options.nodeName, hostname(), 'localhost', LOOPBACK, options.address]);
}

/** `10.96.0.0/16` → `10.96.0.1` */
export function firstOfRange(range: string): string {
  const octets = (range.split('/')[0] ?? '').split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values.filter((value) => value !== ''))];
}
