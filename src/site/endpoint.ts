import type { Endpoint } from '../metaserver/index.ts';

/** `127.0.0.1:10550`, `[::1]:10550` or `https://127.0.0.1:10550`; the configuration has checked the form. */
export function endpointOf(text: string): Endpoint {
  const plain = text.replace(/^https?:\/\//, '');
  const colon = plain.lastIndexOf(':');
  return { address: plain.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(plain.slice(colon + 1)) };
}
