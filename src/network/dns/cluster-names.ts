/**
 * What the names of a cluster mean: DNS-Based Service Discovery for Kubernetes, version 1.1.0, and the names of pods by
 * their addresses as CoreDNS answers them. Looks only into memory.
 */
import { isIP } from 'node:net';
import type { EndpointSlice, Service } from '../../api/kinds.ts';
import { joinKey, objectKey } from '../../api/object.ts';
import type { IndexDefinition, ObjectLookup } from '../../client/index.ts';
import { endpointsOf, SLICES_OF_SERVICE } from '../service-index.ts';
import type { DnsRecord } from './dns-message.ts';
import { addressOfReverse } from './reverse-name.ts';

export type Outcome =
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[]; readonly additionals?: readonly DnsRecord[] }
  /** The name is there, though nothing of this type. */
  | { readonly kind: 'nodata' }
  | { readonly kind: 'nxdomain' }
  /** Another name stands for it. */
  | { readonly kind: 'alias'; readonly target: string }
  /** Not a name of the cluster. */
  | { readonly kind: 'elsewhere' };

export interface ClusterView {
  /** `cluster.local` */
  readonly domain: string;
  readonly services: ObjectLookup<Service>;
  readonly slices: ObjectLookup<EndpointSlice>;
}

/** An endpoint that takes traffic, under the name that it has below its service. */
interface Member {
  readonly ip: string;
  readonly host: string;
  readonly ports: NonNullable<EndpointSlice['ports']>;
}

const SCHEMA_VERSION = '1.1.0';
const NODATA: Outcome = { kind: 'nodata' };
const NXDOMAIN: Outcome = { kind: 'nxdomain' };

export const SERVICES_BY_ADDRESS: IndexDefinition<Service> = {
  name: 'cluster-ip',
  valuesOf: (service) => clusterIpsOf(service),
};

/** Only endpoints that have a name of their own are found by their address. */
export const SLICES_BY_ADDRESS: IndexDefinition<EndpointSlice> = {
  name: 'named-address',
  valuesOf: (slice) => [
    ...new Set(endpointsOf(slice).flatMap(({ hostname, addresses: all }) => (hostname ? all : []))),
  ],
};

/** `name` without a dot at its end, in any case; records come under the name as it was asked. */
export function lookUp(view: ClusterView, name: string, type: string): Outcome {
  const lower = name.toLowerCase();
  const address = addressOfReverse(lower);
  if (address !== undefined) return byAddress(view, name, address, type);
  if (lower === view.domain) return apex(view, name, type);
  if (!lower.endsWith(`.${view.domain}`)) return { kind: 'elsewhere' };
  const labels = lower.slice(0, -view.domain.length - 1).split('.');
  const branch = labels.pop();
  if (branch === 'svc') return inServices(view, name, labels, type);
  if (branch === 'pod') return podByAddress(name, labels, type);
  if (branch === 'dns-version' && labels.length === 0)
    return ofType([{ type: 'TXT', name, data: SCHEMA_VERSION }], type);
  return NXDOMAIN;
}

/** The start of authority of the cluster's zone, which goes with answers of nothing. */
export function authorityOf(domain: string): DnsRecord {
  return {
    type: 'SOA',
    name: domain,
    data: {
      mname: `ns.dns.${domain}`,
      rname: `hostmaster.${domain}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86_400,
      minimum: 5,
    },
  };
}

function apex({ domain }: ClusterView, name: string, type: string): Outcome {
  return ofType([authorityOf(domain), { type: 'NS', name, data: `ns.dns.${domain}` }], type);
}

/** Below `svc`: `[namespace]`, `[service, namespace]`, `[host, service, namespace]` or `[_port, _protocol, …]`. */
function inServices(view: ClusterView, name: string, labels: readonly string[], type: string): Outcome {
  const [namespace, service, third, fourth, ...more] = labels.toReversed();
  if (namespace === undefined) return NODATA;
  if (service === undefined) return view.services.inNamespace(namespace).length > 0 ? NODATA : NXDOMAIN;
  const found = view.services.get(joinKey(namespace, service));
  if (found === undefined || more.length > 0) return NXDOMAIN;
  if (third === undefined) return ofService(view, found, name, type);
  if (fourth === undefined) {
    return third.startsWith('_') ? ofProtocol(view, found, third) : ofMember(view, found, name, third, type);
  }
  return ofPort(view, found, name, { port: fourth, protocol: third }, type);
}

function ofService(view: ClusterView, service: Service, name: string, type: string): Outcome {
  const { type: kind, externalName = '' } = service.spec ?? {};
  if (kind === 'ExternalName') return { kind: 'alias', target: externalName.replace(/\.$/, '') };
  const members = isHeadless(service) ? membersOf(view, service) : undefined;
  const ips = members?.map(({ ip }) => ip) ?? clusterIpsOf(service);
  if (ips.length === 0) return NXDOMAIN;
  if (type === 'SRV') return targets(view, service, name, () => true);
  return ofType(addresses(name, ips), type);
}

/** One endpoint of a service, by its host name or by its address with dashes. */
function ofMember(view: ClusterView, service: Service, name: string, host: string, type: string): Outcome {
  const ips = membersOf(view, service).flatMap((member) => (member.host === host ? [member.ip] : []));
  return ips.length === 0 ? NXDOMAIN : ofType(addresses(name, ips), type);
}

/** `_tcp` holds no record of its own, only the ports below it. */
function ofProtocol(view: ClusterView, service: Service, protocol: string): Outcome {
  return portsOf(view, service).some((port) => isOver(port, protocol)) ? NODATA : NXDOMAIN;
}

function ofPort(
  view: ClusterView,
  service: Service,
  name: string,
  wanted: { port: string; protocol: string },
  type: string,
): Outcome {
  const outcome = targets(
    view,
    service,
    name,
    (port) => (port.name ?? '') !== '' && `_${port.name}` === wanted.port && isOver(port, wanted.protocol),
  );
  return outcome.kind === 'records' && type !== 'SRV' ? NODATA : outcome;
}

interface NamedPort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
}

function isOver({ protocol = 'TCP' }: NamedPort, label: string): boolean {
  return `_${protocol.toLowerCase()}` === label;
}

function portsOf(view: ClusterView, service: Service): readonly NamedPort[] {
  if (!isHeadless(service)) return service.spec?.ports ?? [];
  return membersOf(view, service).flatMap(({ ports }) => ports);
}

/** SRV records of the ports that are wanted, with the addresses of what they lead to. */
function targets(view: ClusterView, service: Service, name: string, wanted: (port: NamedPort) => boolean): Outcome {
  const below = `${serviceName(service)}.svc.${view.domain}`;
  const hosts = isHeadless(service)
    ? membersOf(view, service).map(({ ip, host, ports }) => ({ target: `${host}.${below}`, ips: [ip], ports }))
    : [{ target: below, ips: clusterIpsOf(service), ports: service.spec?.ports ?? [] }];
  const found = hosts.flatMap(({ target, ips, ports }) =>
    ports.filter(wanted).flatMap(({ port }) => (port === undefined ? [] : [{ target, ips, port }])),
  );
  if (found.length === 0) return NXDOMAIN;
  const weight = Math.max(1, Math.floor(100 / found.length));
  const named = new Map(found.map(({ target, ips }) => [target, ips]));
  return {
    kind: 'records',
    records: found.map(({ target, port }) => ({ type: 'SRV', name, data: { priority: 0, weight, port, target } })),
    additionals: [...named].flatMap(([target, ips]) => addresses(target, ips)),
  };
}

function podByAddress(name: string, labels: readonly string[], type: string): Outcome {
  const [namespace, dashed, ...more] = labels.toReversed();
  if (dashed === undefined) return NODATA;
  const ip = [dashed.replaceAll('-', '.'), dashed.replaceAll('-', ':')].find((each) => isIP(each) !== 0);
  if (namespace === undefined || ip === undefined || more.length > 0) return NXDOMAIN;
  return ofType(addresses(name, [ip]), type);
}

/** The service or named endpoint at an address; of other addresses others may know. */
function byAddress(view: ClusterView, name: string, address: string, type: string): Outcome {
  const services = view.services.by(SERVICES_BY_ADDRESS, address).map(serviceName);
  const members = view.slices
    .by(SLICES_BY_ADDRESS, address)
    .flatMap((slice) => namedAt(slice, address))
    .filter((host) => view.services.get(serviceKeyOf(host)) !== undefined);
  const owners = services.length > 0 ? services : members;
  if (owners.length === 0) return { kind: 'elsewhere' };
  const records = [...new Set(owners)].map(
    (owner) => ({ type: 'PTR', name, data: `${owner}.svc.${view.domain}` }) as const,
  );
  return ofType(records, type);
}

/** `host.service.namespace` of the endpoints at the address. */
function namedAt(slice: EndpointSlice, address: string): string[] {
  const [key = ''] = SLICES_OF_SERVICE.valuesOf(slice);
  const [namespace, service] = key.split('/');
  return endpointsOf(slice).flatMap(({ addresses: all, hostname }) =>
    hostname && all.includes(address) ? [`${hostname}.${service}.${namespace}`] : [],
  );
}

function serviceKeyOf(host: string): string {
  const [, service = '', namespace] = host.split('.');
  return joinKey(namespace, service);
}

/** `web.default` */
function serviceName({ metadata }: Service): string {
  return `${metadata?.name}.${metadata?.namespace}`;
}

function membersOf({ slices }: ClusterView, service: Service): Member[] {
  const members = new Map<string, Member>();
  for (const slice of slices.by(SLICES_OF_SERVICE, objectKey(service))) {
    for (const { addresses: all, conditions, hostname } of endpointsOf(slice)) {
      const [ip = ''] = all;
      if (conditions?.ready === false || isIP(ip) === 0) continue;
      const host = hostname || ip.replaceAll(/[.:]/g, '-');
      members.set(`${slice.metadata?.name}/${ip}`, { ip, host, ports: slice.ports ?? [] });
    }
  }
  return [...members.values()];
}

function isHeadless({ spec }: Service): boolean {
  return spec?.clusterIP === 'None';
}

function clusterIpsOf({ spec = {} }: Service): string[] {
  return (spec.clusterIPs ?? [spec.clusterIP ?? '']).filter((ip) => isIP(ip) !== 0);
}

function addresses(name: string, ips: readonly string[]): DnsRecord[] {
  return [...new Set(ips)].map((data) => ({ type: isIP(data) === 6 ? 'AAAA' : 'A', name, data }));
}

function ofType(records: readonly DnsRecord[], type: string): Outcome {
  const wanted = records.filter((record) => record.type === type);
  return wanted.length === 0 ? NODATA : { kind: 'records', records: wanted };
}
