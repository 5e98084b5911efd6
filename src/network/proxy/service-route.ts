/** One port of a service with everything that decides where its packets go. Pure. */
import { isIPv4 } from 'node:net';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { endpointsOf } from '../service-index.ts';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** Where a packet may end. */
export interface Backend {
  readonly ip: string;
  readonly port: number;
  /** On this node. */
  readonly local: boolean;
}

export interface ServiceRoute {
  /** `default/web:http`; without the port's name where it has none. */
  readonly key: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly clusterIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly balancerIps: readonly string[];
  /** Who may come by the balancer's addresses; empty: everybody. */
  readonly balancerSources: readonly string[];
  /** 0: none. */
  readonly nodePort: number;
  /** How long a client stays with its backend; 0: no affinity. */
  readonly affinitySeconds: number;
  /** Whether traffic of the cluster, and from outside, stays on this node. */
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Those that take traffic now, sorted: all, and those of this node. */
  readonly backends: readonly Backend[];
  readonly localBackends: readonly Backend[];
}

type Spec = NonNullable<Service['spec']>;
type Port = NonNullable<Spec['ports']>[number];
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

/** Somebody else looks after services with this label, as with kube-proxy. */
const OTHER_PROXY = 'service.kubernetes.io/service-proxy-name';
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** The routes of a service; none where it is headless, a name, or another proxy's. IPv4 only. */
export function routesOf(service: Service, slices: readonly EndpointSlice[], nodeName: string): ServiceRoute[] {
  const { spec = {} } = service;
  const clusterIps = (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => isIPv4(ip));
  if (spec.type === 'ExternalName' || clusterIps.length === 0) return [];
  if (service.metadata?.labels?.[OTHER_PROXY] !== undefined) return [];
  const shared = { clusterIps, ...entriesOf(service), ...policiesOf(spec) };
  return (spec.ports ?? []).map((port) => {
    const endpoints = candidatesFor(port, slices, nodeName);
    return {
      ...shared,
      key: port.name ? `${objectKey(service)}:${port.name}` : objectKey(service),
      protocol: protocolOf(port),
      port: port.port,
      nodePort: port.nodePort ?? 0,
      backends: inUse(endpoints),
      localBackends: inUse(endpoints.filter(({ local }) => local)),
    };
  });
}

/** Addresses beside that of the cluster. */
function entriesOf({
  spec = {},
  status,
}: Service): Pick<ServiceRoute, 'externalIps' | 'balancerIps' | 'balancerSources'> {
  const balancer = (status?.loadBalancer?.ingress ?? []).filter(({ ipMode }) => ipMode !== 'Proxy');
  return {
    externalIps: (spec.externalIPs ?? []).filter((ip) => isIPv4(ip)),
    balancerIps: balancer.flatMap(({ ip = '' }) => (isIPv4(ip) ? [ip] : [])),
    balancerSources: (spec.loadBalancerSourceRanges ?? []).map((range) => range.trim()).filter(isRangeV4),
  };
}

function isRangeV4(range: string): boolean {
  return isIPv4(range.split('/')[0] ?? '');
}

function policiesOf(spec: Spec): Pick<ServiceRoute, 'affinitySeconds' | 'internalLocal' | 'externalLocal'> {
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
  return {
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? seconds : 0,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
  };
}

interface Candidate extends Backend {
  readonly state: 'ready' | 'serving' | 'no';
}

/** Several slices may name an endpoint while the controller moves it: the best of what they say holds. */
function candidatesFor(port: Port, slices: readonly EndpointSlice[], nodeName: string): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue;
    const number = targetOf(port, slice);
    if (number === undefined) continue;
    for (const endpoint of endpointsOf(slice)) {
      const state = stateOf(endpoint);
      for (const ip of endpoint.addresses.slice(0, 1)) {
        const key = `${ip}:${number}`;
        if (found.get(key)?.state === 'ready' || state === 'no') continue;
        found.set(key, { ip, port: number, local: endpoint.nodeName === nodeName, state });
      }
    }
  }
  return [...found.values()];
}

function targetOf(port: Port, { ports }: EndpointSlice): number | undefined {
  const same = ports?.find((each) => (each.name ?? '') === (port.name ?? '') && protocolOf(each) === protocolOf(port));
  return same?.port;
}

function stateOf({ conditions }: Endpoint): Candidate['state'] {
  if (conditions?.ready !== false) return 'ready';
  return conditions.serving === true && conditions.terminating === true ? 'serving' : 'no';
}

/** The ready ones; where there is none, those that end but still serve, so that a rollout loses nothing. */
function inUse(candidates: readonly Candidate[]): Backend[] {
  const ready = candidates.filter(({ state }) => state === 'ready');
  return (ready.length > 0 ? ready : candidates)
    .map(({ ip, port, local }) => ({ ip, port, local }))
    .sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port));
}

function protocolOf({ protocol = 'TCP' }: { protocol?: string }): Protocol {
  return protocol.toLowerCase() as Protocol; // validated by the server
}
