/** The address under which this machine is reached by others. */
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { UserError } from '../base/errors.ts';

export interface InterfaceAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly internal: boolean;
}

/** Interfaces by name, as `os.networkInterfaces` gives them. */
export type Interfaces = Readonly<Partial<Record<string, readonly InterfaceAddress[]>>>;

export interface AddressSettings {
  /** Wins over everything where not empty. */
  readonly nodeIp: string;
  /** Whose address it is; empty: that of the default route. */
  readonly interfaceName: string;
}

const LOOPBACK = '127.0.0.1';

/** Throws a UserError where the configured interface does not exist or has no address. */
export async function nodeAddress(settings: AddressSettings): Promise<string> {
  const routes = await readFile('/proc/net/route', 'utf8').catch(() => '');
  return chooseAddress(settings, networkInterfaces(), defaultInterface(routes));
}

/** Without any network it is the loopback address: the site works on, alone. */
export function chooseAddress(
  settings: AddressSettings,
  interfaces: Interfaces,
  byDefault: string | undefined,
): string {
  if (settings.nodeIp !== '') return settings.nodeIp;
  if (settings.interfaceName !== '') return addressOf(settings.interfaceName, interfaces);
  // An address of the link, such as the metaserver's for pods, is no address of the machine unless somebody says so.
  const others = Object.values(interfaces)
    .flat()
    .filter((each) => each?.address.startsWith('169.254.') !== true);
  return first(interfaces[byDefault ?? '']) ?? first(others) ?? LOOPBACK;
}

/** The interface of the default route with the smallest metric in `/proc/net/route`. */
export function defaultInterface(routes: string): string | undefined {
  return routes
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0];
}

function addressOf(name: string, interfaces: Interfaces): string {
  const address = first(interfaces[name]);
  if (address !== undefined) return address;
  throw new UserError(
    `edged.interface-name: "${name}" is no interface with an address on this machine (there are: ` +
      `${Object.keys(interfaces).join(', ')}). Name one of them, or leave it empty for that of the default route.`,
  );
}

/** IPv4 before IPv6; of IPv6 none that is only good on its link. */
function first(addresses: readonly (InterfaceAddress | undefined)[] | undefined): string | undefined {
  const usable = (addresses ?? []).filter((each) => each !== undefined && !each.internal) as InterfaceAddress[];
  const v6 = usable.filter(({ family, address }) => family === 'IPv6' && !address.startsWith('fe80'));
  return (usable.find(({ family }) => family === 'IPv4') ?? v6[0])?.address;
}
