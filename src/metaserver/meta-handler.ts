import { hasCode, StatusError } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiRequest, ApiResponse, ApiTransport } from '../client/index.ts';
import { type Collection, type EdgeStore, isAway } from '../edgestore/index.ts';
import {
  answerUpgrade,
  type HttpAnswer,
  type HttpHandler,
  type HttpRequest,
  type Peer,
  type RawUpgrade,
} from '../http/index.ts';
import { answerForm } from './answer-form.ts';
import { ApiHealth } from './api-health.ts';
import type { Gate } from './gate/gate.ts';
import { type LocalChange, WatchHub } from './hub/watch-hub.ts';
import { watchStart } from './hub/watch-start.ts';
import { asksForObjects, Keeper, MAX_KEPT_BYTES } from './keeper.ts';
import { type Gauges, Metrics } from './metrics.ts';
import { OfflineReader, RETRY_AFTER_SECONDS } from './offline-reader.ts';
import { RefusalLog } from './refusal-log.ts';
import { answerHeaders, assertLocalClient, forwardedHeaders, upgradeHeaders } from './request-hygiene.ts';
import { type RequestInfo, requestInfo, type ResourceRequest, scopeOf } from './request-info.ts';
import { Tables, type TableKinds } from './table.ts';
import { wholeBody } from './upstream-answer.ts';
import type { WriteKinds } from './writes/accepted-object.ts';
import { LocalWrites, type LocalWritesOptions } from './writes/local-writes.ts';
import { Overlay } from './writes/overlay.ts';

/** How long a read waits for the API before the edge store answers. */
const READ_TIMEOUT_MS = 5_000;
/** Upstream's limit of writes. */
const WRITE_TIMEOUT_MS = 34_000;
const PROBE_TIMEOUT_MS = 2_000;
const NEVER = new AbortController().signal;
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/** The metaserver's own counts, with and without the API; `/metrics` is the API server's while it answers. */
const OWN_METRICS_PATH = '/edgesite/metrics';
/** Below it is what the site says itself, with and without the API. */
const OWN_PREFIX = '/edgesite';
const HEALTH_PATH = /^\/(healthz|livez|readyz)(\/|$)/;

/** Pages of other parts of the site. Read only; throws StatusError. */
export interface LocalPages {
  /** `path`: behind `/edgesite`. Nothing where there is no such page. */
  page(path: string, query: URLSearchParams): HttpAnswer | undefined;
}

export interface MetaHandlerNeeds {
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** The names and addresses that clients may call the metaserver by where no certificate says so. */
  readonly hosts: readonly string[];
  /** Absent: everybody on this machine may do everything, in the site's name. */
  readonly gate?: Gate;
  /** Whether the edge store keeps what passes of the collection. */
  readonly keeps: (collection: Collection) => boolean;
  readonly kinds: BuiltInKinds;
  readonly pages?: LocalPages;
  /** Absent: without the API every write is refused. */
  readonly writes?: LocalWritesOptions;
  readonly readTimeoutMs?: number;
}

/** What the site knows of built-in kinds beside what the API tells. */
export type BuiltInKinds = WriteKinds & TableKinds;

/**
 * One request: to the API while it answers, from the edge store while it does not. Reads are kept as they pass. Without
 * the API writes are refused, save those that the configuration lets wait.
 */
export class MetaHandler implements HttpHandler {
  readonly #needs: MetaHandlerNeeds;
  readonly #health: ApiHealth;
  readonly #keeper: Keeper;
  readonly #reader: OfflineReader;
  readonly #hub: WatchHub;
  readonly #writes: LocalWrites | undefined;
  readonly #metrics = new Metrics();
  readonly #refusals: RefusalLog;
  readonly #closing = new AbortController();

  constructor(needs: MetaHandlerNeeds) {
    const { clock, logger, store } = needs;
    this.#needs = needs;
    const closing = this.#closing.signal;
    const { kinds } = needs;
    const tables = new Tables(kinds, store);
    this.#health = new ApiHealth(clock, logger, (signal) => this.#probe(signal), closing);
    const common = { ...needs, health: this.#health };
    const tell = (change: LocalChange): void => this.#hub.showLocal(change);
    this.#writes = needs.writes && new LocalWrites(needs.writes, { ...common, tell }, closing);
    this.#reader = new OfflineReader(this.#writes?.overlay ?? new Overlay(store, NO_WRITES), tables, clock);
    const settled = async (): Promise<void> => await this.#writes?.settled();
    const waiting = (): readonly LocalChange[] => this.#writes?.waiting ?? [];
    this.#hub = new WatchHub({ ...common, tables, waiting, settled }, closing);
    const isCustom = (collection: Collection): boolean => kinds.table(collection) === undefined;
    this.#keeper = new Keeper({ ...common, isCustom }, this.#hub);
    this.#refusals = new RefusalLog(clock, logger);
  }

  /** Begins what goes on without a request. */
  async start(): Promise<void> {
    await this.#writes?.start();
    void this.#health.watchOver();
    void this.#hub.tend();
  }

  get away(): boolean {
    return this.#health.away;
  }

  /** Ends what goes on without a request. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writes?.close();
  }

  /** Whether the edge answers: without the API, and until local writes have been brought to it. */
  get #alone(): boolean {
    return this.#health.away || this.#writes?.busy === true;
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
      assertLocalClient(request.headers, this.#needs.gate === undefined ? this.#needs.hosts : undefined);
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
    const page = this.#localPage(info);
    if (page !== undefined) return page;
    const own = info.kind === 'document' && info.path === OWN_METRICS_PATH;
    if (own || this.#alone) return this.#offline(info, accept);
    if (isLog(info)) return this.#relay(request, signal);
    const kept = this.#health.doubted ? this.#tryOffline(info, accept) : undefined;
    if (kept !== undefined) return kept;
    try {
      return await this.#readOnline(preferJson(request, info), info, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error)) throw error;
      return this.#offline(info, accept);
    }
  }

  #localPage(info: RequestInfo): HttpAnswer | undefined {
    if (info.kind !== 'document' || !info.path.startsWith(`${OWN_PREFIX}/`)) return undefined;
    const page = this.#needs.pages?.page(info.path.slice(OWN_PREFIX.length), info.query);
    if (page !== undefined) this.#metrics.count('edge_store');
    return page;
  }

  async #readOnline(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    const readTimeoutMs = this.#needs.readTimeoutMs ?? READ_TIMEOUT_MS;
    // Once the API is known to be away, what hangs on it need not hang on.
    const response = await this.#ask(request, signal, readTimeoutMs, this.#health.lost);
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
    const accept = request.headers['accept'];
    // Tables and other forms pass as the API server writes them, for as long as it does.
    const plain = asksForObjects(accept) && preferJson(request, info).headers['accept'] !== PROTOBUF;
    if (!plain && !this.#health.away) return this.#relay(request, signal);
    try {
      return await this.#watchShared(info, accept, signal);
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'Expired') return streamedError(error);
      if (!hasCode(error, 413)) throw error;
      return this.#relay(request, signal);
    }
  }

  async #watchShared(info: ResourceRequest, accept: string | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    const start = watchStart(info.query);
    const scope = scopeOf(info);
    const view = { scope, form: answerForm(accept), includeObject: info.query.get('includeObject') ?? 'Metadata' };
    const body = await this.#hub.watch(view, start, signal);
    if (!this.#health.away) void this.#keeper.keepDefinition(info.collection);
    this.#metrics.count(this.#health.away ? 'edge_store' : 'api');
    const age = this.#health.away ? this.#reader.ageOf(scope) : {};
    return { status: 200, headers: { 'content-type': 'application/json', ...age }, body };
  }

  /** Passes a stream on as it comes, for as long as it comes. */
  async #relay(request: ApiRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const response = await this.#ask(request, signal, WRITE_TIMEOUT_MS);
    this.#metrics.count('api');
    return { ...response, headers: answerHeaders(response.headers) };
  }

  async #write(request: ApiRequest, info: RequestInfo, signal: AbortSignal): Promise<HttpAnswer> {
    const taken = info.kind === 'resource' ? this.#writes?.take(request, info, this.#health.away) : undefined;
    if (taken !== undefined) {
      this.#metrics.count('queued');
      return taken;
    }
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
    if (path === '/metrics' || path === OWN_METRICS_PATH)
      return text(this.#metrics.text(this.#gauges(), this.#writes?.results));
    return this.#reader.document(info, accept);
  }

  #gauges(): Gauges {
    return {
      edgesite_metaserver_watches: this.#hub.watchers,
      edgesite_metaserver_upstream_watches: this.#hub.topics,
      edgesite_metaserver_waiting_writes: this.#writes?.waiting.length ?? 0,
      edgesite_metaserver_api_up: this.#health.away ? 0 : 1,
      edgesite_edgestore_bytes: this.#needs.store.bytes,
    };
  }

  /** Sends, and learns from the outcome whether the API is there. The time limit ends with the head of the answer. */
  async #ask(
    request: ApiRequest,
    signal: AbortSignal,
    timeoutMs: number,
    lost: AbortSignal = NEVER,
  ): Promise<ApiResponse> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort(new StatusError('Timeout', `no answer from the API server within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    try {
      const response = await this.#needs.transport.send(request, AbortSignal.any([signal, late.signal, lost]));
      if (response.status !== 503) this.#health.answered();
      return response;
    } catch (error) {
      signal.throwIfAborted();
      const cause: unknown = late.signal.aborted ? late.signal.reason : lost.aborted ? lost.reason : error;
      // What is slow to answer may be a long list; who does not answer at all is away.
      if (late.signal.aborted) void this.#health.doubt(cause);
      else if (isAway(cause)) this.#health.failed(cause);
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
}

const NO_WRITES = { all: [], last: () => undefined };

function writesWait(cause: unknown): StatusError {
  return new StatusError('ServiceUnavailable', 'the API server is away; the edge takes no writes without it', {
    details: { retryAfterSeconds: RETRY_AFTER_SECONDS },
    cause,
  });
}

function isLog(info: RequestInfo): boolean {
  return info.kind === 'resource' && (info.subresource === 'log' || info.subresource?.startsWith('proxy') === true);
}

/** Clients of Kubernetes look for this error in the stream, not in the status line. */
function streamedError(error: StatusError): HttpAnswer {
  const body = Buffer.from(`${JSON.stringify({ type: 'ERROR', object: error.toStatus() })}\n`);
  return { status: 200, headers: { 'content-type': 'application/json' }, body };
}

/** Where the client takes JSON too, JSON is asked for: only that can be kept. */
function preferJson(request: ApiRequest, info: RequestInfo): ApiRequest {
  const types = (request.headers['accept'] ?? '').split(',').map((type) => type.trim());
  const protobufFirst = types[0] === PROTOBUF && types.includes('application/json');
  if (info.kind !== 'resource' || !protobufFirst) return request;
  return { ...request, headers: { ...request.headers, accept: 'application/json' } };
}

function text(body: string): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}
