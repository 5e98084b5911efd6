/** Asks the server behind an APIService whether it is there: its discovery document tells what it serves, too. */
import type { JsonObject } from '../../api/json.ts';
import type { ApiService, EndpointSlice, Service } from '../../api/kinds.ts';
import { StatusError } from '../../api/status-error.ts';
import { errorCode, messageOf } from '../../base/errors.ts';
import type { ApiTransport, Caller } from '../../client/index.ts';
import { bounded } from '../backends/bounded-body.ts';
import { goNetworkError } from '../backends/go-network-error.ts';
import type { ServiceObjects } from '../backends/service-resolver.ts';
import type { ApiServiceBackend } from './api-service-backend.ts';
import { type Availability, failed, PASSED, serviceProblem, type ServiceTarget } from './availability.ts';
import { openApiUrlIn, resourcesIn } from './remote-groups.ts';

const TIMEOUT_MS = 5_000;
const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
/** May see everything that the server behind serves. */
const AGGREGATOR: Caller = { name: 'system:kube-aggregator', groups: ['system:masters'] };

export interface CheckOutcome {
  readonly availability: Availability;
  /** Absent where the server did not answer. */
  readonly documents?: RemoteDocuments;
}

/** What a server says of itself. */
export interface RemoteDocuments {
  readonly resources: readonly JsonObject[];
  /** Where its OpenAPI v3 document of the group and version is; absent where it has none. */
  readonly openApiUrl?: string;
}

export class AvailabilityCheck {
  readonly #objects: ServiceObjects;
  readonly #backend: ApiServiceBackend;

  constructor(objects: ServiceObjects, backend: ApiServiceBackend) {
    this.#objects = objects;
    this.#backend = backend;
  }

  async check(apiService: ApiService, target: ServiceTarget, signal: AbortSignal): Promise<CheckOutcome> {
    const { namespace, name } = target;
    const service: Service | undefined = await this.#objects.get('services', namespace, name);
    const slices = (await this.#objects.list('endpointslices', namespace)) as EndpointSlice[];
    const problem = serviceProblem(target, service, slices);
    if (problem !== undefined) return { availability: problem };
    try {
      return { availability: PASSED, documents: await this.#discover(apiService, target, signal) };
    } catch (error) {
      if (signal.aborted || !(error instanceof DiscoveryFailure)) throw error;
      return { availability: failed('FailedDiscoveryCheck', error.message) };
    }
  }

  async #discover(apiService: ApiService, target: ServiceTarget, signal: AbortSignal): Promise<RemoteDocuments> {
    const { group = '', version = '' } = apiService.spec ?? {};
    const path = `/apis/${group}/${version}`;
    const { origin, transport } = await this.#backend.reach(apiService, target).catch((error: unknown) => {
      throw new DiscoveryFailure(messageOf(error), { cause: error });
    });
    const url = `${origin}${path}`;
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const ended = AbortSignal.any([signal, late]);
    try {
      const answer = await read(transport, path, ended);
      if (answer.status < 200 || answer.status >= 300) throw new Error(`bad status from ${url}: ${answer.status}`);
      const index = await read(transport, '/openapi/v3', ended);
      const openApiUrl = index.status === 200 ? openApiUrlIn(index.document, path.slice(1)) : undefined;
      return { resources: resourcesIn(answer.document), ...(openApiUrl === undefined ? {} : { openApiUrl }) };
    } catch (error) {
      if (signal.aborted) throw error;
      const why = late.aborted ? 'context deadline exceeded' : reasonOf(error, url);
      throw new DiscoveryFailure(`failing or missing response from ${url}: ${why}`, { cause: error });
    }
  }
}

class DiscoveryFailure extends Error {
  override readonly name = 'DiscoveryFailure';
}

function reasonOf(error: unknown, url: string): string {
  const root = error instanceof StatusError && error.cause !== undefined ? error.cause : error;
  return errorCode(root) === undefined ? messageOf(root) : `Get "${url}": ${goNetworkError(root)}`;
}

async function read(
  transport: ApiTransport,
  target: string,
  signal: AbortSignal,
): Promise<{ status: number; document: unknown }> {
  const request = { method: 'GET', target, headers: { accept: 'application/json' }, onBehalfOf: AGGREGATOR };
  const { status, body } = await transport.send(request, signal);
  return { status, document: parsed(await bounded(body, MAX_DOCUMENT_BYTES)) };
}

/** What answers with something else than JSON is there, but serves nothing that could be shown. */
function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}
