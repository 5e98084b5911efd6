import type { Component, Readiness } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import { StatusError } from '../api/status-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../client/index.ts';
import { HttpServer, answerUpgrade, type Peer, type TlsMaterial } from '../http/index.ts';
import type { Auditor, AuditTrail } from './audit/auditor.ts';
import { openAuditor } from './audit/open-auditor.ts';
import { ServerCore } from './core.ts';
import { errorAnswer, INTERNAL_ERROR, knownStatus } from './door/errors.ts';
import { targetOf, warningsOfError, withWarnings } from './door/dispatcher.ts';
import { openStore } from './open-store.ts';
import type { ApiServerOptions } from './options.ts';

/** How often held-back writes reach the disk and expired objects go. */
const HOUSEKEEPING_PERIOD_MS = 30_000;

/** Whom the audit log names where nobody could be made out. */
const NOBODY: Caller = { name: '', groups: [] };

/** The embedded Kubernetes API. `handle` and `upgrade` serve callers in the process, without a socket. */
export class ApiServer implements Component, ApiHandler {
  readonly name = 'apiserver';
  readonly #options: ApiServerOptions;
  readonly #http: HttpServer;
  readonly #ending = new AbortController();
  #core: ServerCore | undefined;
  #audit: Auditor | undefined;
  #housekeeping: Promise<void> = Promise.resolve();
  #ready = false;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#http = new HttpServer({
      name: this.name,
      ...options.bind,
      tls: options.tls,
      http2: true,
      logger: options.logger,
      handler: {
        handle: (request, peer, signal) => this.#answer(request, peer, undefined, signal),
        upgrade: async (request, peer, raw, signal) =>
          await answerUpgrade(raw, await this.#answerUpgrade(request, peer, undefined, signal)),
      },
    });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#http.port;
  }

  /** New connections see this certificate from now on. */
  renewTls(tls: TlsMaterial): void {
    this.#http.renewTls(tls);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { audit, logger, clock } = this.#options;
    if (audit !== undefined) this.#audit = openAuditor(audit, { logger, now: () => clock.now() });
    const store = await openStore(this.#options);
    const core = new ServerCore(
      this.#options,
      store,
      () => this.readiness(),
      () => this.port,
    );
    this.#core = core;
    await core.bootstrap(signal);
    await this.#http.start(signal);
    await core.announce(this.port, signal);
    this.#housekeeping = this.#keepHouse(core, this.#ending.signal);
    this.#ready = true;
  }

  async close(): Promise<void> {
    this.#ready = false;
    this.#ending.abort(new StatusError('ServiceUnavailable', 'the server is shutting down'));
    await this.#http.close();
    await this.#housekeeping;
    await this.#core?.close();
    await this.#audit?.close();
  }

  readiness(): Readiness {
    return this.#ready ? { ready: true } : { ready: false, reason: 'not started' };
  }

  handle(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<ApiResponse> {
    return this.#answer(request, undefined, caller, signal);
  }

  upgrade(request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    return this.#answerUpgrade(request, undefined, caller, signal);
  }

  /** Over the wire the caller is found out from the request and the peer; in the process it is given. */
  async #answer(
    request: ApiRequest,
    peer: Peer | undefined,
    given: Caller | undefined,
    signal: AbortSignal,
  ): Promise<ApiResponse> {
    let trail: AuditTrail | undefined;
    try {
      const core = this.#started();
      const sender = await core.authenticate(request, peer, given);
      trail = this.#begin(request, sender, peer);
      const caller = core.callerOf(request, sender, given !== undefined);
      trail?.actsFor(caller);
      // Requests over the wire end with the HTTP server; those from inside have to be told.
      const ended = peer === undefined ? AbortSignal.any([signal, this.#ending.signal]) : signal;
      const explain = (error: unknown): ApiResponse => this.#errorAnswer(request, error);
      const answer = await core.serve(request, caller, ended, explain, trail?.annotate).catch(explain);
      trail?.answered(answer, ended);
      return answer;
    } catch (error) {
      return this.#refused(request, peer, trail, error, signal);
    }
  }

  async #answerUpgrade(
    request: ApiRequest,
    peer: Peer | undefined,
    given: Caller | undefined,
    signal: AbortSignal,
  ): Promise<UpgradedConnection | ApiResponse> {
    let trail: AuditTrail | undefined;
    try {
      const core = this.#started();
      const sender = await core.authenticate(request, peer, given);
      trail = this.#begin(request, sender, peer);
      const caller = core.callerOf(request, sender, given !== undefined);
      trail?.actsFor(caller);
      const explain = (error: unknown): ApiResponse => this.#errorAnswer(request, error);
      const end = await core.upgrade(request, caller, signal).catch(explain);
      if ('socket' in end) trail?.switched(signal);
      else trail?.answered(end, signal);
      return end;
    } catch (error) {
      return this.#refused(request, peer, trail, error, signal);
    }
  }

  #begin(request: ApiRequest, caller: Caller, peer: Peer | undefined): AuditTrail | undefined {
    return this.#audit?.begin({ request, info: targetOf(request).info, caller, from: peer?.address ?? '' });
  }

  /** What never came as far as being served: who asks is not known, or may not ask for another. */
  #refused(
    request: ApiRequest,
    peer: Peer | undefined,
    trail: AuditTrail | undefined,
    error: unknown,
    signal: AbortSignal,
  ): ApiResponse {
    const answer = this.#errorAnswer(request, error);
    (trail ?? this.#begin(request, NOBODY, peer))?.answered(answer, signal);
    return answer;
  }

  #errorAnswer(request: ApiRequest, error: unknown): ApiResponse {
    let status = knownStatus(error);
    if (status === undefined) {
      const path = request.target.split('?', 1)[0];
      this.#options.logger.error({ err: error, method: request.method, path, why: messageOf(error) }, 'request failed');
      status = INTERNAL_ERROR;
    }
    return withWarnings(errorAnswer(status, request.headers['accept']), warningsOfError(status));
  }

  #started(): ServerCore {
    if (this.#core === undefined || this.#ending.signal.aborted) {
      throw new StatusError('ServiceUnavailable', 'the API server is not serving');
    }
    return this.#core;
  }

  async #keepHouse(core: ServerCore, signal: AbortSignal): Promise<void> {
    const { clock, onFatal } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(HOUSEKEEPING_PERIOD_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await core.keepHouse();
      } catch (error) {
        // The disk is full or the file is gone: nothing this process could mend.
        onFatal(this.name, error);
        return;
      }
    }
  }
}
