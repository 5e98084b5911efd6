/** An address of the site's own on this machine, where pods find the edge API whatever their network. */
import { execFile } from 'node:child_process';
import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import type { Component } from '../base/component.ts';
import { messageOf, UserError } from '../base/errors.ts';

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 5_000;
/** Where the kernel has neither of the other two: every machine has it, and a local address is local on any interface. */
const LOOPBACK = 'lo';

export interface InterfaceAddressOptions {
  /** Made where it does not exist: `edge-dummy0`. */
  readonly interfaceName: string;
  /** `169.254.30.10` */
  readonly address: string;
}

/**
 * Sees at the start that the machine has the address. It stays when the process ends, as the pods do, which look for the
 * edge API there; `scripts/uninstall.sh` takes it away.
 */
export class InterfaceAddress implements Component {
  readonly name = 'interface-address';
  readonly #options: InterfaceAddressOptions;

  constructor(options: InterfaceAddressOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { interfaceName, address } = this.#options;
    if (isOnThisMachine(address)) return;
    try {
      const device = await ensureInterface(interfaceName, signal);
      await ip(['address', 'add', `${address}/${isIPv6(address) ? 128 : 32}`, 'dev', device], signal);
      await ip(['link', 'set', device, 'up'], signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new UserError(
        `the address ${address} cannot be put on the interface ${interfaceName}: ${messageOf(error)}. Run as root, ` +
          'with the program "ip" (package iproute2) installed, or go without: metamanager.dummyServer="".',
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    // Nothing runs, and what was made stays.
  }
}

function isOnThisMachine(address: string): boolean {
  return Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address));
}

/** A dummy device; where the kernel has none, a bridge without ports does as well, and then the loopback device. */
async function ensureInterface(name: string, signal: AbortSignal): Promise<string> {
  if (await succeeds(['link', 'show', 'dev', name], signal)) return name;
  for (const type of ['dummy', 'bridge']) {
    if (await succeeds(['link', 'add', name, 'type', type], signal)) return name;
  }
  return LOOPBACK;
}

async function succeeds(args: readonly string[], signal: AbortSignal): Promise<boolean> {
  try {
    await ip(args, signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Rejects with what `ip` says of it. */
async function ip(args: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await run('ip', [...args], { signal, timeout: COMMAND_TIMEOUT_MS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(said === '' ? messageOf(error) : said.replace(/^Error: /, ''), { cause: error });
  }
}
