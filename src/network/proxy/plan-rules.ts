/**
 * From routes to packet filter rules, as kube-proxy's iptables mode lays them out, with two differences: cluster IPs are
 * translated only for the site's own pods and for the machine itself, so that sites with the same range do not meet; and
 * node ports answer on all addresses of the machine but the loopback ones. Pure.
 */
import type { ChainNames } from './chain-names.ts';
import { backendsOf, MASQUERADE, planBackends, type Reach } from './plan-backends.ts';
import { planSessions } from './plan-sessions.ts';
import type { Jump, RuleSet } from './rule-set.ts';
import type { ServiceRoute } from './service-route.ts';
import type { PodSubnet, Surroundings } from './surroundings.ts';

/** Ours: the packet has come by a service and may be forwarded. */
const ADMITTED = '0x1000/0x1000';
const NEW = '-m conntrack --ctstate NEW';

export function planRules(routes: readonly ServiceRoute[], surroundings: Surroundings): RuleSet {
  return {
    nat: natRules(routes, surroundings),
    filter: filterRules(routes, surroundings),
    raw: planSessions(routes, surroundings),
  };
}

function natRules(routes: readonly ServiceRoute[], { names, pods }: Surroundings): RuleSet['nat'] {
  const [from, out, post] = [names.named('PREROUTING'), names.named('OUTPUT'), names.named('POSTROUTING')];
  const [cluster, outside, nodePorts] = [names.named('CLUSTER'), names.named('OUTSIDE'), names.named('NODEPORTS')];
  const chains = new Map<string, string[]>([
    [from, [...(pods === undefined ? [] : [`-s ${pods.cidr} -j ${cluster}`]), `-j ${outside}`]],
    [out, [`-j ${cluster}`, `-j ${outside}`]],
    [post, postRouting(pods)],
    [cluster, []],
    [outside, []],
    [nodePorts, []],
  ]);
  const add = (chain: string, ...rules: string[]): void => void chains.get(chain)?.push(...rules);
  for (const route of routes) {
    const reach = internalReach(route);
    if (backendsOf(route, reach).length > 0) {
      add(cluster, ...clusterEntries(route, planBackends(route, reach, names, chains)));
    }
    if (!isOutside(route) || route.backends.length === 0) continue;
    const entry = outsideChain(route, names, pods, chains);
    add(outside, ...outsideEntries(route, entry));
    if (route.nodePort > 0) add(nodePorts, `${portMatch(route, route.nodePort)} -j ${entry}`);
  }
  add(outside, `! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j ${nodePorts}`);
  return { chains, jumps: jumps(['PREROUTING', from], ['OUTPUT', out], ['POSTROUTING', post]) };
}

/** Marked packets, and, where the bridge's own traffic is not seen, those whose answers would pass us by. */
function postRouting(pods: PodSubnet | undefined): string[] {
  const unseen = pods === undefined || pods.filtered ? [] : [pods.cidr];
  return [
    ...unseen.map((cidr) => `-s ${cidr} -d ${cidr} -m conntrack --ctstate DNAT -j MASQUERADE`),
    `-m mark ! --mark ${MASQUERADE} -j RETURN`,
    `-j MARK --set-xmark 0x0/${MASQUERADE.split('/')[0]}`,
    '-j MASQUERADE',
  ];
}

/** To whom the cluster's own traffic goes. */
function internalReach({ internalLocal }: ServiceRoute): Reach {
  return internalLocal ? 'here' : 'everywhere';
}

function isOutside({ nodePort, externalIps, balancerIps }: ServiceRoute): boolean {
  return nodePort > 0 || externalIps.length > 0 || balancerIps.length > 0;
}

/** The chain for traffic from outside the cluster. */
function outsideChain(
  route: ServiceRoute,
  names: ChainNames,
  pods: PodSubnet | undefined,
  chains: Map<string, string[]>,
): string {
  const entry = names.hashed('X', route.key, route.protocol);
  const everywhere = planBackends(route, 'everywhere', names, chains);
  const admit = `-j MARK --set-xmark ${ADMITTED}`;
  const masquerade = `-j MARK --set-xmark ${MASQUERADE}`;
  if (!route.externalLocal) {
    chains.set(entry, [admit, masquerade, `-j ${everywhere}`]);
    return entry;
  }
  // What starts in the cluster may go everywhere; others keep their address and reach this node only.
  const fromHere = `-m addrtype --src-type LOCAL`;
  const here = route.localBackends.length > 0 ? planBackends(route, 'here', names, chains) : undefined;
  chains.set(entry, [
    ...(pods === undefined ? [] : [`-s ${pods.cidr} -j ${everywhere}`]),
    `${fromHere} ${masquerade}`,
    `${fromHere} -j ${everywhere}`,
    ...(here === undefined ? [] : [admit, `-j ${here}`]),
  ]);
  return entry;
}

function clusterEntries(route: ServiceRoute, target: string): string[] {
  return route.clusterIps.map((ip) => `-d ${ip}/32 ${portMatch(route, route.port)} ${said(route)} -j ${target}`);
}

function outsideEntries(route: ServiceRoute, target: string): string[] {
  const match = portMatch(route, route.port);
  const sources = route.balancerSources.length === 0 ? [''] : route.balancerSources.map((range) => `-s ${range} `);
  return [
    ...route.externalIps.map((ip) => `-d ${ip}/32 ${match} -j ${target}`),
    ...route.balancerIps.flatMap((ip) => sources.map((source) => `${source}-d ${ip}/32 ${match} -j ${target}`)),
  ];
}

function filterRules(routes: readonly ServiceRoute[], surroundings: Surroundings): RuleSet['filter'] {
  const { names, pods, dockerUser } = surroundings;
  const [forward, input, output] = [names.named('FORWARD'), names.named('INPUT'), names.named('OUTPUT')];
  const [cluster, outside] = [names.named('NO-CLUSTER'), names.named('NO-OUTSIDE')];
  const chains = new Map<string, readonly string[]>([
    [
      forward,
      [
        ...(pods === undefined ? [] : [`-s ${pods.cidr} ${NEW} -j ${cluster}`]),
        `${NEW} -j ${outside}`,
        `-m mark --mark ${ADMITTED} -j ACCEPT`,
      ],
    ],
    [input, [...nameServerRules(pods), `${NEW} -j ${outside}`]],
    [output, [`${NEW} -j ${cluster}`, `${NEW} -j ${outside}`]],
    [cluster, routes.flatMap(clusterRefusals)],
    [outside, routes.flatMap(outsideRefusals)],
  ]);
  const ways: [string, string][] = [
    [dockerUser ? 'DOCKER-USER' : 'FORWARD', forward],
    ['INPUT', input],
    ['OUTPUT', output],
  ];
  return { chains, jumps: jumps(...ways) };
}

/** Machines whose firewall lets nobody in let the pods ask for names all the same. */
function nameServerRules(pods: PodSubnet | undefined): string[] {
  if (pods?.nameServer === undefined) return [];
  const match = `-s ${pods.cidr} -d ${pods.nameServer}/32`;
  return ['udp', 'tcp'].map((protocol) => `${match} -p ${protocol} -m ${protocol} --dport 53 -j ACCEPT`);
}

/** Without any backend a client is told so at once; without one on this node, where it must be one, it hears nothing. */
function clusterRefusals(route: ServiceRoute): string[] {
  if (backendsOf(route, internalReach(route)).length > 0) return [];
  const verdict = route.backends.length === 0 ? 'REJECT' : 'DROP';
  return clusterEntries(route, verdict);
}

function outsideRefusals(route: ServiceRoute): string[] {
  const nodePort = route.nodePort === 0 ? [] : [`-m addrtype --dst-type LOCAL ${portMatch(route, route.nodePort)}`];
  const match = portMatch(route, route.port);
  const balancer = route.balancerIps.map((ip) => `-d ${ip}/32 ${match}`);
  const all = [...route.externalIps.map((ip) => `-d ${ip}/32 ${match}`), ...balancer, ...nodePort];
  if (route.backends.length === 0) return all.map((each) => `${each} -j REJECT`);
  if (route.externalLocal && route.localBackends.length === 0) return all.map((each) => `${each} -j DROP`);
  // What was admitted has another destination by now.
  return route.balancerSources.length === 0 ? [] : balancer.map((each) => `${each} -j DROP`);
}

function portMatch({ protocol }: ServiceRoute, port: number): string {
  return `-p ${protocol} -m ${protocol} --dport ${port}`;
}

/** For whoever reads the rules. */
function said({ key }: ServiceRoute): string {
  return `-m comment --comment "${key}"`;
}

function jumps(...ways: readonly (readonly [from: string, to: string])[]): Jump[] {
  return ways.map(([from, to]) => ({ from, to }));
}
