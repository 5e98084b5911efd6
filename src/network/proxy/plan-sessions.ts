/**
 * UDP has no end of a connection: the kernel sends what comes from the same port to the same backend for as long as it
 * comes, also when the backend has gone. So packets to a UDP service are tracked in a zone that changes when it loses a
 * backend: what was known of its sessions is not found there, and they begin anew. Pure, but for the memory of zones.
 */
import { createHash } from 'node:crypto';
import type { RuleSet } from './rule-set.ts';
import type { ServiceRoute } from './service-route.ts';
import type { Surroundings } from './surroundings.ts';

type Zones = Surroundings['zones'];

/** Zone 0 is everybody's. */
const MAX_ZONE = 65_535;
const HASH_BYTES = 4;

/** Remembers which backends the zones in use have seen. */
export class SessionZones {
  readonly #seen = new Map<string, { readonly zone: number; readonly backends: ReadonlySet<string> }>();

  /** A route keeps its zone until a backend has gone; after a restart it has that of the backends that are there. */
  assign(routes: readonly ServiceRoute[]): Zones {
    const udp = routes.filter(({ protocol }) => protocol === 'udp');
    const present = new Set(udp.map(({ key }) => key));
    for (const key of this.#seen.keys()) if (!present.has(key)) this.#seen.delete(key);
    for (const { key, backends } of udp) {
      const names = new Set(backends.map(({ ip, port }) => `${ip}:${port}`));
      const before = this.#seen.get(key);
      const kept = before !== undefined && [...before.backends].every((name) => names.has(name));
      this.#seen.set(key, { zone: kept ? before.zone : zoneOf(names), backends: names });
    }
    return new Map([...this.#seen].map(([key, { zone }]) => [key, zone]));
  }
}

export function planSessions(routes: readonly ServiceRoute[], { names, pods, zones }: Surroundings): RuleSet['raw'] {
  const udp = routes.filter(({ protocol }) => protocol === 'udp');
  if (udp.length === 0) return { chains: new Map(), jumps: [] };
  const [from, out] = [names.named('PREROUTING'), names.named('OUTPUT')];
  const [cluster, outside] = [names.named('UDP-CLUSTER'), names.named('UDP-OUTSIDE')];
  const chains = new Map<string, readonly string[]>([
    [from, [...(pods === undefined ? [] : [`-s ${pods.cidr} -p udp -j ${cluster}`]), `-p udp -j ${outside}`]],
    [out, [`-p udp -j ${cluster}`, `-p udp -j ${outside}`]],
    [cluster, udp.flatMap((route) => route.clusterIps.map((ip) => tracked(route, `-d ${ip}/32`, route.port, zones)))],
    [outside, udp.flatMap((route) => outsideRules(route, zones))],
  ]);
  return {
    chains,
    jumps: [
      { from: 'PREROUTING', to: from },
      { from: 'OUTPUT', to: out },
    ],
  };
}

function outsideRules(route: ServiceRoute, zones: Zones): string[] {
  const { externalIps, balancerIps, nodePort, port } = route;
  return [
    ...[...externalIps, ...balancerIps].map((ip) => tracked(route, `-d ${ip}/32`, port, zones)),
    ...(nodePort === 0 ? [] : [tracked(route, '-m addrtype --dst-type LOCAL', nodePort, zones)]),
  ];
}

function tracked({ key }: ServiceRoute, destination: string, port: number, zones: Zones): string {
  return `${destination} -p udp -m udp --dport ${port} -j CT --zone-orig ${zones.get(key) ?? 0}`;
}

function zoneOf(backends: ReadonlySet<string>): number {
  const hash = createHash('sha256')
    .update([...backends].join())
    .digest();
  return 1 + (hash.readUIntBE(0, HASH_BYTES) % MAX_ZONE);
}
