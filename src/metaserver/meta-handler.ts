import { StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiRequest, ApiResponse, ApiTransport } from '../client/index.ts';
import { type EdgeStore, isAway } from '../edgestore/index.ts';
import {
  answerUpgrade,
  type HttpAnswer,
  type HttpHandler,
  type HttpRequest,
  type Peer,
  type RawUpgrade,
} from '../http/index.ts';
import { ApiHealth } from './api-health.ts';
import type { Gate } from './gate/gate.ts';
import { asksForObjects, isPlainJson, Keeper, MAX_KEPT_BYTES, wholeBody } from './keeper.ts';
import { Metrics } from './metrics.ts';
import { OfflineReader, RETRY_AFTER_SECONDS } from './offline-reader.ts';
import { offlineWatch } from './offline-watch.ts';
import { RefusalLog } from './refusal-log.ts';
import { answerHeaders, assertLocalClient, forwardedHeaders, upgradeHeaders } from './request-hygiene.ts';
import { type RequestInfo, requestInfo, type ResourceRequest, scopeOf } from './request-info.ts';
import { answerForm } from './table.ts';
import { relayWatch } from './watch-relay.ts';

/** How long a read waits for the API before the edge store answers. */
const READ_TIMEOUT_MS = 5_000;
/** Upstream's limit of writes. */
const WRITE_TIMEOUT_MS = 34_000;
const PROBE_TIMEOUT_MS = 2_000;
const HEALTH_PATH = /^\/(healthz|livez|readyz)(\/|$)/;

export interface MetaHandlerNeeds {
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The names and addresses that clients may call the metaserver by. */
  readonly hosts: readonly string[];
  /** Absent: everybody on this machine may do everything, in the site's name. */
  readonly gate?: Gate;
  readonly readTimeoutMs?: number;
}

/**
 * One request: to the API while it answers, from the edge store while it does not. Reads are kept as they pass. Writes are
 * never kept back: without the API they are refused.
 */
export class MetaHandler implements HttpHandler {
  readonly #needs: MetaHandlerNeeds;
  readonly #health: ApiHealth;
  readonly #keeper: Keeper;
  readonly #reader: OfflineReader;
  readonly #metrics = new Metrics();
  readonly #refusals: RefusalLog;
  readonly #closing = new AbortController();

  constructor(needs: MetaHandlerNeeds) {
    const { clock, logger, store, transport } = needs;
    this.#needs = needs;
    this.#health = new ApiHealth(clock, logger, (signal) => this.#probe(signal), this.#closing.signal);
    this.#keeper = new Keeper(store, transport, clock, logger);
    this.#reader = new OfflineReader(store, clock);
    this.#refusals = new RefusalLog(clock, logger);
  }

  get away(): boolean {
    return this.#health.away;
  }

  /** Ends what goes on without a request. */
  close(): void {
    this.#closing.abort();
  }

  async handle(request: HttpRequest, peer: Peer, signal: AbortSignal): Promise<HttpAnswer> {
    const { info, forwarded } = await this.#admitted(request, peer, forwardedHeaders);
    try {
      if (info.verb === 'write') return await this.#write(forwarded, info, signal);
      if (info.verb === 'watch') return await this.#watch(forwarded, info, signal);
      return await this.#read(forwarded, info, signal);
    } catch (error) {
      if (error instanceof StatusError) this.#metrics.count('refused');
      throw error;
    }
  }

  async upgrade(request: HttpRequest, peer: Peer, raw: RawUpgrade, signal: AbortSignal): Promise<void> {
    const { forwarded } = await this.#admitted(request, peer, upgradeHeaders);
    const answer = await this.#needs.transport.upgrade(forwarded, signal);
    this.#metrics.count('api');
    await answerUpgrade(raw, answer);
  }

  /** What is asked, and the request as it goes on: without what belongs to one hop, in the name of who was let in. */
  async #admitted(
    request: HttpRequest,
    peer: Peer,
    clean: typeof forwardedHeaders,
  ): Promise<{ info: RequestInfo; forwarded: ApiRequest }> {
    try {
      assertLocalClient(request.headers, this.#needs.hosts);
      const info = requestInfo(request.method, request.target);
      const caller = await this.#needs.gate?.admit(request, info.attributes, peer);
      const forwarded = { ...request, headers: clean(request.headers) };
      return { info, forwarded: caller === undefined ? forwarded : { ...forwarded, onBehalfOf: caller } };
    } catch (error) {
      this.#metrics.count('refused');
      this.#refusals.note(request, peer, error);
      throw error;
    }
  }

  async #read(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    const accept = request.headers['accept'];
    if (this.#health.away) return this.#offline(info, accept);
    if (isLog(info)) return this.#forward(request, signal);
    try {
      return await this.#readOnline(preferJson(request, info), info, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      return this.#offline(info, accept);
    }
  }

  async #readOnline(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    const response = await this.#ask(request, signal, this.#needs.readTimeoutMs ?? READ_TIMEOUT_MS);
    if (response.status >= 500) {
      const kept = this.#tryOffline(info, request.headers['accept']);
      if (kept !== undefined) return kept;
    }
    const headers = answerHeaders(response.headers);
    this.#metrics.count('api');
    const long = Number(headers['content-length'] ?? 0) > MAX_KEPT_BYTES;
    if (long || request.method === 'HEAD') return { ...response, headers };
    const body = await wholeBody(response.body, Number.POSITIVE_INFINITY);
    if (body === undefined) return { ...response, headers };
    void this.#keeper.keep(info, request.headers['accept'], response, body);
    return { status: response.status, headers, body };
  }

  async #watch(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    if (info.kind !== 'resource') throw new StatusError('NotFound', 'the server could not find the requested resource');
    if (this.#health.away) return this.#watchOffline(info, request.headers['accept'], signal);
    try {
      return await this.#watchOnline(preferJson(request, info), info, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      return this.#watchOffline(info, request.headers['accept'], signal);
    }
  }

  async #watchOnline(request: ApiRequest, info: ResourceRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const connects = await this.#keeper.connect(info, signal);
    const response = await this.#ask(request, signal, this.#needs.readTimeoutMs ?? READ_TIMEOUT_MS);
    const headers = answerHeaders(response.headers);
    this.#metrics.count('api');
    if (response.status >= 500) throw await statusOf(response);
    if (response.body instanceof Uint8Array) return { ...response, headers };
    const keeps =
      connects && response.status === 200 && isPlainJson(response) && asksForObjects(request.headers['accept']);
    const scope = keeps ? scopeOf(info) : undefined;
    const failed = (error: unknown) => signal.aborted || this.#health.failed(error);
    const body = relayWatch(response.body, scope, this.#keeper, this.#needs.logger, failed);
    return { status: response.status, headers, body: this.#counted(body) };
  }

  #watchOffline(info: ResourceRequest, accept: string | undefined, signal: AbortSignal): HttpAnswer {
    const form = answerForm(accept);
    const known = this.#reader.known(scopeOf(info));
    const end = AbortSignal.any([signal, this.#health.returned]);
    const body = offlineWatch(info, form, { ...this.#needs, reader: this.#reader }, end);
    const headers = { 'content-type': 'application/json', ...this.#reader.ageHeaders(known.confirmedAt) };
    this.#metrics.count('edge_store');
    return { status: 200, headers, body: this.#counted(body) };
  }

  async #write(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    if (this.#health.away) throw writesWait(undefined);
    try {
      const response = await this.#ask(request, signal, WRITE_TIMEOUT_MS);
      const headers = answerHeaders(response.headers);
      this.#metrics.count('api');
      if (!(response.body instanceof Uint8Array)) return { ...response, headers };
      await this.#keeper.keepWritten(info, response, response.body);
      return { ...response, headers };
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      throw writesWait(error);
    }
  }

  /** Logs pass as they come, for as long as they come. */
  async #forward(request: ApiRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const response = await this.#ask(request, signal, WRITE_TIMEOUT_MS);
    this.#metrics.count('api');
    return { ...response, headers: answerHeaders(response.headers) };
  }

  #tryOffline(info: RequestInfo, accept: string | undefined): HttpAnswer | undefined {
    try {
      return this.#offline(info, accept);
    } catch (error) {
      if (isAway(error)) return undefined;
      throw error;
    }
  }

  #offline(info: RequestInfo, accept: string | undefined): HttpAnswer {
    const answer = info.kind === 'document' ? this.#ownOrKept(info.path, info, accept) : this.#kept(info, accept);
    this.#metrics.count('edge_store');
    return answer;
  }

  #kept(info: ResourceRequest, accept: string | undefined): HttpAnswer {
    return info.verb === 'list' ? this.#reader.list(info, accept) : this.#reader.get(info, accept);
  }

  /** Without the API the metaserver speaks of its own health and counts. */
  #ownOrKept(path: string, info: RequestInfo & { kind: 'document' }, accept: string | undefined): HttpAnswer {
    if (HEALTH_PATH.test(path)) return text('ok');
    if (path === '/metrics') return text(this.#metrics.text(!this.#health.away, this.#needs.store.bytes));
    return this.#reader.document(info, accept);
  }

  /** Sends, and learns from the outcome whether the API is there. The time limit ends with the head of the answer. */
  async #ask(request: ApiRequest, signal: AbortSignal, timeoutMs: number): Promise<ApiResponse> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new StatusError('Timeout', `no answer from the API server within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    try {
      const response = await this.#needs.transport.send(request, AbortSignal.any([signal, late.signal]));
      if (response.status !== 503) this.#health.answered();
      return response;
    } catch (error) {
      signal.throwIfAborted();
      const cause: unknown = late.signal.aborted ? late.signal.reason : error;
      if (isAway(cause)) this.#health.failed(cause);
      throw cause;
    } finally {
      clearTimeout(timer);
    }
  }

  async #probe(signal: AbortSignal): Promise<boolean> {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    try {
      const request = { method: 'GET', target: '/version', headers: { accept: 'application/json' } };
      const { status } = await this.#needs.transport.send(request, limited);
      return status < 500;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  async *#counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#metrics.watches += 1;
    try {
      yield* body;
    } finally {
      this.#metrics.watches -= 1;
    }
  }
}

function writesWait(cause: unknown): StatusError {
  return new StatusError('ServiceUnavailable', 'the API server is away; the edge takes no writes without it', {
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
    cause,
  });
}

function isLog(info: RequestInfo): boolean {
  return info.kind === 'resource' && (info.subresource === 'log' || info.subresource?.startsWith('proxy') === true);
}

/** Where the client takes JSON too, JSON is asked for: only that can be kept. */
function preferJson(request: ApiRequest, info: RequestInfo): ApiRequest {
  const types = (request.headers['accept'] ?? '').split(',').map((type) => type.trim());
  const protobufFirst = types[0] === 'application/vnd.kubernetes.protobuf' && types.includes('application/json');
  if (info.kind !== 'resource' || !protobufFirst) return request;
  return { ...request, headers: { ...request.headers, accept: 'application/json' } };
}

async function statusOf(response: ApiResponse): Promise<StatusError> {
  const body = Buffer.from((await wholeBody(response.body, MAX_KEPT_BYTES)) ?? []).toString();
  try {
    return StatusError.fromStatus(JSON.parse(body) as object, response.status);
  } catch {
    return new StatusError('', body, { code: response.status });
  }
}

function text(body: string): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}
