/** What makes Services reachable on this node, by their addresses and by their names. */
import type { EndpointSlice, Service } from '../api/kinds.ts';
import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import type { Component } from '../base/component.ts';
import { AUTHENTICATED } from '../auth/index.ts';
import { createKubeClient, EventRecorder, Informer, type InformerOptions, type SnapshotPort } from '../client/index.ts';
import type { SiteConfig } from '../config/index.ts';
import type { EdgedSettings } from '../edged/index.ts';
import { type EdgeStore, InformerSnapshot } from '../edgestore/index.ts';
import { ClusterDns, iptables, type PodNetwork, prepareBridge, ServiceProxy } from '../network/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';

const SERVICES = builtIn('v1', 'services');
const SLICES = builtIn('discovery.k8s.io/v1', 'endpointslices');
const IDENTITY = 'system:kube-proxy';
const DEFAULT_DOMAIN = 'cluster.local';
const DNS_PORT = 53;

export interface NetworkParts {
  /** In the order of their start. */
  readonly parts: readonly Component[];
  /** Whom pods ask for names. */
  readonly dns: EdgedSettings['dns'];
  /** Where the pods of the node are, as soon as that is known. */
  readonly onPodNetwork: (network: PodNetwork) => void;
}

export function networkParts(ground: Ground, access: ApiAccess, store: EdgeStore): NetworkParts {
  const { config, clock, random, nodeName, dataDir } = ground;
  const dns = dnsOfPods(config);
  const logger = ground.logger.child('network');
  const client = createKubeClient(access.transportAs({ name: IDENTITY, groups: [AUTHENTICATED] }));
  const sources = informersOf(store, { client, clock, random, logger });
  const events = new EventRecorder({ client, clock, logger, component: 'kube-proxy', host: nodeName });
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: nodeName, uid: nodeName } };
  const warn = (reason: string) => (message: string) => events.record(node, 'Warning', reason, message);
  const needs = { ...sources, clock, random, logger };
  const proxy = new ServiceProxy(
    { siteId: dataDir.siteId, nodeName, servesNames: dns.servers === 'gateway' },
    { ...needs, filter: iptables, prepareBridge, onUnavailable: warn('ServicesNotRouted') },
  );
  const names = new ClusterDns(
    { domain: dns.domain, upstreams: config.network['dns-upstreams'], port: DNS_PORT },
    { ...needs, onUnavailable: warn('NamesNotServed') },
  );
  const used = [...(config.network['service-proxy'] ? [proxy] : []), ...(dns.servers === 'gateway' ? [names] : [])];
  if (used.length === 0) return { parts: [], dns, onPodNetwork: () => undefined };
  return {
    parts: [running('service-informers', Object.values(sources), events), ...used],
    dns,
    onPodNetwork: (network) => {
      for (const each of used) each.usePods(network);
    },
  };
}

/** The server that the user names wins, such as EdgeMesh's. */
function dnsOfPods({ edged, network }: SiteConfig): EdgedSettings['dns'] {
  const { 'cluster-dns': named, 'cluster-domain': domain } = edged;
  if (named !== '') return { servers: [named], domain };
  return network.dns ? { servers: 'gateway', domain: domain || DEFAULT_DOMAIN } : { servers: [], domain };
}

function informersOf(store: EdgeStore, shared: Pick<InformerOptions, 'client' | 'clock' | 'random' | 'logger'>) {
  const { logger } = shared;
  const services = new InformerSnapshot<Service>(store, { resource: SERVICES }, logger);
  const slices = new InformerSnapshot<EndpointSlice>(store, { resource: SLICES }, logger);
  return {
    // edged keeps the copy of services for offline times.
    services: new Informer<Service>({ ...shared, resource: SERVICES, snapshot: readOnly(services) }),
    slices: new Informer<EndpointSlice>({ ...shared, resource: SLICES, snapshot: slices }),
  };
}

function readOnly<T extends KubeObject>(snapshot: SnapshotPort<T>): SnapshotPort<T> {
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
