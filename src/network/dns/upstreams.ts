import { isIP } from 'node:net';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';

const RESOLV_CONF = '/etc/resolv.conf';
/** How long what the file says is believed. */
const READ_PERIOD_MS = 5_000;
/** How long a server that did not answer is left alone, so that a machine without network answers at once. */
const REST_MS = 5_000;
/** As in the C library. */
const MAX_SERVERS = 3;

/** The name servers to which questions are handed on: those given, or the machine's own. */
export class Upstreams {
  readonly #given: readonly string[];
  readonly #clock: Clock;
  #read: { readonly at: number; readonly servers: readonly string[] } | undefined;
  readonly #restsUntil = new Map<string, number>();

  constructor(given: readonly string[], clock: Clock) {
    this.#given = given;
    this.#clock = clock;
  }

  /** Those worth asking now, in the order of the file. */
  async worthAsking(): Promise<readonly string[]> {
    const servers = this.#given.length > 0 ? this.#given : await this.#ofMachine();
    return servers.filter((server) => (this.#restsUntil.get(server) ?? 0) <= this.#clock.now());
  }

  answered(server: string): void {
    this.#restsUntil.delete(server);
  }

  failed(server: string): void {
    this.#restsUntil.set(server, this.#clock.now() + REST_MS);
  }

  async #ofMachine(): Promise<readonly string[]> {
    const now = this.#clock.now();
    if (this.#read === undefined || now - this.#read.at >= READ_PERIOD_MS) {
      const file = await readFile(RESOLV_CONF, 'utf8').catch(() => ''); // a machine without one has no name servers
      this.#read = { at: now, servers: nameServers(file) };
    }
    return this.#read.servers;
  }
}

/** The servers of a `resolv.conf`. */
export function nameServers(file: string): string[] {
  return file
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([word, address = '']) =>
      word === 'nameserver' && isIP(address.split('%')[0] ?? '') !== 0 ? [address] : [],
    )
    .slice(0, MAX_SERVERS);
}
