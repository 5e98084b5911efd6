/** The bridge of the site's pods in the kernel. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { errorCode } from '../../base/errors.ts';

const DEVICES = '/sys/class/net';
/** Is there when the kernel can show the packets of bridges to the packet filter (module br_netfilter). */
const BRIDGE_FILTER = '/proc/sys/net/bridge';

/**
 * Lets a service lead from one pod of the bridge to another and back, and a pod to itself. `gateway` is the address of the
 * bridge. Resolves to whether packets between its ports pass the packet filter; looks and sets again at each call, since
 * pods bring ports of their own.
 */
export async function prepareBridge(gateway: string): Promise<boolean> {
  const bridge = Object.entries(networkInterfaces()).find(([, all]) => all?.some(({ address }) => address === gateway));
  if (bridge === undefined) return true; // the engine is on another machine, or the bridge has just gone
  const device = `${DEVICES}/${bridge[0]}`;
  const filtered = (await exists(BRIDGE_FILTER)) && (await set(`${device}/bridge/nf_call_iptables`, '1'));
  // Seen by the filter, a packet that comes back to its own port never leaves the bridge: the port must give it out.
  if (filtered) {
    const ports = (await names(`${device}/brif`)) ?? [];
    await Promise.all(ports.map((port) => set(`${device}/brif/${port}/hairpin_mode`, '1')));
  }
  return filtered;
}

async function exists(folder: string): Promise<boolean> {
  return (await names(folder)) !== undefined;
}

async function names(folder: string): Promise<string[] | undefined> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** False where the file has gone or may not be written. */
async function set(file: string, value: string): Promise<boolean> {
  try {
    if ((await readFile(file, 'utf8')).trim() !== value) await writeFile(file, value);
    return true;
  } catch {
    return false;
  }
}
