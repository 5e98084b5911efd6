/** An address of the site's own on this machine, where pods and applications find the edge API whatever the network. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Component } from '../base/component.ts';
import { messageOf, UserError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

const run = promisify(execFile);
const COMMAND_TIMEOUT_MS = 5_000;

export interface InterfaceAddressOptions {
  /** Made where it does not exist, and then taken away at the end: `edge-dummy0`. */
  readonly interfaceName: string;
  /** `169.254.30.10` */
  readonly address: string;
  readonly logger: Logger;
}

/** Adds the address at the start and takes back at the end what it made itself. */
export class InterfaceAddress implements Component {
  readonly name = 'interface-address';
  readonly #options: InterfaceAddressOptions;
  /** What is to be undone, last first. */
  #undo: string[][] = [];

  constructor(options: InterfaceAddressOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { interfaceName: name, address } = this.#options;
    try {
      await this.#ensureInterface(signal);
      if (!(await this.#has(signal))) {
        await ip(['address', 'add', `${address}/32`, 'dev', name], signal);
        this.#undo.unshift(['address', 'delete', `${address}/32`, 'dev', name]);
      }
      await ip(['link', 'set', name, 'up'], signal);
    } catch (error) {
      signal.throwIfAborted();
      throw new UserError(
        `the address ${address} cannot be put on the interface ${name}: ${messageOf(error)}. ` +
          'Run as root, with the program "ip" (package iproute2) installed.',
        { cause: error },
      );
    }
  }

  async close(): Promise<void> {
    const undo = this.#undo;
    this.#undo = [];
    for (const args of undo) {
      await ip(args, AbortSignal.timeout(COMMAND_TIMEOUT_MS)).catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, 'an interface or address stays behind');
      });
    }
  }

  /** A dummy device; where the kernel has none, a bridge without ports does as well. */
  async #ensureInterface(signal: AbortSignal): Promise<void> {
    const { interfaceName: name } = this.#options;
    if (await succeeds(['link', 'show', 'dev', name], signal)) return;
    const dummy = await succeeds(['link', 'add', name, 'type', 'dummy'], signal);
    if (!dummy) await ip(['link', 'add', name, 'type', 'bridge'], signal);
    this.#undo.unshift(['link', 'delete', name]);
  }

  async #has(signal: AbortSignal): Promise<boolean> {
    const { interfaceName: name, address } = this.#options;
    const { stdout } = await ip(['-oneline', 'address', 'show', 'dev', name], signal);
    return stdout.includes(` ${address}/`);
  }
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
async function ip(args: readonly string[], signal: AbortSignal): Promise<{ stdout: string }> {
  try {
    return await run('ip', [...args], { signal, timeout: COMMAND_TIMEOUT_MS });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(said === '' ? messageOf(error) : said.replace(/^Error: /, ''), { cause: error });
  }
}
