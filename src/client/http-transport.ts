import { readFileSync } from 'node:fs';
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { StatusError } from '../api/status-error.ts';
import { errorCode, messageOf } from '../base/errors.ts';
import type { RateLimiter } from '../base/rate-limiter.ts';
import { type CallerHeaders, callerHeaders } from './caller-headers.ts';
import type { ApiRequest, ApiResponse, ApiTransport, UpgradedConnection } from './transport.ts';

/** A server and how to speak to it. PEM texts, not paths; a token may change, so its file is read for each request. */
export interface ServerConnection {
  /** `https://host:port`, with or without a path prefix. */
  readonly server: string;
  readonly ca?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly username?: string;
  readonly password?: string;
  /** The name that the server's certificate must carry, where it is not the host's. */
  readonly serverName?: string;
  readonly insecureSkipTlsVerify?: boolean;
}

export interface HttpTransportOptions {
  readonly connection: ServerConnection;
  readonly userAgent: string;
  /** How requests on behalf of others name them; by default they impersonate. */
  readonly speaksAs?: CallerHeaders;
  /** Absent: no limit. Watches and upgrades take one token like everything else. */
  readonly limiter?: RateLimiter;
}

const MAX_SOCKETS = 256;
const TCP_KEEPALIVE_AFTER_MS = 15_000;
/** Until the head of the answer is there; webhooks of a kube-apiserver may take 30 s. */
const ANSWER_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Answers that announce at most this many bytes are read whole. */
const MAX_WHOLE_BODY_BYTES = 4 * 1024 * 1024;

/** Any kube-apiserver over HTTP(S), with kept-alive connections. */
export class HttpTransport implements ApiTransport {
  readonly #options: HttpTransportOptions;
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(options: HttpTransportOptions) {
    this.#options = options;
    this.#url = new URL(options.connection.server);
    this.#agent = agentFor(this.#url, options.connection);
  }

  async send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    await this.#options.limiter?.take(signal);
    const answer = await this.#exchange(request, signal);
    if (answer instanceof Upgraded) throw this.#unavailable(new Error('the server switched protocols unasked'));
    return this.#response(answer, signal);
  }

  async upgrade(request: ApiRequest, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    await this.#options.limiter?.take(signal);
    const outgoing = this.#open(request, signal);
    const answer = await this.#answer(outgoing, request, signal);
    if (!(answer instanceof Upgraded)) return this.#response(answer, signal);
    return { headers: headersOf(answer.message), socket: answer.socket, head: answer.head };
  }

  /** Ends the connections that are kept alive; requests under way end by their signals. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * A connection that was kept alive may close as the next request goes out: that says nothing of the server. Reads are sent
   * again, on as many connections as were kept.
   */
  async #exchange(request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage | Upgraded> {
    for (;;) {
      const outgoing = this.#open(request, signal);
      try {
        return await this.#answer(outgoing, request, signal);
      } catch (error) {
        const reads = request.method === 'GET' || request.method === 'HEAD';
        if (signal.aborted || !reads || !outgoing.reusedSocket || !isClosedConnection(error)) throw error;
      }
    }
  }

  #open(request: ApiRequest, signal: AbortSignal): ClientRequest {
    const prefix = this.#url.pathname.replace(/\/$/, '');
    const open = this.#url.protocol === 'https:' ? httpsRequest : httpRequest;
    const { speaksAs = 'impersonate' } = this.#options;
    return open({
      agent: this.#agent,
      protocol: this.#url.protocol,
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: this.#url.port,
      method: request.method,
      path: `${prefix}${request.target}`,
      headers: {
        'user-agent': this.#options.userAgent,
        ...authorization(this.#options.connection),
        ...request.headers,
        ...(request.onBehalfOf === undefined ? {} : callerHeaders(speaksAs, request.onBehalfOf)),
        ...(request.body === undefined ? {} : { 'content-length': String(request.body.byteLength) }),
      },
      signal,
    });
  }

  #answer(outgoing: ClientRequest, request: ApiRequest, signal: AbortSignal): Promise<IncomingMessage | Upgraded> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        outgoing.destroy(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`));
      }, ANSWER_TIMEOUT_MS);
      outgoing.once('close', () => clearTimeout(late));
      outgoing.once('response', (message) => {
        clearTimeout(late);
        resolve(message);
      });
      outgoing.once('upgrade', (message, socket, head) => {
        clearTimeout(late);
        resolve(new Upgraded(message, socket, head));
      });
      outgoing.on('error', (error) => {
        clearTimeout(late);
        reject(signal.aborted ? (signal.reason as Error) : this.#unavailable(error));
      });
      limitConnecting(outgoing);
      outgoing.end(request.body);
    });
  }

  async #response(message: IncomingMessage, signal: AbortSignal): Promise<ApiResponse> {
    const length = Number(message.headers['content-length'] ?? Number.POSITIVE_INFINITY);
    const stream = this.#body(message, signal);
    const whole = length <= MAX_WHOLE_BODY_BYTES;
    return {
      status: message.statusCode ?? 0,
      headers: headersOf(message),
      body: whole ? await collected(stream) : stream,
    };
  }

  async *#body(message: IncomingMessage, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of message) yield chunk as Uint8Array;
    } catch (error) {
      throw signal.aborted ? (signal.reason as Error) : this.#unavailable(error);
    }
  }

  #unavailable(cause: unknown): StatusError {
    const code = errorCode(cause);
    const why =
      code === undefined || messageOf(cause).includes(code) ? messageOf(cause) : `${code}: ${messageOf(cause)}`;
    return new StatusError('ServiceUnavailable', `no answer from ${this.#url.origin}: ${why}`, { cause });
  }
}

/** Closed by the other side before it answered. */
function isClosedConnection(error: unknown): boolean {
  const code = error instanceof StatusError ? errorCode(error.cause) : undefined;
  return code === 'ECONNRESET' || code === 'EPIPE';
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** What the request's `upgrade` event carries. */
class Upgraded {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Uint8Array;

  constructor(message: IncomingMessage, socket: Duplex, head: Uint8Array) {
    this.message = message;
    this.socket = socket;
    this.head = head;
  }
}

function agentFor(url: URL, connection: ServerConnection): HttpAgent | HttpsAgent {
  const kept = { keepAlive: true, keepAliveMsecs: TCP_KEEPALIVE_AFTER_MS, maxSockets: MAX_SOCKETS };
  if (url.protocol !== 'https:') return new HttpAgent(kept);
  return new HttpsAgent({
    ...kept,
    ...(connection.ca === undefined ? {} : { ca: connection.ca }),
    ...(connection.certificate === undefined ? {} : { cert: connection.certificate }),
    ...(connection.key === undefined ? {} : { key: connection.key }),
    ...(connection.serverName === undefined ? {} : { servername: connection.serverName }),
    rejectUnauthorized: connection.insecureSkipTlsVerify !== true,
  });
}

function authorization(connection: ServerConnection): Record<string, string> {
  const token =
    connection.tokenFile === undefined ? connection.token : readFileSync(connection.tokenFile, 'utf8').trim();
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (connection.username === undefined) return {};
  const credentials = Buffer.from(`${connection.username}:${connection.password ?? ''}`).toString('base64');
  return { authorization: `Basic ${credentials}` };
}

/** A host that swallows packets is given up after a while; the system's own limit is minutes. */
function limitConnecting(outgoing: ClientRequest): void {
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    const late = setTimeout(() => {
      outgoing.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS / 1000} s`));
    }, CONNECT_TIMEOUT_MS);
    const settled = () => clearTimeout(late);
    socket.once('connect', settled);
    socket.once('close', settled);
  });
}

function headersOf(message: IncomingMessage): Record<string, string | string[]> {
  const entries = Object.entries(message.headers);
  return Object.fromEntries(entries.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined));
}
