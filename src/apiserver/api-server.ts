import type { Component, Readiness } from '../base/component.ts';
import { StatusError } from '../api/status-error.ts';
import type { ApiHandler, ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../client/index.ts';
import { HttpServer, answerUpgrade } from '../http/index.ts';
import type { ApiServerOptions } from './options.ts';

/** The embedded Kubernetes API. `handle` and `upgrade` serve callers in the process, without a socket. */
export class ApiServer implements Component, ApiHandler {
  readonly name = 'apiserver';
  readonly #http: HttpServer;

  constructor(options: ApiServerOptions) {
    const anonymous: Caller = { name: 'system:anonymous', groups: ['system:unauthenticated'] };
    this.#http = new HttpServer({
      name: this.name,
      ...options.bind,
      tls: options.tls,
      http2: true,
      logger: options.logger,
      handler: {
        handle: (request, _peer, signal) => this.handle(request, anonymous, signal),
        upgrade: async (request, _peer, raw, signal) =>
          answerUpgrade(raw, await this.upgrade(request, anonymous, signal)),
      },
    });
  }

  /** The port in use, once started. */
  get port(): number {
    return this.#http.port;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#http.start(signal);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  readiness(): Readiness {
    return { ready: this.port > 0 };
  }

  handle(_request: ApiRequest, _caller: Caller, _signal: AbortSignal): Promise<ApiResponse> {
    return Promise.reject(new StatusError('NotFound', 'the server could not find the requested resource'));
  }

  upgrade(_request: ApiRequest, _caller: Caller, _signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    return Promise.reject(new StatusError('NotFound', 'the server could not find the requested resource'));
  }
}
