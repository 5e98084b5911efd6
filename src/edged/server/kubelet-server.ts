/** The kubelet's HTTPS server: what the API server asks of this node, in the paths and words of kubelet. */
import { PassThrough } from 'node:stream';
import type { Pod } from '../../api/kinds.ts';
import { badRequest, StatusError } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Component } from '../../base/component.ts';
import type { Logger } from '../../base/logger.ts';
import {
  type HttpAnswer,
  type HttpHandler,
  type HttpRequest,
  HttpServer,
  type Peer,
  type RawUpgrade,
} from '../../http/index.ts';
import type { TlsMaterial } from '../../http/index.ts';
import { answerUpgrade } from '../../http/index.ts';
import { terminalSizes } from '../streaming/process-session.ts';
import type { AuthorizePeer } from './authorize-peer.ts';
import { hasContainer, logContainerId, runningContainerId } from './container-lookup.ts';
import { type KubeletRoute, kubeletRoute, type PodPath } from './kubelet-routes.ts';
import { parseLogQuery } from './log-query.ts';
import type { ContainerStreams, FurtherPages, PodSource, UsageSource, VolumeUsageSource } from './ports.ts';
import { serveAttach, serveExec, servePortForward } from './process-endpoints.ts';
import { resourceMetrics, statsSummary, volumeMetrics } from './stats-summary.ts';

export interface KubeletBackend {
  readonly nodeName: string;
  readonly pods: PodSource;
  readonly streams: ContainerStreams;
  readonly usage: UsageSource;
  readonly volumes: VolumeUsageSource;
  readonly further?: FurtherPages;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface KubeletServerOptions extends KubeletBackend {
  readonly host: string;
  readonly port: number;
  /** The authority whose client certificates count. */
  readonly tls: Required<TlsMaterial>;
  readonly authorize: AuthorizePeer;
}

type Serve = {
  [K in KubeletRoute['kind']]: (
    route: Extract<KubeletRoute, { kind: K }>,
    query: URLSearchParams,
    signal: AbortSignal,
  ) => HttpAnswer | Promise<HttpAnswer>;
};

export class KubeletServer implements Component {
  readonly name = 'kubelet-server';
  readonly #http: HttpServer;

  constructor(options: KubeletServerOptions) {
    const { host, port, tls, logger } = options;
    const handler = new KubeletHandler(options, options.authorize);
    this.#http = new HttpServer({ name: this.name, host, port, tls, handler, logger });
  }

  get port(): number {
    return this.#http.port;
  }

  /** New connections use this certificate from now on. */
  renewTls(tls: TlsMaterial): void {
    this.#http.renewTls(tls);
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#http.start(signal);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

class KubeletHandler implements HttpHandler {
  readonly #backend: KubeletBackend;
  readonly #authorize: AuthorizePeer;
  readonly #serve: Serve;
  readonly #startedAt: number;

  constructor(backend: KubeletBackend, authorize: AuthorizePeer) {
    this.#backend = backend;
    this.#authorize = authorize;
    this.#startedAt = backend.clock.now();
    const { pods, usage, volumes, nodeName } = backend;
    this.#serve = {
      healthz: () => text(200, 'ok'),
      pods: () => podList(pods.list()),
      metrics: () => text(200, this.#metrics()),
      metricsResource: async (_route, _query, signal) => {
        const [node, containers] = await Promise.all([usage.node(signal), usage.containers(signal)]);
        return text(200, resourceMetrics(node, containers, pods.list()));
      },
      statsSummary: async (_route, _query, signal) => {
        const [node, containers] = await Promise.all([usage.node(signal), usage.containers(signal)]);
        const held = new Map(pods.list().map((pod) => [pod.metadata?.uid ?? '', volumes.of(pod)]));
        return json(statsSummary(nodeName, this.#startedAt, node, containers, (uid) => held.get(uid) ?? []));
      },
      containerLogs: (route, query, signal) => this.#logs(route.pod, route.container, query, signal),
      run: (route, query, signal) => this.#run(route.pod, route.container, query, signal),
      exec: upgradeRequired,
      attach: upgradeRequired,
      portForward: upgradeRequired,
    };
  }

  async handle(request: HttpRequest, peer: Peer, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      await this.#assertAllowed(request, peer, signal);
      const { path, query } = split(request.target);
      const further = request.method === 'GET' ? this.#backend.further?.page(path, query) : undefined;
      if (further !== undefined) return further;
      const route = routeOf(path);
      // TypeScript cannot see that handler and route belong together.
      const serve = this.#serve[route.kind] as (
        route: KubeletRoute,
        query: URLSearchParams,
        signal: AbortSignal,
      ) => HttpAnswer | Promise<HttpAnswer>;
      return await serve(route, query, signal);
    } catch (error) {
      return plainRefusal(error);
    }
  }

  async upgrade(request: HttpRequest, peer: Peer, raw: RawUpgrade, signal: AbortSignal): Promise<void> {
    try {
      await this.#assertAllowed(request, peer, signal);
      const { path, query } = split(request.target);
      const route = routeOf(path);
      const { streams, logger } = this.#backend;
      if (route.kind === 'portForward') {
        return await servePortForward(this.#podToReach(route.pod), query, request, raw, streams);
      }
      if (route.kind !== 'exec' && route.kind !== 'attach') throw badRequest('no other protocol is spoken here');
      const target = { pod: this.#podToReach(route.pod), container: route.container, query };
      return await (route.kind === 'exec' ? serveExec : serveAttach)(target, request, raw, streams, logger);
    } catch (error) {
      await answerUpgrade(raw, plainRefusal(error));
    }
  }

  async #assertAllowed(request: HttpRequest, peer: Peer, signal: AbortSignal): Promise<void> {
    const authorization = await this.#authorize(request, peer, signal);
    if (authorization === 'unauthenticated') throw new StatusError('Unauthorized', 'Unauthorized');
    if (authorization === 'forbidden') throw new StatusError('Forbidden', 'Forbidden');
  }

  #logs(path: PodPath, container: string, search: URLSearchParams, signal: AbortSignal): HttpAnswer {
    const { pods, streams, clock } = this.#backend;
    const pod = pods.get(path.namespace, path.name);
    if (pod === undefined) throw new StatusError('NotFound', `pod ${JSON.stringify(path.name)} does not exist\n`);
    if (!hasContainer(pod, container)) {
      const message = `container ${JSON.stringify(container)} not found in pod ${JSON.stringify(path.name)}\n`;
      throw new StatusError('NotFound', message);
    }
    const { previous, ...query } = parseLogQuery(search, clock.now());
    const id = logContainerId(pod, container, previous);
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: streams.logs(id, query, signal) };
  }

  /** Both outputs of a command, in the order in which they come. */
  #run(path: PodPath, container: string, query: URLSearchParams, signal: AbortSignal): HttpAnswer {
    const id = runningContainerId(this.#podToReach(path), container);
    const command = (query.get('cmd') ?? '').split(' ').filter((word) => word !== '');
    if (command.length === 0) throw badRequest('missing the command in "cmd"');
    const output = new PassThrough();
    const streams = { stdout: output, stderr: output, tty: false, resizes: terminalSizes(undefined) };
    this.#backend.streams.exec(id, command, streams, signal).then(
      () => output.end(),
      (error: Error) => output.destroy(error),
    );
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: output };
  }

  #podToReach({ namespace, name }: PodPath): Pod {
    const pod = this.#backend.pods.get(namespace, name);
    if (pod === undefined) throw new StatusError('NotFound', `pod not found ("${name}_${namespace}")`);
    return pod;
  }

  #metrics(): string {
    const all = this.#backend.pods.list();
    const phases = Map.groupBy(all, (pod) => pod.status?.phase ?? 'Unknown');
    const volumes = volumeMetrics(all.flatMap((pod) => this.#backend.volumes.of(pod)));
    const lines = [...phases].map(([phase, pods]) => `edged_pods{phase="${phase}"} ${pods.length}\n`);
    return `# TYPE edged_pods gauge\n${lines.join('')}${volumes}${this.#backend.further?.metrics() ?? ''}`;
  }
}

/** The plain answers of a server for this machine only: health and pods, nothing that changes or tells secrets. */
export function readOnlyHandler(pods: PodSource): HttpHandler {
  return {
    handle: (request) => {
      const kind = request.method === 'GET' ? kubeletRoute(request.target.split('?', 1)[0] ?? '')?.kind : undefined;
      if (kind === 'healthz') return Promise.resolve(text(200, 'ok'));
      if (kind === 'pods') return Promise.resolve(podList(pods.list()));
      return Promise.resolve(text(404, '404 page not found\n'));
    },
  };
}

function split(target: string): { path: string; query: URLSearchParams } {
  const [path = '/', search = ''] = target.split('?', 2);
  return { path, query: new URLSearchParams(search) };
}

function routeOf(path: string): KubeletRoute {
  const route = kubeletRoute(path);
  if (route === undefined) throw new StatusError('NotFound', '404 page not found');
  return route;
}

function upgradeRequired(): never {
  throw badRequest('unable to upgrade: missing upgrade headers in request');
}

function podList(items: readonly Pod[]): HttpAnswer {
  return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items });
}

function json(value: unknown): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) };
}

function text(status: number, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}

/** kubelet speaks plain text: the API server puts it into a Status. */
function plainRefusal(error: unknown): HttpAnswer {
  if (error instanceof StatusError) return text(error.code, error.message);
  throw error;
}
