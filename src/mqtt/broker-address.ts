import type { IClientOptions } from 'mqtt';

/** In parts: from a whole URL the library reads by a function that Node has deprecated. Its ports are the usual ones. */
export function brokerAddress(url: string): IClientOptions {
  const { protocol, hostname, port, pathname, username, password } = new URL(url);
  return {
    protocol: protocol.slice(0, -1) as NonNullable<IClientOptions['protocol']>, // the schema allows what it knows
    hostname: hostname.replace(/^\[|\]$/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    ...(protocol.startsWith('ws') ? { path: pathname } : {}),
    ...(username === '' ? {} : { username: decodeURIComponent(username), password: decodeURIComponent(password) }),
  };
}
