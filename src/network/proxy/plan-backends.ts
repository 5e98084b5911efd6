/** The chains that share a route's traffic among its backends. Pure. */
import type { ChainNames } from './chain-names.ts';
import type { Backend, ServiceRoute } from './service-route.ts';

/** Kubernetes' own mark: the packet leaves with an address of this machine. */
export const MASQUERADE = '0x4000/0x4000';
/** As many digits as the kernel's 31-bit fractions hold. */
const PROBABILITY_DIGITS = 10;

/** Which of a route's backends: all of them, or those of this node. */
export type Reach = 'everywhere' | 'here';

export function backendsOf(route: ServiceRoute, reach: Reach): readonly Backend[] {
  return reach === 'here' ? route.localBackends : route.backends;
}

/** Adds the chains that lead to the backends, of which there must be one, and returns the name of the first. */
export function planBackends(
  route: ServiceRoute,
  reach: Reach,
  names: ChainNames,
  chains: Map<string, string[]>,
): string {
  const first = names.hashed(reach === 'here' ? 'L' : 'S', route.key, route.protocol);
  if (chains.has(first)) return first;
  const backends = backendsOf(route, reach);
  const targets = backends.map(({ ip, port }) => names.hashed('E', route.key, route.protocol, ip, port));
  chains.set(first, [...affinityRules(route, targets), ...balanceRules(targets)]);
  for (const [index, backend] of backends.entries()) {
    const target = targets[index] ?? '';
    chains.set(target, backendRules(route, backend, target));
  }
  return first;
}

/** Equal shares: the first of n takes one in n, the next one in n - 1 of the rest, the last all that is left. */
export function balanceRules(targets: readonly string[]): string[] {
  return targets.map((target, index) => {
    const left = targets.length - index;
    if (left === 1) return `-j ${target}`;
    return `-m statistic --mode random --probability ${(1 / left).toFixed(PROBABILITY_DIGITS)} -j ${target}`;
  });
}

/** A client that was seen lately goes where it went. */
function affinityRules({ affinitySeconds }: ServiceRoute, targets: readonly string[]): string[] {
  if (affinitySeconds === 0) return [];
  return targets.map(
    (target) => `-m recent --name ${target} --rcheck --seconds ${affinitySeconds} --reap --rsource -j ${target}`,
  );
}

function backendRules({ protocol, affinitySeconds }: ServiceRoute, { ip, port }: Backend, name: string): string[] {
  const seen = affinitySeconds > 0 ? `-m recent --name ${name} --set --rsource ` : '';
  return [
    // A pod that calls its own service would not take the answer from itself.
    `-s ${ip}/32 -j MARK --set-xmark ${MASQUERADE}`,
    `-p ${protocol} -m ${protocol} ${seen}-j DNAT --to-destination ${ip}:${port}`,
  ];
}
