/** What makes Services reachable on this node. */
import type { EndpointSlice, Service } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import type { Component } from '../base/component.ts';
import { AUTHENTICATED } from '../auth/index.ts';
import { createKubeClient, EventRecorder, Informer, type SnapshotPort } from '../client/index.ts';
import { type EdgeStore, InformerSnapshot } from '../edgestore/index.ts';
import { iptables, type PodNetwork, prepareBridge, ServiceProxy } from '../network/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const IDENTITY = 'system:kube-proxy';

export interface NetworkParts {
  /** In the order of their start. */
  readonly parts: readonly Component[];
  /** Where the pods of the node are, as soon as that is known. */
  readonly onPodNetwork: (network: PodNetwork) => void;
}

export function networkParts(ground: Ground, access: ApiAccess, store: EdgeStore): NetworkParts {
  const { config, clock, random, nodeName, dataDir } = ground;
  if (!config.network['service-proxy']) return { parts: [], onPodNetwork: () => undefined };
  const logger = ground.logger.child('network');
  const client = createKubeClient(access.transportAs({ name: IDENTITY, groups: [AUTHENTICATED] }));
  const shared = { client, clock, random, logger };
  const services = new Informer<Service>({
    ...shared,
    resource: SERVICES,
    snapshot: readOnly(new InformerSnapshot<Service>(store, { resource: SERVICES }, logger)),
  });
  const slices = new Informer<EndpointSlice>({
    ...shared,
    resource: SLICES,
    snapshot: new InformerSnapshot<EndpointSlice>(store, { resource: SLICES }, logger),
  });
  const events = new EventRecorder({ client, clock, logger, component: 'kube-proxy', host: nodeName });
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
  const proxy = new ServiceProxy(
    { siteId: dataDir.siteId, nodeName },
    {
      services,
      slices,
      filter: iptables,
      prepareBridge,
      onUnavailable: (message) => events.record(node, 'Warning', 'ServicesNotRouted', message),
      clock,
      random,
      logger,
    },
  );
  const sources = running('service-informers', [services, slices], events);
  return { parts: [sources, proxy], onPodNetwork: (network) => proxy.usePods(network) };
}

/** edged keeps the copy of services for offline times; here it is only read. */
function readOnly<T extends Service>(snapshot: SnapshotPort<T>): SnapshotPort<T> {
  return { load: () => snapshot.load(), replace: () => undefined, apply: () => undefined };
}

function running(
  name: string,
  informers: readonly Pick<Informer, 'start' | 'close'>[],
  events: EventRecorder,
): Component {
  return {
    name,
    start: () => {
      for (const informer of informers) informer.start();
      return Promise.resolve();
    },
    close: async () => {
      await Promise.all([...informers.map((informer) => informer.close()), events.close()]);
    },
  };
}
