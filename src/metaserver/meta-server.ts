import { qualifiedResource } from '../api/status-error.ts';
import type { Clock } from '../base/clock.ts';
import type { Component, OnFatal, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiTransport } from '../client/index.ts';
import type { EdgeStore } from '../edgestore/index.ts';
import { HttpServer, type TlsMaterial } from '../http/index.ts';
import type { Gate } from './gate/gate.ts';
import { type BuiltInKinds, type LocalPages, MetaHandler } from './meta-handler.ts';
import type { LocalWritesOptions } from './writes/local-writes.ts';

/** By which names clients on this machine reach a loopback address. */
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

export interface Endpoint {
  /** `127.0.0.1` */
  readonly address: string;
  /** 10550; 0 takes any free one. */
  readonly port: number;
}

/** Tells of the pair to show, at once and whenever it changes, until the returned function is called. */
export interface CertificateSource {
  follow(listener: (pair: Omit<TlsMaterial, 'clientCa'>) => void): () => void;
}

/** HTTPS, for those whom the gate lets in. */
export interface Security {
  readonly gate: Gate;
  readonly certificate: CertificateSource;
  /** PEM of the authorities whose client certificates are good. */
  readonly clientCa: string;
  readonly onFatal: OnFatal;
}

export interface MetaServerOptions extends Endpoint {
  /** Where it listens besides. */
  readonly further?: readonly Endpoint[];
  /** Further names and addresses that clients may call it by. */
  readonly hosts?: readonly string[];
  readonly readTimeoutMs?: number;
  /** Absent: without the API every write is refused. */
  readonly writes?: LocalWritesOptions;
  /** Resources of which nothing is kept: `secrets`, `leases.coordination.k8s.io`. */
  readonly storeExclude?: readonly string[];
  /** Absent: plain HTTP, where everybody may do everything. */
  readonly security?: Security;
}

export interface MetaServerNeeds {
  readonly transport: ApiTransport;
  readonly store: EdgeStore;
  readonly kinds: BuiltInKinds;
  readonly pages?: LocalPages;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

/** The Kubernetes API at the edge: the API server while it answers, the edge store while it does not. */
export class MetaServer implements Component {
  readonly name = 'metaserver';
  readonly #options: MetaServerOptions;
  readonly #logger: Logger;
  readonly #handler: MetaHandler;
  /** The configured endpoint first. */
  #servers: HttpServer[] = [];
  #listening: Promise<void> | undefined;
  #started = false;
  #unfollow: () => void = () => undefined;

  constructor(options: MetaServerOptions, needs: MetaServerNeeds) {
    const { readTimeoutMs, security, writes, storeExclude = [] } = options;
    const addresses = endpointsOf(options).map(({ address }) => (address.includes(':') ? `[${address}]` : address));
    const hosts = [...LOOPBACK_HOSTS, ...addresses, ...(options.hosts ?? [])];
    this.#options = options;
    this.#logger = needs.logger;
    this.#handler = new MetaHandler({
      ...needs,
      hosts,
      keeps: (collection) => !storeExclude.includes(qualifiedResource(collection)),
      ...(readTimeoutMs === undefined ? {} : { readTimeoutMs }),
      ...(writes === undefined ? {} : { writes }),
      ...(security === undefined ? {} : { gate: security.gate }),
    });
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    return this.#servers[0]?.port ?? 0;
  }

  /** A secured one listens as soon as it has a certificate; it may have to wait for the API to get its first. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#handler.start();
    const { security } = this.#options;
    if (security === undefined) this.#listening = this.#listen(undefined);
    else this.#unfollow = security.certificate.follow((pair) => this.#show(pair, security));
    await this.#listening;
    signal.throwIfAborted();
    this.#started = true;
  }

  async close(): Promise<void> {
    this.#unfollow();
    await Promise.all(this.#servers.map((server) => server.close()));
    await this.#handler.close();
  }

  readiness(): Readiness {
    if (this.#listening === undefined) return { ready: false, reason: 'waits for the API to sign its certificate' };
    return this.#handler.away
      ? { ready: true, reason: 'the API is away; reads come from the edge store' }
      : { ready: true };
  }

  #show(pair: Omit<TlsMaterial, 'clientCa'>, { clientCa, onFatal }: Security): void {
    const tls = { ...pair, clientCa };
    if (this.#listening !== undefined) {
      for (const server of this.#servers) server.renewTls(tls);
      return;
    }
    this.#listening = this.#listen(tls);
    this.#listening.catch((error: unknown) => this.#started && onFatal(this.name, error));
  }

  async #listen(tls: TlsMaterial | undefined): Promise<void> {
    this.#servers = endpointsOf(this.#options).map(
      ({ address, port }) =>
        new HttpServer({
          name: this.name,
          host: address,
          port,
          ...(tls === undefined ? {} : { tls }),
          handler: this.#handler,
          logger: this.#logger,
        }),
    );
    const { signal } = new AbortController(); // listening takes no time that could be cut short
    for (const server of this.#servers) await server.start(signal);
  }
}

function endpointsOf(options: MetaServerOptions): Endpoint[] {
  return [options, ...(options.further ?? [])];
}
