import { builtInKinds } from '../../src/apiserver/index.ts';
import { ManualClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { type LocalPages, MetaServer, type MetaServerOptions } from '../../src/metaserver/index.ts';
import { FakeUpstream } from './fake-upstream.ts';
import { MemoryEdgeStore } from './memory-edge-store.ts';
import { MetaClient } from './meta-client.ts';

export type { Answer } from './meta-client.ts';

/** What may outlive one metaserver. */
interface MetaSiteParts {
  readonly api: FakeUpstream;
  readonly store: MemoryEdgeStore;
  readonly pages: LocalPages;
}

/** A metaserver over a fake API. */
export async function metaSite(options: Partial<MetaServerOptions> & Partial<MetaSiteParts> = {}) {
  const clock = new ManualClock(1_700_000_000_000);
  const api = options.api ?? new FakeUpstream();
  const store = options.store ?? new MemoryEdgeStore(clock);
  const pages = options.pages === undefined ? {} : { pages: options.pages };
  const server = new MetaServer(
    { address: '127.0.0.1', port: 0, ...options },
    { transport: api, store, kinds: builtInKinds(clock), clock, random: () => 0, logger: silentLogger, ...pages },
  );
  await server.start(new AbortController().signal);
  const { ask, watch } = new MetaClient(() => server.port);
  return { clock, api, store, server, ask, watch, close: () => server.close() };
}
