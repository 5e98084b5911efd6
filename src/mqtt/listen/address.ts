import { isIP } from 'node:net';
import { UserError } from '../../base/errors.ts';

const TRANSPORTS = {
  'tcp:': 'tcp',
  'mqtt:': 'tcp',
  'ssl:': 'tls',
  'mqtts:': 'tls',
  'ws:': 'ws',
  'wss:': 'wss',
} as const;
const DEFAULT_PORTS = { tcp: 1883, tls: 8883, ws: 8083, wss: 8084 } as const;

export interface ListenAddress {
  readonly transport: 'tcp' | 'tls' | 'ws' | 'wss';
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Of WebSockets: where a client must ask for it. */
  readonly path: string;
}

/** @param key - the configuration key, for errors */
export function listenAddress(key: string, url: string): ListenAddress {
  const { protocol, hostname, port, pathname } = new URL(url);
  const transport = TRANSPORTS[protocol as keyof typeof TRANSPORTS];
  if (transport === undefined) {
    throw new UserError(`${key}: ${url}: the broker listens on ${Object.keys(TRANSPORTS).join('//, ')}//.`);
  }
  const host = hostname.replace(/^\[|\]$/g, '');
  return { transport, host, port: port === '' ? DEFAULT_PORTS[transport] : Number(port), path: pathname };
}

/** Whether only programs of this machine reach the address. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** A port that a network reaches must ask who comes, unless the configuration says otherwise in plain words. */
export function assertGuarded(key: string, url: string, { host }: ListenAddress, asksWho: boolean): void {
  if (isLoopbackHost(host) || asksWho) return;
  throw new UserError(
    `${key}: ${url} would open the broker to the network, and it asks nobody who he is. Set mqtt.anonymous to never or ` +
      'loopback with users (mqtt.password-file, the Secret kubeedge/mqtt-access) or client certificates ' +
      '(mqtt.tls-client-ca-file), or listen on an address of this machine alone, such as tcp://127.0.0.1:1884.',
  );
}
