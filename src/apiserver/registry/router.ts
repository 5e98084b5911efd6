/** Which part answers a call on a resource. */
import { qualifiedResource, StatusError } from '../../api/status-error.ts';
import type { ApiResponse, UpgradedConnection } from '../../client/index.ts';
import type { NodeProxy, ProxyCall } from '../nodeproxy/node-proxy.ts';
import type { ResourceCall } from './call.ts';
import type { ResourceEndpoint } from './endpoint.ts';
import { admitConnection } from './subresources/admit.ts';
import { bindPod } from './subresources/binding.ts';
import { evictPod } from './subresources/eviction.ts';
import type { SubresourceParts } from './subresources/parts.ts';
import { ScaleSubresource } from './subresources/scale.ts';

/** Answers calls on one resource or subresource that is not like the others. */
export type CallHandler = (call: ResourceCall) => Promise<ApiResponse>;

export interface RouterParts {
  readonly endpoint: ResourceEndpoint;
  readonly subresources: SubresourceParts;
  /** Absent: nothing can be reached. */
  readonly nodeProxy: NodeProxy | undefined;
  readonly now: () => number;
  /** By `serviceaccounts/token`, `tokenreviews.authentication.k8s.io`, …: what is answered by other parts. */
  readonly special: Readonly<Record<string, CallHandler>>;
}

const PROXIED = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);
const PROXIED_RESOURCES = new Set(['pods', 'services', 'nodes']);

export class ResourceRouter {
  readonly #parts: RouterParts;
  readonly #special: Readonly<Record<string, CallHandler>>;
  readonly #scale: ScaleSubresource;

  constructor(parts: RouterParts) {
    this.#parts = parts;
    const { subresources, now } = parts;
    this.#scale = new ScaleSubresource(subresources);
    this.#special = {
      'pods/binding': (call) => bindPod(subresources, call, now()),
      bindings: (call) => bindPod(subresources, call, now()),
      'pods/eviction': (call) => evictPod(subresources, call, now()),
      ...parts.special,
    };
  }

  async handle(call: ResourceCall): Promise<ApiResponse> {
    const { info, served, signal } = call;
    const resource = qualifiedResource(served.info);
    const handler = this.#special[info.subresource === '' ? resource : `${resource}/${info.subresource}`];
    if (handler !== undefined) return await handler(call);
    if (info.subresource === 'scale') return await this.#scale.handle(call);
    const proxied = proxyCallOf(call);
    if (proxied !== undefined) {
      await this.#admitConnection(call);
      return await this.#proxy().handle(proxied, signal);
    }
    return await this.#parts.endpoint.handle(call);
  }

  async upgrade(call: ResourceCall): Promise<UpgradedConnection | ApiResponse> {
    const proxied = proxyCallOf(call);
    if (proxied !== undefined) {
      await this.#admitConnection(call);
      return await this.#proxy().upgrade(proxied, call.signal);
    }
    throw new StatusError('BadRequest', 'Upgrade request required');
  }

  /** Logs are read like an object; everything else reaches into what runs. */
  async #admitConnection(call: ResourceCall): Promise<void> {
    if (call.info.subresource !== 'log') await admitConnection(this.#parts.subresources.admission, call);
  }

  #proxy(): NodeProxy {
    const { nodeProxy } = this.#parts;
    if (nodeProxy === undefined) throw new StatusError('ServiceUnavailable', 'no node can be reached from here');
    return nodeProxy;
  }
}

function proxyCallOf({ info, served, request }: ResourceCall): ProxyCall | undefined {
  if (!PROXIED.has(info.subresource) || !PROXIED_RESOURCES.has(served.info.plural)) return undefined;
  return {
    request,
    resource: served.info.plural as ProxyCall['resource'],
    subresource: info.subresource as ProxyCall['subresource'],
    namespace: info.namespace,
    name: info.name,
    path: info.rest,
  };
}
