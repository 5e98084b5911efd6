import type { Pod } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { badRequest, hasReason, StatusError } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { ApiResponse, UpgradedConnection } from '../../client/index.ts';
import { handedOn, withoutHopHeaders } from '../backends/proxied-headers.ts';
import { TransportPool } from '../backends/transport-pool.ts';
import {
  kubeletOf,
  kubeletTarget,
  type Location,
  nodeBackend,
  podBackend,
  serviceBackend,
  splitSchemeNamePort,
} from './location.ts';
import type { Backend, DialBackend, NodeProxy, ProxyCall, ProxyObjects } from './node-proxy.ts';

const PODS = builtIn('v1', 'pods');
const NODES = builtIn('v1', 'nodes');
const SERVICES = builtIn('v1', 'services');
const ENDPOINTS = builtIn('v1', 'endpoints');

export interface HttpNodeProxyOptions {
  readonly objects: ProxyObjects;
  readonly dial: DialBackend;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

export class HttpNodeProxy implements NodeProxy {
  readonly #options: HttpNodeProxyOptions;
  readonly #transports: TransportPool<Backend>;

  constructor(options: HttpNodeProxyOptions) {
    this.#options = options;
    this.#transports = new TransportPool(
      ({ scheme, host, port, node }) => `${scheme}//${host}/${port}/${node ?? ''}`,
      options.dial,
    );
  }

  async handle(call: ProxyCall, signal: AbortSignal): Promise<ApiResponse> {
    switch (call.subresource) {
      case 'log':
        return this.#log(call, signal);
      case 'proxy':
        if (call.path === '') return redirectToFolder(call.request.target);
        return this.#send(call, await this.#locate(call), signal);
      case 'attach':
      case 'exec':
      case 'portforward':
        throw badRequest('Upgrade request required');
    }
  }

  async upgrade(call: ProxyCall, signal: AbortSignal): Promise<UpgradedConnection | ApiResponse> {
    if (call.subresource === 'log') return this.handle(call, signal);
    const { backend, target } = await this.#locate(call);
    const request = { ...call.request, target, headers: handedOn(call.request, true) };
    return reached(call, () => this.#transports.to(backend).upgrade(request, signal));
  }

  async #log(call: ProxyCall, signal: AbortSignal): Promise<ApiResponse> {
    const pod = await this.#pod(call);
    const target = kubeletTarget(call, pod);
    // Where there is no node there is no log: nothing, successfully.
    if (!pod.spec?.nodeName) return { status: 204, headers: {}, body: Buffer.alloc(0) };
    const answer = await this.#send(call, { backend: await this.#kubelet(pod), target }, signal);
    if (answer.status >= 200 && answer.status <= 206) return answer;
    throw logRefused(call, answer.status, await textOf(answer.body));
  }

  async #send(call: ProxyCall, { backend, target }: Location, signal: AbortSignal): Promise<ApiResponse> {
    const request = { ...call.request, target, headers: handedOn(call.request, false) };
    const answer = await reached(call, () => this.#transports.to(backend).send(request, signal));
    return withoutHopHeaders(answer);
  }

  async #locate(call: ProxyCall): Promise<Location> {
    if (call.subresource !== 'proxy') {
      const pod = await this.#pod(call);
      const target = kubeletTarget(call, pod);
      if (!pod.spec?.nodeName) throw badRequest(`pod ${call.name} does not have a host assigned`);
      return { backend: await this.#kubelet(pod), target };
    }
    const query = call.request.target.indexOf('?');
    const target = `${call.path || '/'}${query < 0 ? '' : call.request.target.slice(query)}`;
    return { backend: await this.#proxied(call), target };
  }

  async #proxied(call: ProxyCall): Promise<Backend> {
    const { objects, random } = this.#options;
    const named = splitSchemeNamePort(call.name);
    if (named === undefined) throw badRequest(`invalid ${call.resource.slice(0, -1)} request "${call.name}"`);
    switch (call.resource) {
      case 'pods':
        return podBackend(named, await objects.get(PODS, call.namespace, named.name));
      case 'nodes':
        return nodeBackend(named, await objects.get(NODES, '', named.name));
      case 'services': {
        const service = await objects.get(SERVICES, call.namespace, named.name);
        const endpoints = await objects.get(ENDPOINTS, call.namespace, named.name).catch(absent);
        return serviceBackend(named, service, endpoints, random);
      }
    }
  }

  async #pod(call: ProxyCall): Promise<Pod> {
    return await this.#options.objects.get(PODS, call.namespace, call.name);
  }

  async #kubelet(pod: Pod): Promise<Backend> {
    return kubeletOf(await this.#options.objects.get(NODES, '', pod.spec?.nodeName ?? ''));
  }
}

async function reached<T>(call: ProxyCall, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!hasReason(error, 'ServiceUnavailable')) throw error;
    const what = call.subresource === 'proxy' ? 'service' : 'node';
    throw new StatusError('ServiceUnavailable', `error trying to reach ${what}: ${messageOf(error)}`, { cause: error });
  }
}

/** As `pkg/registry/core/rest` GenericHttpResponseChecker reads a kubelet's refusal. */
function logRefused(call: ProxyCall, status: number, text: string): StatusError {
  if (status === 500) return new StatusError('InternalError', `Internal error occurred: ${text}`);
  if (status === 400) return badRequest(text);
  const subject = `${call.resource} "${call.name}"`;
  if (status === 404) {
    const message = `the server could not find the requested resource ( pods/log ${call.name})`;
    const causes = [{ reason: 'UnexpectedServerResponse', message: text }];
    return new StatusError('NotFound', message, { details: { name: call.name, kind: 'pods/log', causes } });
  }
  return new StatusError('', `the node answered ${status} for the log of ${subject}: ${text}`, { code: status });
}

async function textOf(body: ApiResponse['body']): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Relative links of what is proxied need the slash. */
function redirectToFolder(target: string): ApiResponse {
  const [path = '', query] = target.split('?', 2);
  const location = `${path}/${query === undefined ? '' : `?${query}`}`;
  return { status: 301, headers: { location }, body: Buffer.alloc(0) };
}

function absent(error: unknown): undefined {
  if (!hasReason(error, 'NotFound')) throw error;
  return undefined;
}
