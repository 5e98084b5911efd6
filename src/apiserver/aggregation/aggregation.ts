import type { ApiService } from '../../api/kinds.ts';
import type { ApiRequest, ApiResponse, Caller, UpgradedConnection } from '../../client/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { Aggregator, type AggregatorParts } from './aggregator.ts';
import { ApiServiceBackend, type ApiServiceBackendParts } from './api-service-backend.ts';
import { AvailabilityCheck } from './availability-check.ts';
import type { RemoteVersion } from './remote-groups.ts';
import { ServiceProxy } from './service-proxy.ts';

export type AggregationParts = ApiServiceBackendParts & Omit<AggregatorParts, 'check'>;

/** As whom the server asks others for their documents. */
const DOCUMENT_READER: Caller = { name: 'system:aggregator', groups: ['system:masters'] };

/** The part of the API that other servers serve. */
export class Aggregation {
  readonly #aggregator: Aggregator;
  readonly #proxy: ServiceProxy;

  constructor(parts: AggregationParts) {
    const backend = new ApiServiceBackend(parts);
    this.#proxy = new ServiceProxy(backend);
    this.#aggregator = new Aggregator({ ...parts, check: new AvailabilityCheck(parts.objects, backend) });
  }

  follow(store: ObjectStore): Promise<void> {
    return this.#aggregator.follow(store);
  }

  /** What is served here has changed. */
  refresh(): void {
    this.#aggregator.refresh();
  }

  close(): Promise<void> {
    return this.#aggregator.close();
  }

  remoteVersions(): readonly RemoteVersion[] {
    return this.#aggregator.remoteVersions();
  }

  /** The OpenAPI v3 documents of other servers: their URLs by path, `apis/GROUP/VERSION`. */
  openApiUrls(): ReadonlyMap<string, string> {
    const urls = new Map<string, string>();
    for (const { group, version, available, openApiUrl } of this.remoteVersions()) {
      if (available && openApiUrl !== undefined) urls.set(`apis/${group}/${version}`, openApiUrl);
    }
    return urls;
  }

  /** Who answers requests on the target, undecoded as it was authorized, where that is another server. */
  serviceFor(target: string): ApiService | undefined {
    const [, group = '', version = ''] = GROUP_PATH.exec(target) ?? [];
    return version === '' ? undefined : this.#aggregator.remote(group, version);
  }

  handle(service: ApiService, request: ApiRequest, caller: Caller, signal: AbortSignal): Promise<ApiResponse> {
    return this.#proxy.handle(service, request, caller, signal);
  }

  upgrade(
    service: ApiService,
    request: ApiRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<UpgradedConnection | ApiResponse> {
    return this.#proxy.upgrade(service, request, caller, signal);
  }

  /** `/openapi/v3/apis/GROUP/VERSION` of another server; undefined where it is for this one to answer. */
  async openApi(request: ApiRequest, path: string, signal: AbortSignal): Promise<ApiResponse | undefined> {
    if (!path.startsWith(OPENAPI)) return undefined;
    const service = this.serviceFor(path.slice(OPENAPI.length));
    return service === undefined ? undefined : await this.handle(service, request, DOCUMENT_READER, signal);
  }
}

const OPENAPI = '/openapi/v3';
const GROUP_PATH = /^\/apis\/([^/?]+)\/([^/?]+)(?:[/?]|$)/;
