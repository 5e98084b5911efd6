import { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Peer, PeerCertificate } from './exchange.ts';

/** Describes the other end of a connection, reading the certificate once for each connection. */
export class Peers {
  readonly #known = new WeakMap<object, Peer>();

  /** `connection` identifies it: the socket, or the session of HTTP/2; `socket` is only read. */
  of(connection: object, socket: Socket): Peer {
    const known = this.#known.get(connection);
    if (known !== undefined) return known;
    const peer = { address: socket.remoteAddress ?? '', certificate: peerCertificate(socket) };
    this.#known.set(connection, peer);
    return peer;
  }
}

/** The certificate that the other end has shown, whether it was found good or not. */
export function peerCertificate(socket: Socket): PeerCertificate | undefined {
  // The socket of an HTTP/2 session is a proxy: no instance, but its methods are there.
  if (!(socket instanceof TLSSocket) && !('getPeerX509Certificate' in socket)) return undefined;
  const tls = socket as TLSSocket;
  const certificate = tls.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return { authorized: tls.authorized, ...subjectOf(certificate) };
}

/** `subject` is one `KEY=value` a line; a value may be repeated. */
function subjectOf(certificate: X509Certificate): Omit<PeerCertificate, 'authorized'> {
  const values = (key: string): string[] =>
    certificate.subject
      .split('\n')
      .filter((line) => line.startsWith(`${key}=`))
      .map((line) => unescaped(line.slice(key.length + 1)));
  return {
    commonName: values('CN')[0] ?? '',
    organizations: values('O'),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}

/** Node escapes the characters that RFC 2253 reserves with a backslash. */
function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, '$1');
}
