/** Requests that another server answers: `kube-aggregator/pkg/apiserver/handler_proxy.go`. */
import type { ApiService } from '../../api/kinds.ts';
import { hasReason, StatusError } from '../../api/status-error.ts';
import type { ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../../client/index.ts';
import { goNetworkError } from '../backends/go-network-error.ts';
import { handedOn, withoutHopHeaders } from '../backends/proxied-headers.ts';
import type { ApiServiceBackend, BackendAddress } from './api-service-backend.ts';
import { isAvailable, serviceTarget } from './availability.ts';

const SERVICE_UNAVAILABLE = 503;

export class ServiceProxy {
  readonly #backend: ApiServiceBackend;

  constructor(backend: ApiServiceBackend) {
    this.#backend = backend;
  }

  async handle(service: ApiService, request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<ApiResponse> {
    return await this.#reach(service, async ({ transport }) =>
      withoutHopHeaders(await transport.send(onBehalf(request, caller, false), signal)),
    );
  }

  async upgrade(
    service: ApiService,
    request: ApiRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<UpgradedConnection | ApiResponse> {
    return await this.#reach(service, ({ transport }) => transport.upgrade(onBehalf(request, caller, true), signal));
  }

  async #reach<T>(service: ApiService, ask: (backend: BackendAddress) => Promise<T>): Promise<T | ApiResponse> {
    const target = serviceTarget(service);
    if (target === undefined || !isAvailable(service)) return unavailable('service unavailable');
    const backend = await this.#backend.reach(service, target).catch(absent);
    if (backend === undefined) return unavailable('service unavailable');
    try {
      return await ask(backend);
    } catch (error) {
      if (!hasReason(error, 'ServiceUnavailable') || !(error instanceof StatusError)) throw error;
      return unavailable(`error trying to reach service: ${goNetworkError(error.cause ?? error)}`);
    }
  }
}

function onBehalf(request: ApiRequest, caller: Caller, upgrade: boolean): ApiRequest {
  return { ...request, headers: handedOn(request, upgrade), onBehalfOf: caller };
}

function absent(error: unknown): undefined {
  if (!(error instanceof StatusError)) throw error;
  return undefined;
}

/** Upstream answers this as plain text. */
function unavailable(text: string): ApiResponse {
  return {
    status: SERVICE_UNAVAILABLE,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: Buffer.from(`${text}\n`),
  };
}
