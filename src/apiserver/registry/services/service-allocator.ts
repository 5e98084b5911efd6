/** Cluster IPs and node ports of services: upstream's `pkg/registry/core/service/storage/alloc.go`. */
import { invalid, invalidObject, type FieldError } from '../../../api/field-error.ts';
import type { Service } from '../../../api/kinds.ts';
import { objectKey, type KubeObject } from '../../../api/object.ts';
import { StatusError } from '../../../api/status-error.ts';
import type { Clock } from '../../../base/clock.ts';
import type { NetworkSettings } from '../../options.ts';
import { parseStored } from '../codec.ts';
import type { ObjectStore } from '../../store/index.ts';
import type { WriteContext } from '../write-context.ts';
import { IpRange } from './ip-range.ts';

type Spec = NonNullable<Service['spec']>;
type Port = NonNullable<Spec['ports']>[number];

/** What was given out counts as taken until its service is stored, or for this long. */
const RESERVED_MS = 10_000;
/** Random places are tried first, then all in order. */
const RANDOM_TRIES = 32;
const SERVICE = { group: '', kind: 'Service' };
const IP_FIELD = 'spec.clusterIPs';

/** Values of one sort: which are taken, by whom. */
class Taken {
  readonly #owners = new Map<string, string>();
  readonly #reserved = new Map<string, number>();

  has(value: string, owner: string, now: number): boolean {
    const held = this.#owners.get(value);
    return (held !== undefined && held !== owner) || (held === undefined && (this.#reserved.get(value) ?? 0) > now);
  }

  reserve(value: string, now: number): void {
    for (const [each, until] of this.#reserved) if (until <= now) this.#reserved.delete(each);
    this.#reserved.set(value, now + RESERVED_MS);
  }

  replace(owner: string, before: readonly string[], after: readonly string[]): void {
    for (const value of before) if (this.#owners.get(value) === owner) this.#owners.delete(value);
    for (const value of after) {
      this.#owners.set(value, owner);
      this.#reserved.delete(value);
    }
  }
}

export interface ServiceAllocatorParts {
  readonly store: ObjectStore;
  readonly network: NetworkSettings;
  readonly clock: Clock;
  readonly random: () => number;
}

export class ServiceAllocator {
  readonly #parts: ServiceAllocatorParts;
  readonly #range: IpRange;
  readonly #ips = new Taken();
  readonly #ports = new Taken();

  constructor(parts: ServiceAllocatorParts) {
    this.#parts = parts;
    this.#range = new IpRange(parts.network.serviceCidr);
  }

  /** The address of the API server's own service. */
  get firstIp(): string {
    return this.#range.at(0);
  }

  /** Takes in what is stored and follows it. */
  async start(): Promise<void> {
    const { store } = this.#parts;
    const page = await store.list({ resource: 'services' });
    for (const stored of page.items) this.#follow(undefined, parseStored(stored));
    store.watch('services', page.revision, ({ type, previous, ...stored }) => {
      const before = previous === undefined ? undefined : parseStored(previous);
      this.#follow(before, type === 'DELETED' ? undefined : parseStored(stored));
    });
  }

  /** Fills in what a service needs and has not got. Throws Invalid for values that cannot be had. */
  allocate(object: KubeObject, old: KubeObject | undefined, { served, subresource }: WriteContext): void {
    if (served.storageKey !== 'services' || subresource !== '') return;
    const service: Service = object;
    const { spec } = service;
    if (spec === undefined) return;
    const existing: Service | undefined = old;
    const before = existing?.spec;
    if (before !== undefined) carryOver(spec, before);
    const owner = objectKey(object);
    const errors = [...this.#allocateIp(spec, before, owner), ...this.#allocatePorts(spec, owner)];
    if (errors.length > 0) throw invalidObject(SERVICE, object.metadata?.name ?? '', errors);
  }

  #allocateIp(spec: Spec, before: Spec | undefined, owner: string): FieldError[] {
    if (!needsIp(spec)) {
      const hadIp = before !== undefined && needsIp(before);
      if (hadIp && spec.clusterIP === before.clusterIP) dropIp(spec);
      return [];
    }
    const wanted = wantedIp(spec);
    if (wanted === 'None') {
      spec.clusterIP = 'None';
      spec.clusterIPs = ['None'];
      // Without a selector whoever makes the endpoints may use either family.
      if (spec.selector === undefined) setFamilies(spec, ['IPv4', 'IPv6'], 'RequireDualStack');
      else setFamilies(spec, ['IPv4'], 'SingleStack');
      return [];
    }
    if (wanted !== '' && wanted !== before?.clusterIP) {
      const fault = this.#faultOf(wanted, owner);
      if (fault !== undefined) return [invalid(IP_FIELD, spec.clusterIPs ?? [wanted], fault)];
    }
    const unmet = familyErrors(spec);
    if (unmet.length > 0) return unmet;
    const address = wanted === '' ? this.#freeIp(owner) : wanted;
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    setFamilies(spec, ['IPv4'], 'SingleStack');
    this.#ips.reserve(address, this.#parts.clock.now());
    return [];
  }

  #faultOf(address: string, owner: string): string | undefined {
    const failed = `failed to allocate IP ${address}`;
    if (!this.#range.has(address)) {
      return `${failed}: the provided network does not match the current range`;
    }
    return this.#ips.has(address, owner, this.#parts.clock.now())
      ? `${failed}: provided IP is already allocated`
      : undefined;
  }

  #freeIp(owner: string): string {
    const isFree = (index: number): boolean => !this.#ips.has(this.#range.at(index), owner, this.#parts.clock.now());
    const index = this.#pick(this.#range.size, isFree);
    if (index !== undefined) return this.#range.at(index);
    throw new StatusError('InternalError', 'failed to allocate a serviceIP: range is full');
  }

  #allocatePorts(spec: Spec, owner: string): FieldError[] {
    if (!needsNodePorts(spec)) return [];
    const now = this.#parts.clock.now();
    const { from, to } = this.#parts.network.nodePorts;
    const errors: FieldError[] = [];
    const mine = new Map<string, string>();
    (spec.ports ?? []).forEach((port, index) => {
      const given = port.nodePort ?? 0;
      const transport = port.protocol ?? 'TCP';
      if (given === 0) return;
      const key = `${given}`;
      const shared = mine.has(key) && mine.get(key) !== transport;
      mine.set(key, transport);
      const field = `spec.ports[${index}].nodePort`;
      if (given < from || given > to) {
        const why = `provided port is not in the valid range. The range of valid ports is ${from}-${to}`;
        errors.push(invalid(field, given, why));
      } else if (!shared && this.#ports.has(key, owner, now)) {
        errors.push(invalid(field, given, 'provided port is already allocated'));
      } else this.#ports.reserve(key, now);
    });
    if (errors.length > 0) return errors;
    for (const port of spec.ports ?? []) if ((port.nodePort ?? 0) === 0) port.nodePort = this.#freePort(owner);
    return [];
  }

  #freePort(owner: string): number {
    const now = this.#parts.clock.now();
    const { from, to } = this.#parts.network.nodePorts;
    const index = this.#pick(to - from + 1, (each) => !this.#ports.has(String(from + each), owner, now));
    if (index === undefined) throw new StatusError('InternalError', 'failed to allocate a nodePort: range is full');
    this.#ports.reserve(String(from + index), now);
    return from + index;
  }

  #pick(size: number, isFree: (index: number) => boolean): number | undefined {
    for (let i = 0; i < RANDOM_TRIES; i += 1) {
      const index = Math.floor(this.#parts.random() * size);
      if (isFree(index)) return index;
    }
    for (let index = 0; index < size; index += 1) if (isFree(index)) return index;
    return undefined;
  }

  #follow(before: Service | undefined, after: Service | undefined): void {
    const owner = objectKey(after ?? before ?? {});
    this.#ips.replace(owner, ipsOf(before), ipsOf(after));
    this.#ports.replace(owner, portsOf(before), portsOf(after));
  }
}

function needsIp({ type }: Spec): boolean {
  return type !== 'ExternalName';
}

/** There is one range of addresses, of IPv4. */
function familyErrors({ ipFamilies, ipFamilyPolicy }: Spec): FieldError[] {
  return [
    ...(ipFamilyPolicy === 'RequireDualStack'
      ? [invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...(ipFamilies ?? []).flatMap((family, index) =>
      family === 'IPv4' ? [] : [invalid(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
    ),
  ];
}

function needsNodePorts({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

function wantedIp({ clusterIP, clusterIPs }: Spec): string {
  return [clusterIP, clusterIPs?.[0]].find((each) => each !== undefined && each !== '') ?? '';
}

function setFamilies(spec: Spec, families: string[], policy: string): void {
  spec.ipFamilies ??= families;
  spec.ipFamilyPolicy ??= policy;
}

function dropIp(spec: Spec): void {
  delete spec.clusterIP;
  delete spec.clusterIPs;
  delete spec.ipFamilies;
  delete spec.ipFamilyPolicy;
}

/** An update that leaves out what was allocated means to keep it; a change of type gives back what is not needed. */
function carryOver(spec: Spec, before: Spec): void {
  if (needsIp(spec) && needsIp(before) && wantedIp(spec) === '') {
    if (before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if (before.clusterIPs !== undefined) spec.clusterIPs = [...before.clusterIPs];
  }
  if (needsIp(spec) && before.ipFamilies !== undefined) spec.ipFamilies ??= [...before.ipFamilies];
  if (needsIp(spec) && before.ipFamilyPolicy !== undefined) spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
  for (const port of spec.ports ?? []) {
    const same = before.ports?.find((each) => isSamePort(each, port))?.nodePort;
    if (needsNodePorts(spec) && needsNodePorts(before) && same !== undefined) port.nodePort ??= same;
    if (!needsNodePorts(spec) && needsNodePorts(before) && port.nodePort === same) delete port.nodePort;
  }
}

function isSamePort(a: Port, b: Port): boolean {
  return a.port === b.port && (a.protocol ?? 'TCP') === (b.protocol ?? 'TCP');
}

function ipsOf(service: Service | undefined): string[] {
  const address = service?.spec?.clusterIP;
  return address === undefined || address === '' || address === 'None' ? [] : [address];
}

function portsOf(service: Service | undefined): string[] {
  return (service?.spec?.ports ?? []).flatMap(({ nodePort }) => (nodePort === undefined ? [] : [String(nodePort)]));
}
