import type { ApiHandler, ApiRequest, ApiResponse, ApiTransport, Caller, UpgradedConnection } from './transport.ts';

/** Calls the embedded API server without a socket, always as the same caller. */
export class InProcessTransport implements ApiTransport {
  readonly #handler: ApiHandler;
  readonly #caller: Caller;

  constructor(handler: ApiHandler, caller: Caller) {
    this.#handler = handler;
    this.#caller = caller;
  }

  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    return this.#handler.handle(request, this.#caller, signal);
  }

  upgrade(request: ApiRequest, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    return this.#handler.upgrade(request, this.#caller, signal);
  }
}
