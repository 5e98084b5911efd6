/** An API server with the controllers of a cluster, in this process; no node, so pods do what a test says. */
import { inspect } from 'node:util';
import type { KubeObject } from '../../src/api/object.ts';
import type { ResourceInfo } from '../../src/api/resources.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createKubeClient, InformerSet, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { Controllers, type ControllersOptions } from '../../src/controllers/index.ts';
import { type ApiServerOptions, backendDialer } from '../../src/apiserver/index.ts';
import { startApiServer } from './api-server.ts';
import { testPki } from './pki.ts';

const MAX_WAIT_MS = 60_000;
/** A real certificate: recorded answers are compared with one. */
export const TEST_CA = (await testPki()).authority.certPem;

export interface ControlPlane {
  /** As a cluster admin. */
  readonly client: KubeClient;
  /** As somebody else, by the rules of RBAC. */
  clientAs(name: string, groups?: string[]): KubeClient;
  /** A file, for a cluster admin. */
  readonly kubeconfig: string;
  /** Resolves as soon as the objects of the resource are as asked; rejects with what there is where that takes too long. */
  until<T extends KubeObject>(resource: ResourceInfo, holds: (objects: T[]) => boolean): Promise<T[]>;
  close(): Promise<void>;
}

export async function startControlPlane(
  changes: Partial<ControllersOptions> = {},
  apiChanges: Partial<ApiServerOptions> = {},
): Promise<ControlPlane> {
  const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
  const pki = await testPki();
  const credentials = { authorityPem: pki.authority.certPem, client: pki.admin };
  const api = await startApiServer({ dialBackend: backendDialer(credentials, 'test'), ...apiChanges });
  const clientAs = (name: string, groups: string[]) =>
    createKubeClient(new InProcessTransport(api.server, { name, groups: [...groups, 'system:authenticated'] }));
  const client = clientAs('admin', ['system:masters']);
  const seen = new InformerSet({ client, ...tools });
  const own = clientAs('system:kube-controller-manager', []);
  const informers = new InformerSet({ client: own, ...tools });
  const controllers = new Controllers({
    client: own,
    informers,
    ...tools,
    rootCaPem: TEST_CA,
    cluster: true,
    workloads: true,
    ...changes,
  });
  await seen.start(new AbortController().signal);
  await controllers.start(new AbortController().signal);
  return {
    client,
    clientAs: (name, groups = []) => clientAs(name, groups),
    kubeconfig: api.kubeconfig,
    until: <T extends KubeObject>(resource: ResourceInfo, holds: (objects: T[]) => boolean) => {
      const informer = seen.for<T>(resource);
      const found = Promise.withResolvers<T[]>();
      const look = () => {
        const objects = [...informer.objects.values()];
        if (informer.synced && holds(objects)) found.resolve(objects);
      };
      const end = informer.onChange(look);
      void informer.whenSynced().then(look);
      const limit = AbortSignal.timeout(MAX_WAIT_MS);
      limit.addEventListener('abort', () => {
        const there = [...informer.objects.values()].map(({ metadata, status }) => ({ metadata, status }));
        found.reject(new Error(`${resource.plural} never were as asked: ${inspect(there, { depth: 6 })}`));
      });
      return found.promise.finally(end);
    },
    close: async () => {
      await controllers.close();
      await informers.close();
      await seen.close();
      await api.close();
    },
  };
}
