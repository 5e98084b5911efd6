import type { Clock } from '../base/clock.ts';
import type { Component, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { ApiTransport } from '../client/index.ts';
import type { EdgeStore } from '../edgestore/index.ts';
import { HttpServer } from '../http/index.ts';
import { MetaHandler } from './meta-handler.ts';

/** By which names clients on this machine reach a loopback address. */
const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];

export interface MetaServerOptions {
  /** `127.0.0.1` */
  readonly address: string;
  /** 10550; 0 takes any free one. */
  readonly port: number;
  /** Further names and addresses that clients may call it by. */
  readonly hosts?: readonly string[];
  readonly readTimeoutMs?: number;
}

/** The Kubernetes API at the edge: the API server while it answers, the edge store while it does not. */
export class MetaServer implements Component {
  readonly name = 'metaserver';
  readonly #server: HttpServer;
  readonly #handler: MetaHandler;

  constructor(
    options: MetaServerOptions,
    needs: { transport: ApiTransport; store: EdgeStore; clock: Clock; random: () => number; logger: Logger },
  ) {
    const { address, port, readTimeoutMs } = options;
    const hosts = [...LOOPBACK_HOSTS, address, ...(options.hosts ?? [])];
    this.#handler = new MetaHandler({ ...needs, hosts, ...(readTimeoutMs === undefined ? {} : { readTimeoutMs }) });
    this.#server = new HttpServer({
      name: this.name,
      host: address,
      port,
      handler: this.#handler,
      logger: needs.logger,
    });
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    return this.#server.port;
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.#server.start(signal);
  }

  async close(): Promise<void> {
    this.#handler.close();
    await this.#server.close();
  }

  readiness(): Readiness {
    return this.#handler.away
      ? { ready: true, reason: 'the API is away; reads come from the edge store' }
      : { ready: true };
  }
}
