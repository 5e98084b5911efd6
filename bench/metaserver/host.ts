/** The process that is measured: an API server and a metaserver over it, as in a site. Told what to do by its parent. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInKinds } from '../../src/apiserver/index.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { builtIn } from '../../src/api/resources.ts';
import {
  type ApiTransport,
  createKubeClient,
  HttpTransport,
  InProcessTransport,
  loadKubeconfig,
} from '../../src/client/index.ts';
import { SqliteEdgeStore } from '../../src/edgestore/index.ts';
import { MetaServer } from '../../src/metaserver/index.ts';
import { ApiProcess } from '../../test/support/api-process.ts';
import { startApiServer } from '../../test/support/api-server.ts';
import { CutTransport } from '../../test/support/cut-transport.ts';
import { AcceleratedClock } from './accelerated-clock.ts';

export type HostOrder =
  | { readonly do: 'put'; readonly name: string; readonly data: Readonly<Record<string, string>> }
  /** So many objects at once. */
  | { readonly do: 'put-many'; readonly names: readonly string[]; readonly data: Readonly<Record<string, string>> }
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

const { kubeconfig, transport } = process.argv[3] === 'apart' ? await apart() : await within();
const admin = createKubeClient(transport);
const line = new CutTransport(transport);
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
process.send?.({ metaserver: server.port, kubeconfig } satisfies HostFacts);

async function within(): Promise<{ kubeconfig: string; transport: ApiTransport }> {
  const api = await startApiServer();
  const transport = new InProcessTransport(api.server, { name: 'bench', groups: ['system:masters'] });
  return { kubeconfig: api.kubeconfig, transport };
}

/** The API server as a process of its own, so that only the metaserver is measured. */
async function apart(): Promise<{ kubeconfig: string; transport: ApiTransport }> {
  const api = await ApiProcess.start();
  process.once('exit', () => api.kill());
  const { kubeconfig } = api;
  return { kubeconfig, transport: new HttpTransport({ connection: loadKubeconfig(kubeconfig), userAgent: 'bench' }) };
}

async function obey(order: HostOrder): Promise<unknown> {
  switch (order.do) {
    case 'put':
      return await put(order.name, order.data);
    case 'put-many':
      await Promise.all(order.names.map((name) => put(name, order.data)));
      return undefined;
    case 'cut':
      return line.cut();
    case 'mend':
      return line.mend();
    case 'memory':
      global.gc?.();
      return process.memoryUsage();
  }
}

async function put(name: string, data: Readonly<Record<string, string>>): Promise<void> {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  const patched = admin.patch(CONFIG_MAPS, { namespace: 'default', name }, 'merge', { data }, never);
  await patched.catch(() => admin.create(CONFIG_MAPS, { namespace: 'default' }, object, never));
}
