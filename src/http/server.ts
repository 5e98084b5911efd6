/** The one way to serve HTTP here; the only door to fastify. */
import type { IncomingMessage, Server } from 'node:http';
import type { Http2SecureServer, Http2ServerRequest, ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { StatusError } from '../api/status-error.ts';
import type { Component } from '../base/component.ts';
import { UserError, errorCode, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { compressed, isStream, writeStream } from './answer.ts';
import { asStatusError, statusAnswer } from './errors.ts';
import type { HttpAnswer, HttpHandler, HttpRequest } from './exchange.ts';
import { HTTP2_LIMITS, MAX_HEADER_BYTES } from './limits.ts';
import { Peers } from './peer.ts';
import { answerUpgrade } from './upgrade.ts';

/** The limit of kube-apiserver. */
const DEFAULT_BODY_LIMIT_BYTES = 3 * 1024 * 1024;
const DEFAULT_MAX_CONNECTIONS = 2_000;
/** Longer than clients keep an idle connection, so that they close first. */
const KEEP_ALIVE_MS = 120_000;
/** A request must have arrived whole within this time. */
const REQUEST_TIMEOUT_MS = 60_000;
/** How long `close` waits for requests under way before it cuts their connections. */
const CLOSE_DEADLINE_MS = 3_000;
/** One for all: every request ends with it, and to capture a stack each time would cost more than to serve it. */
const CLIENT_GONE = new StatusError('Timeout', 'the client has gone');

export interface TlsMaterial {
  /** PEM, with the chain. */
  readonly cert: string;
  readonly key: string;
  /** PEM; given: clients are asked for a certificate, which stays optional. */
  readonly clientCa?: string;
}

export interface HttpServerOptions {
  /** Names the server in errors and log lines. */
  readonly name: string;
  readonly host: string;
  /** 0 takes any free one; `port` tells which. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: TlsMaterial;
  /** Offers HTTP/2 beside HTTP/1.1 (TLS only). */
  readonly http2?: boolean;
  readonly handler: HttpHandler;
  readonly logger: Logger;
  readonly bodyLimitBytes?: number;
  readonly maxConnections?: number;
}

export class HttpServer implements Component {
  readonly name: string;
  readonly #options: HttpServerOptions;
  readonly #bodyLimitBytes: number;
  readonly #peers = new Peers();
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  /** Requests and tunnels under way. */
  readonly #active = new Set<AbortController>();
  /** Why nothing new is taken. */
  #closing: StatusError | undefined;
  #app: FastifyInstance | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.name = options.name;
    this.#bodyLimitBytes = options.bodyLimitBytes ?? DEFAULT_BODY_LIMIT_BYTES;
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    const address = this.#app?.server.address() as AddressInfo | null | undefined;
    return address?.port ?? 0;
  }

  async start(_signal: AbortSignal): Promise<void> {
    const { host, port } = this.#options;
    const app = this.#build();
    this.#app = app;
    this.#watchConnections(app.server);
    try {
      await app.listen({ host, port });
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** New connections use this certificate from now on. */
  renewTls(tls: TlsMaterial): void {
    const server = this.#app?.server as Partial<Http2SecureServer> | undefined;
    server?.setSecureContext?.({ cert: tls.cert, key: tls.key, ca: tls.clientCa });
  }

  /** Refuses new connections, ends streams and idle connections, then waits for the rest up to a deadline. */
  close(): Promise<void> {
    this.#closed ??= this.#drain();
    return this.#closed;
  }

  async #drain(): Promise<void> {
    const app = this.#app;
    if (app === undefined) return;
    this.#closing = new StatusError('ServiceUnavailable', 'the server is shutting down');
    for (const aborter of this.#active) aborter.abort(this.#closing);
    const cut = setTimeout(() => this.#cut(), CLOSE_DEADLINE_MS);
    for (const session of this.#sessions) session.close();
    const closed = app.close();
    if (this.#active.size === 0) this.#cut();
    await closed;
    clearTimeout(cut);
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #begin(): AbortController {
    const aborter = new AbortController();
    this.#active.add(aborter);
    if (this.#closing !== undefined) aborter.abort(this.#closing);
    return aborter;
  }

  #end(aborter: AbortController): void {
    aborter.abort(CLIENT_GONE);
    this.#active.delete(aborter);
    if (this.#active.size === 0 && this.#closing !== undefined) this.#cut();
  }

  #build(): FastifyInstance {
    const { tls, http2 } = this.#options;
    const common = {
      bodyLimit: this.#bodyLimitBytes,
      keepAliveTimeout: KEEP_ALIVE_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      forceCloseConnections: 'idle' as const,
      exposeHeadRoutes: false,
      // One catch-all route: the path is ours to read, unchanged.
      rewriteUrl: () => '/',
    };
    const secure = tls === undefined ? undefined : secureOptions(tls);
    // The three kinds of server differ in types that nothing here depends on.
    const app = (
      secure === undefined
        ? fastify(common)
        : http2 === true
          ? fastify({ ...common, http2: true, https: { ...secure, ...HTTP2_LIMITS, allowHTTP1: true } })
          : fastify({ ...common, https: secure })
    ) as FastifyInstance;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    if (http2 === true) app.addHook('onRequest', announceBody);
    app.setErrorHandler((error, request, reply) => this.#fail(error, request, reply));
    app.all('/', (request, reply) => this.#serve(request, reply));
    return app;
  }

  async #serve(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    const aborter = this.#begin();
    reply.raw.once('close', () => this.#end(aborter));
    const { signal } = aborter;
    const raw = request.raw as IncomingMessage & Partial<Http2ServerRequest>;
    const peer = this.#peers.of(raw.stream?.session ?? raw.socket, raw.socket);
    const answer = await this.#options.handler.handle(requestOf(request), peer, signal);
    if (isStream(answer.body)) {
      void reply.hijack();
      await writeStream(reply.raw, answer, signal).catch((error: unknown) => this.#broken(error, reply));
      return reply;
    }
    return send(reply, await compressed(answer, request.headers['accept-encoding']));
  }

  #fail(error: unknown, request: FastifyRequest, reply: FastifyReply): unknown {
    const status = asStatusError(error, this.#bodyLimitBytes);
    if (status.reason === 'InternalError') {
      this.#options.logger.error({ err: error, method: request.method, target: pathOf(request) }, 'request failed');
    }
    return send(reply, statusAnswer(status));
  }

  /** A stream that fails after its head: all that can be done is to end the connection. */
  #broken(error: unknown, reply: FastifyReply): void {
    this.#options.logger.debug({ err: error }, 'a stream broke');
    reply.raw.destroy();
  }

  #watchConnections(server: Server): void {
    server.maxConnections = this.#options.maxConnections ?? DEFAULT_MAX_CONNECTIONS;
    server.on(this.#options.tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade(incoming, socket, head);
    });
  }

  async #upgrade(incoming: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const aborter = this.#begin();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#end(aborter));
    const { signal } = aborter;
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    const raw = { incoming, socket, head };
    const request = { method: incoming.method ?? 'GET', target: incoming.url ?? '/', headers: flat(incoming.headers) };
    try {
      const { handler } = this.#options;
      if (handler.upgrade === undefined) throw new StatusError('BadRequest', 'no other protocol is spoken here');
      await handler.upgrade(request, this.#peers.of(socket, socket as Socket), raw, signal);
    } catch (error) {
      const status = asStatusError(error, this.#bodyLimitBytes);
      if (status.reason === 'InternalError') this.#options.logger.error({ err: error }, 'upgrade failed');
      if (socket.writable) await answerUpgrade(raw, statusAnswer(status));
    }
  }

  #explained(error: unknown): unknown {
    const { name, host, port } = this.#options;
    const where = `${name} cannot listen on ${host}:${port}`;
    switch (errorCode(error) ?? '') {
      case 'EADDRINUSE':
        return new UserError(`${where}: another program uses it. Stop that program or choose another port.`);
      case 'EACCES':
        return new UserError(`${where}: not permitted. Run as root or choose a port above 1023.`);
      case 'EADDRNOTAVAIL':
        return new UserError(`${where}: no interface of this machine has the address.`);
      default:
        return new Error(`${where}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** HTTP/2 tells by its frames whether a body follows; fastify asks for a header of HTTP/1 where the body has no type. */
function announceBody(request: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  const raw = request.raw as IncomingMessage & Partial<Http2ServerRequest>;
  if (raw.stream?.endAfterHeaders === false) raw.headers['transfer-encoding'] ??= 'chunked';
  done();
}

function secureOptions(tls: TlsMaterial) {
  const client = tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: false };
  return { cert: tls.cert, key: tls.key, minVersion: 'TLSv1.2' as const, maxHeaderSize: MAX_HEADER_BYTES, ...client };
}

function requestOf(request: FastifyRequest): HttpRequest {
  const body = request.body instanceof Uint8Array ? { body: request.body } : {};
  return { method: request.method, target: request.originalUrl, headers: flat(request.headers), ...body };
}

/** Without the pseudo headers of HTTP/2. */
function flat(headers: IncomingMessage['headers']): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    if (name.startsWith(':')) {
      if (name === ':authority' && typeof value === 'string') result['host'] = value;
    } else result[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return result;
}

function send(reply: FastifyReply, answer: HttpAnswer): FastifyReply {
  reply.code(answer.status);
  for (const name in answer.headers) void reply.header(name, answer.headers[name]);
  return reply.send(answer.body);
}

function pathOf(request: FastifyRequest): string {
  return request.originalUrl.split('?', 1)[0] ?? '';
}
