/** What a server hands to its handler and gets back: the shapes of `client/transport.ts`, seen from the serving side. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface HttpRequest {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** Names in lower case; repeated ones are joined with a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** A stream is pulled only as fast as the client reads; ending it early means that the client has gone. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The certificate that the client showed in the TLS handshake. */
export interface PeerCertificate {
  /** Whether it was signed by the server's client CA and was valid at the handshake. */
  readonly authorized: boolean;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
}

/** The other end of a connection. The same object for all requests of one connection. */
export interface Peer {
  readonly address: string;
  readonly certificate: PeerCertificate | undefined;
}

/** A connection whose client asked for another protocol; nothing has been answered yet. */
export interface RawUpgrade {
  readonly incoming: IncomingMessage;
  readonly socket: Duplex;
  /** Bytes that came behind the request. */
  readonly head: Buffer;
}

export interface HttpHandler {
  /** What it throws becomes a Status body. The signal ends with the client's connection or with the server. */
  handle(request: HttpRequest, peer: Peer, signal: AbortSignal): Promise<HttpAnswer>;
  /** Owns the socket from the call on, and answers on it (`answerUpgrade`). Absent: upgrades are refused. */
  upgrade?(request: HttpRequest, peer: Peer, raw: RawUpgrade, signal: AbortSignal): Promise<void>;
}
