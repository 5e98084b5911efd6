import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, Server as TlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { errorCode, messageOf, UserError } from '../../base/errors.ts';
import { peerCertificate } from '../../http/index.ts';
import type { Peer } from '../access/ports.ts';
import type { ListenAddress } from './address.ts';

/** When the kernel starts to ask whether the other end is still there. */
const TCP_KEEPALIVE_AFTER_MS = 60_000;
/** For a TLS handshake, or the request for a WebSocket, to be done. */
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** As clients of 3.1.1 and 5, and of 3.1, name what they speak over WebSockets. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];

/** PEM texts. With a `clientCa` clients are asked for a certificate, which stays optional. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface ListenerOptions {
  /** The configuration key, for errors. */
  readonly key: string;
  readonly address: ListenAddress;
  /** For `tls` and `wss`. */
  readonly tls?: ListenerTls;
  /** Web pages of other hosts that may speak to the broker, by their origin. */
  readonly origins: readonly string[];
  readonly maxConnections: number;
  readonly maxPacketBytes: number;
}

export type Serve = (duplex: Duplex, peer: Peer) => void;

/** One port on which clients of MQTT arrive, over TCP, TLS or WebSockets. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #serve: Serve;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: ListenerOptions, serve: Serve) {
    this.#options = options;
    this.#serve = serve;
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    return (this.#server?.address() as AddressInfo | null | undefined)?.port ?? 0;
  }

  async start(): Promise<void> {
    const { key, address, maxConnections } = this.#options;
    const { host, port } = address;
    const server = this.#build();
    server.maxConnections = maxConnections;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(key, host, port, error)));
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
  }

  renewTls({ cert, key }: { readonly cert: string; readonly key: string }): void {
    const ca = this.#options.tls?.clientCa;
    if (this.#server instanceof TlsServer) {
      this.#server.setSecureContext({ cert, key, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) });
    }
  }

  /** Takes no more clients; `end` cuts those that are there. */
  close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  end(): void {
    for (const socket of this.#sockets) socket.destroySoon();
  }

  #build(): Server {
    const { address, tls } = this.#options;
    const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_AFTER_MS };
    const secure = () => ({ ...tcp, ...secureOptions(tls) });
    switch (address.transport) {
      case 'tcp':
        return createServer(tcp, (socket) => this.#welcome(socket, socket, 'tcp'));
      case 'tls':
        return createTlsServer(secure(), (socket) => {
          // A connection that breaks is told by its close.
          socket.on('error', () => undefined);
          this.#welcome(socket, socket, 'tls');
        }).on('tlsClientError', (_error, socket) => socket.destroy());
      case 'ws':
        return this.#webSockets(createHttpServer(tcp, refuse), 'ws');
      case 'wss':
        return this.#webSockets(createHttpsServer(secure(), refuse), 'wss');
    }
  }

  #webSockets(server: HttpServer, transport: 'ws' | 'wss'): Server {
    const { maxPacketBytes, address } = this.#options;
    server.headersTimeout = HANDSHAKE_TIMEOUT_MS;
    const sockets = new WebSocketServer({
      server,
      // Without a path in the URL any will do.
      ...(address.path === '' || address.path === '/' ? {} : { path: address.path }),
      maxPayload: maxPacketBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => SUBPROTOCOLS.find((each) => offered.has(each)) ?? false,
      verifyClient: ({ req }: { req: IncomingMessage }) => this.#mayAsk(req),
    });
    sockets.on('connection', (socket, request) => {
      // MQTT is binary [MQTT-6.0.0-1].
      socket.on('message', (_data, isBinary) => (isBinary ? undefined : socket.close(1003)));
      const duplex = createWebSocketStream(socket);
      duplex.on('error', () => undefined);
      this.#welcome(duplex, request.socket, transport);
    });
    return server;
  }

  /** Whoever shows a certificate that is not good is not taken for somebody without one. */
  #welcome(duplex: Duplex, socket: Socket, transport: Peer['transport']): void {
    const certificate = peerCertificate(socket);
    if (certificate?.authorized === false) return void duplex.destroy();
    const { remoteAddress: address = '' } = socket;
    this.#serve(duplex, { address, transport, ...(certificate === undefined ? {} : { certificate }) });
  }

  /** A web page may only speak to the broker of the host that it came from: no other page of a browser on this machine. */
  #mayAsk({ headers: { origin, host } }: IncomingMessage): boolean {
    if (origin === undefined || this.#options.origins.includes(origin)) return true;
    return URL.canParse(origin) && new URL(origin).hostname === hostnameOf(host);
  }
}

function secureOptions(tls: ListenerTls | undefined): object {
  if (tls === undefined) throw new Error('a listener with TLS needs a certificate');
  const client = tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false };
  const { cert, key } = tls;
  return { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS, ...client };
}

function hostnameOf(host: string | undefined): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

function refuse(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, { upgrade: 'websocket', connection: 'close' }).end('MQTT over WebSocket is spoken here.\n');
}

function cannotListen(key: string, host: string, port: number, error: unknown): Error {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new UserError(`${key}: another program uses ${host}:${port}. Stop it or choose another port.`);
    case 'EADDRNOTAVAIL':
      return new UserError(`${key}: no interface of this machine has the address ${host}.`);
    case 'EACCES':
      return new UserError(
        `${key}: not permitted to listen on ${host}:${port}. Run as root or choose a port above 1023.`,
      );
    default:
      return new Error(`the MQTT broker cannot listen on ${host}:${port}: ${messageOf(error)}`, { cause: error });
  }
}
