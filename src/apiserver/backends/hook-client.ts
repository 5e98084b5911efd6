/** Calls webhooks: a review is posted as JSON, a review comes back. `apiserver/pkg/util/webhook` and client-go's rest. */
import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { isObject, type JsonObject } from '../../api/json.ts';
import { StatusError } from '../../api/status-error.ts';
import { errorCode } from '../../base/errors.ts';
import { type ApiResponse, HttpTransport, type ServerConnection } from '../../client/index.ts';
import { JsonSyntaxError, parseJsonBody } from '../schema/index.ts';
import { AnswerTooLong, bounded } from './bounded-body.ts';
import { goNetworkError } from './go-network-error.ts';
import { resolveService, type ServiceObjects } from './service-resolver.ts';
import { TransportPool } from './transport-pool.ts';

/** `clientConfig` of webhooks and of conversions. */
export interface HookClientConfig {
  readonly url?: string | undefined;
  readonly service?: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly path?: string | undefined;
    readonly port?: number | undefined;
  };
  /** PEM in base64; absent: the authorities that the system trusts. */
  readonly caBundle?: string | undefined;
}

export interface HookCall {
  readonly config: HookClientConfig;
  readonly review: object;
  readonly timeoutSeconds: number;
  /** An answer that is longer is refused. */
  readonly maxAnswerBytes: number;
}

/** A webhook gave no answer that could be used; the message is what upstream says of it. */
export class HookCallError extends Error {
  override readonly name = 'HookCallError';
}

export interface HookClientParts {
  readonly objects: ServiceObjects;
  readonly random: () => number;
}

const HTTPS_PORT = 443;
const USER_AGENT = 'kube-apiserver-admission';

export class HookClient {
  readonly #parts: HookClientParts;
  readonly #transports = new TransportPool<ServerConnection>(
    ({ server, serverName = '', ca = '' }) =>
      createHash('sha256').update(`${server} ${serverName} ${ca}`).digest('hex'),
    (connection) => new HttpTransport({ connection, userAgent: USER_AGENT }),
  );

  constructor(parts: HookClientParts) {
    this.#parts = parts;
  }

  /** Rejects with HookCallError, and with the reason of the signal. */
  async post(call: HookCall, signal: AbortSignal): Promise<JsonObject> {
    const target = targetOf(call.config, call.timeoutSeconds);
    const late = AbortSignal.timeout(call.timeoutSeconds * 1000);
    const ended = AbortSignal.any([signal, late]);
    try {
      const answer = await this.#send(call, target, ended);
      const bytes = await bounded(answer.body, call.maxAnswerBytes);
      return reviewIn(answer.status, bytes);
    } catch (error) {
      if (signal.aborted || error instanceof HookCallError) throw error;
      if (error instanceof AnswerTooLong) throw new HookCallError(error.message, { cause: error });
      const why = late.aborted ? 'context deadline exceeded' : causeText(error);
      throw new HookCallError(`Post "https://${target.host}${target.path}": ${why}`, { cause: error });
    }
  }

  async #send({ config, review }: HookCall, { host, path }: HookTarget, signal: AbortSignal): Promise<ApiResponse> {
    const transport = this.#transports.to(await this.#connection(config, host));
    const request = {
      method: 'POST',
      target: path,
      headers: { host, 'content-type': 'application/json', accept: 'application/json, */*' },
      body: Buffer.from(JSON.stringify(review)),
    };
    try {
      return await transport.send(request, signal);
    } catch (error) {
      // A connection that was kept open may have been closed by the other side just now. Reviews can be asked for twice.
      if (signal.aborted || errorCode(rootOf(error)) !== 'ECONNRESET') throw error;
      return await transport.send(request, signal);
    }
  }

  async #connection({ service, caBundle }: HookClientConfig, named: string): Promise<ServerConnection> {
    const ca = caBundle === undefined ? {} : { ca: Buffer.from(caBundle, 'base64').toString() };
    if (service === undefined) return { server: `https://${named}`, ...ca };
    const { namespace = '', name = '', port = HTTPS_PORT } = service;
    const { objects, random } = this.#parts;
    const address = await resolveService({ namespace, name, port }, objects, random);
    const host = isIPv6(address.host) ? `[${address.host}]` : address.host;
    return { server: `https://${host}:${address.port}`, serverName: `${name}.${namespace}.svc`, ...ca };
  }
}

/** Where a webhook is called. The texts are written as Go writes them, which keeps the port of the scheme. */
interface HookTarget {
  readonly host: string;
  /** Path and query: upstream tells webhooks how long they have. */
  readonly path: string;
}

function targetOf({ url, service }: HookClientConfig, timeoutSeconds: number): HookTarget {
  const query = `?timeout=${timeoutSeconds}s`;
  if (url !== undefined) {
    const [, host = '', path = ''] = URL_PARTS.exec(url) ?? [];
    return { host, path: `${cleanPath(path)}${query}` };
  }
  const { namespace = '', name = '', path = '', port = HTTPS_PORT } = service ?? {};
  return { host: `${name}.${namespace}.svc:${port}`, path: `${cleanPath(path)}${query}` };
}

const URL_PARTS = /^https:\/\/([^/?#]*)([^?#]*)/i;

function cleanPath(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}

function reviewIn(status: number, bytes: Uint8Array): JsonObject {
  if (status < 200 || status > MAX_SUCCESS_STATUS) throw new HookCallError(refusal(status, bytes));
  try {
    const { value } = parseJsonBody(bytes, { repeated: false });
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new HookCallError(`couldn't get version/kind; json parse error: ${error.message}`, { cause: error });
  }
  throw new HookCallError("couldn't get version/kind; json parse error: the answer is no JSON object");
}

const MAX_SUCCESS_STATUS = 206;
const MAX_QUOTED_CHARACTERS = 1024;

/** `NewGenericServerResponse` of apimachinery. */
function refusal(status: number, bytes: Uint8Array): string {
  const known = REFUSALS[status];
  if (known !== undefined) return known;
  if (status < 500) return `the server responded with the status code ${status} but did not return more information`;
  const text = Buffer.from(bytes).toString().trim().slice(0, MAX_QUOTED_CHARACTERS);
  return `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`;
}

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  403: 'forbidden',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  413: 'request entity too large',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** The transport names the server; what went wrong below it is the cause. */
function causeText(error: unknown): string {
  const root = rootOf(error);
  return root === error && error instanceof StatusError ? error.message : goNetworkError(root);
}

function rootOf(error: unknown): unknown {
  return error instanceof StatusError && error.cause !== undefined ? error.cause : error;
}
