/** A metaserver over a real API server in the same process, which may be cut off. */
import { builtInKinds } from '../../src/apiserver/index.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { InProcessTransport } from '../../src/client/index.ts';
import { MetaServer, type MetaServerOptions } from '../../src/metaserver/index.ts';
import type { TestApiServer } from './api-server.ts';
import { CutTransport } from './cut-transport.ts';
import { MemoryEdgeStore } from './memory-edge-store.ts';
import { MetaClient } from './meta-client.ts';

export class MetaOverApi {
  readonly server: MetaServer;
  readonly client: MetaClient;
  readonly store = new MemoryEdgeStore(systemClock);
  readonly #line: CutTransport;

  /** `shownAt`: the clock by which ages are shown. */
  constructor(api: TestApiServer, options: Partial<MetaServerOptions> = {}, shownAt: Clock = systemClock) {
    this.#line = new CutTransport(
      new InProcessTransport(api.server, { name: 'system:edgesite:metaserver', groups: ['system:masters'] }),
    );
    this.server = new MetaServer(
      { address: '127.0.0.1', port: 0, ...options },
      {
        transport: this.#line,
        store: this.store,
        kinds: builtInKinds(shownAt),
        clock: systemClock,
        random: Math.random,
        logger: silentLogger,
      },
    );
    this.client = new MetaClient(() => this.server.port);
  }

  get url(): string {
    return `http://127.0.0.1:${this.server.port}`;
  }

  /** From now on nothing answers, and what was open is broken off. */
  cut(): void {
    this.#line.cut();
  }

  mend(): void {
    this.#line.mend();
  }
}
