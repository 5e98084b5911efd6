import type { ApiHandler, ApiRequest, ApiResponse, ApiTransport, Caller, UpgradedConnection } from './transport.ts';

/** Calls the embedded API server without a socket, always as the same caller. */
export class InProcessTransport implements ApiTransport {
  readonly #handler: ApiHandler;
  readonly #caller: Caller;
  readonly #userAgent: string;

  constructor(handler: ApiHandler, caller: Caller) {
    this.#handler = handler;
    this.#caller = caller;
    this.#userAgent = userAgentOf(caller.name);
  }

  send(request: ApiRequest, signal: AbortSignal): Promise<ApiResponse> {
    return this.#handler.handle(this.#named(request), this.#caller, signal);
  }

  upgrade(request: ApiRequest, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    return this.#handler.upgrade(this.#named(request), this.#caller, signal);
  }

  /** By its user agent a write names the manager of its fields. */
  #named(request: ApiRequest): ApiRequest {
    return { ...request, headers: { 'user-agent': this.#userAgent, ...request.headers } };
  }
}

const NODE_PREFIX = 'system:node:';
const NODE_AGENT = 'kubelet';

/** The program behind an identity: `system:kube-scheduler` is `kube-scheduler`, every node is a `kubelet`. */
function userAgentOf(name: string): string {
  return name.startsWith(NODE_PREFIX) ? NODE_AGENT : name.slice(name.lastIndexOf(':') + 1);
}
