/** The process that is measured: an API server and a metaserver over it, as in a site. Told what to do by its parent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInKinds } from '../../src/apiserver/index.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { builtIn } from '../../src/api/resources.ts';
import { createKubeClient, InProcessTransport } from '../../src/client/index.ts';
import { SqliteEdgeStore } from '../../src/edgestore/index.ts';
import { MetaServer } from '../../src/metaserver/index.ts';
import { startApiServer } from '../../test/support/api-server.ts';
import { CutTransport } from '../../test/support/cut-transport.ts';
import { AcceleratedClock } from './accelerated-clock.ts';

export type HostOrder =
  | { readonly do: 'put'; readonly name: string; readonly data: Record<string, string> }
  | { readonly do: 'cut' | 'mend' | 'memory' };

export interface HostFacts {
  readonly metaserver: number;
  readonly kubeconfig: string;
}

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const never = new AbortController().signal;
const clock: Clock = new AcceleratedClock(Number(process.argv[2] ?? 1));
const folder = mkdtempSync(join(tmpdir(), 'edgesite-bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const api = await startApiServer();
const admin = createKubeClient(new InProcessTransport(api.server, { name: 'bench', groups: ['system:masters'] }));
const caller = { name: 'system:edgesite:metaserver', groups: ['system:masters'] };
const line = new CutTransport(new InProcessTransport(api.server, caller));
const options = { file: join(folder, 'edge.db'), maxBytes: 256 * 1024 * 1024, nodeName: 'edge' };
const store = new SqliteEdgeStore(options, clock, silentLogger);
await store.start();
const server = new MetaServer(
  { address: '127.0.0.1', port: 0 },
  { transport: line, store, kinds: builtInKinds(clock), clock, random: Math.random, logger: silentLogger },
);
await server.start(never);

process.on('message', (order: HostOrder) => void obey(order).then((result) => process.send?.(result ?? null)));
process.once('disconnect', () => process.exit());
process.send?.({ metaserver: server.port, kubeconfig: api.kubeconfig } satisfies HostFacts);

async function obey(order: HostOrder): Promise<unknown> {
  switch (order.do) {
    case 'put': {
      const target = { namespace: 'default', name: order.name };
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: order.name }, data: order.data };
      const patched = admin.patch(CONFIG_MAPS, target, 'merge', { data: order.data }, never);
      await patched.catch(() => admin.create(CONFIG_MAPS, { namespace: 'default' }, object, never));
      return undefined;
    }
    case 'cut':
      return line.cut();
    case 'mend':
      return line.mend();
    case 'memory':
      global.gc?.();
      return process.memoryUsage();
  }
}
