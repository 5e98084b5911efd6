/** What of a client's request may go on to the API server, in the site's name. Pure. */
import { StatusError } from '../api/status-error.ts';

/** Headers of one hop (RFC 9110 section 7.6.1), and those that the transport sets itself. */
const ONE_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
  'content-length',
  'expect',
  'accept-encoding',
]);

/** What would let a caller speak as somebody else, or as whom it only says it is. */
const IDENTITY = /^(authorization|cookie|forwarded|via|impersonate-.*|x-remote-.*|x-forwarded-.*)$/;

type Headers = Readonly<Record<string, string>>;

export function forwardedHeaders(headers: Headers): Record<string, string> {
  const named = new Set((headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const kept = Object.entries(headers).filter(
    ([name]) => !ONE_HOP.has(name) && !named.has(name) && !IDENTITY.test(name) && !name.includes('_'),
  );
  return Object.fromEntries(kept);
}

/** How browsers send a token where they cannot set headers. */
const TOKEN_PROTOCOL = /^base64url\.bearer\.authorization\.k8s\.io\./;

/** An upgrade keeps the two headers that ask for it, and of its protocols those that are no token. */
export function upgradeHeaders(headers: Headers): Record<string, string> {
  const { 'sec-websocket-protocol': protocols, ...kept } = forwardedHeaders(headers);
  const spoken = (protocols ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && !TOKEN_PROTOCOL.test(each));
  const offered = spoken.length === 0 ? {} : { 'sec-websocket-protocol': spoken.join(', ') };
  return { ...kept, ...offered, connection: 'Upgrade', upgrade: headers['upgrade'] ?? '' };
}

/** Answer headers that belong to the connection to the API server. */
export function answerHeaders<V>(headers: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ONE_HOP.has(name) && name !== 'date'));
}

/**
 * Keeps web pages out: a page that a browser on this machine shows could otherwise reach the endpoint under a name of
 * its own (DNS rebinding) or send requests across origins. `hosts` undefined: under any name, since in TLS the certificate
 * says which are ours.
 */
export function assertLocalClient(headers: Headers, hosts: readonly string[] | undefined): void {
  const { host, origin } = headers;
  const own = hosts ?? [hostName(host ?? '')];
  if (host !== undefined && !own.includes(hostName(host))) {
    throw new StatusError('Forbidden', `the metaserver is not served under the name "${hostName(host)}"`);
  }
  if (origin !== undefined && !(URL.canParse(origin) && own.includes(new URL(origin).hostname))) {
    throw new StatusError('Forbidden', 'the metaserver does not answer pages of other origins');
  }
}

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}
