/** What a change of type takes along, and what is legal but ignored: upstream `pkg/registry/core/service/strategy.go`. */
import { equalJson } from '../../../api/json.ts';
import type { ServiceDraft } from '../models.ts';
import { ipWarnings } from '../validation/addresses.ts';
import { isEmpty } from '../validation/checks.ts';

type Spec = NonNullable<ServiceDraft['spec']>;

const HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_ANNOTATION = 'service.kubernetes.io/topology-mode';

const OF_ADDRESSES = ['ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'] as const;

/** `clusterIP` and the first of `clusterIPs` are one; who knows only the old field means both. */
export function linkAddresses(spec: Spec, before: Spec | undefined): void {
  const [now, then] = [spec.clusterIP ?? '', before?.clusterIP ?? ''];
  const left = (spec.clusterIPs ?? []).length === 0;
  if (before === undefined) {
    if (now !== '' && left) spec.clusterIPs = [now];
    return;
  }
  if (left && now === then && before.clusterIPs !== undefined) spec.clusterIPs = [...before.clusterIPs];
  if (now === then || !equalJson(spec.clusterIPs, before.clusterIPs)) return;
  if (now === '') delete spec.clusterIPs;
  else spec.clusterIPs = [now];
}

/** What an update leaves out of what was given to the service stays its own. */
export function keepAllocated(spec: Spec, before: Spec): void {
  if (hasOwnAddress(spec) && hasOwnAddress(before)) {
    if (isEmpty(spec.clusterIP) && before.clusterIP !== undefined) spec.clusterIP = before.clusterIP;
    if (
      (spec.clusterIPs ?? []).length === 0 &&
      spec.clusterIP === before.clusterIP &&
      before.clusterIPs !== undefined
    ) {
      spec.clusterIPs = [...before.clusterIPs];
    }
  }
  if (hasNodePorts(spec) && hasNodePorts(before)) keepNodePorts(spec, before);
  if (isChecked(spec) && isChecked(before) && before.healthCheckNodePort !== undefined) {
    spec.healthCheckNodePort ??= before.healthCheckNodePort;
  }
}

/** By the names of the ports, unless another port has taken the number. */
function keepNodePorts(spec: Spec, before: Spec): void {
  const old = new Map((before.ports ?? []).map(({ name, nodePort }) => [name ?? '', nodePort]));
  const taken = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
  for (const port of spec.ports ?? []) {
    const number = old.get(port.name ?? '');
    if ((port.nodePort ?? 0) !== 0 || number === undefined || taken.has(number)) continue;
    port.nodePort = number;
    taken.add(number);
  }
}

/** Members that only make sense for some types leave with the type, unless the client has set them anew. */
export function dropWhatTypeLeaves(spec: Spec, before: Spec): void {
  const leaves = (holds: (spec: Spec) => boolean, member: keyof Spec) => {
    if (holds(before) && !holds(spec) && equalJson(spec[member], before[member])) delete spec[member];
  };
  if (hasOwnAddress(before) && !hasOwnAddress(spec) && hasSameAddresses(spec, before)) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  for (const member of OF_ADDRESSES) leaves(hasOwnAddress, member);
  leaves(isExternal, 'externalTrafficPolicy');
  leaves(isBalanced, 'allocateLoadBalancerNodePorts');
  leaves(isBalanced, 'loadBalancerClass');
  leaves(isChecked, 'healthCheckNodePort');
  if (hasNodePorts(before) && !hasNodePorts(spec) && hasSameNodePorts(spec, before)) {
    for (const port of spec.ports ?? []) delete port.nodePort;
  }
}

function hasSameAddresses(spec: Spec, before: Spec): boolean {
  return spec.clusterIP === before.clusterIP && equalJson(spec.clusterIPs, before.clusterIPs);
}

function hasSameNodePorts(spec: Spec, before: Spec): boolean {
  const numbers = ({ ports }: Spec) => new Set((ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  const [now, then] = [numbers(spec), numbers(before)];
  return now.size === then.size && [...now].every((number) => then.has(number));
}

/** Whoever balances asks each node whether it has pods. */
function isChecked({ type, externalTrafficPolicy }: Spec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

function hasOwnAddress({ type }: Spec): boolean {
  return type !== 'ExternalName';
}

function isBalanced({ type }: Spec): boolean {
  return type === 'LoadBalancer';
}

function hasNodePorts({ type, allocateLoadBalancerNodePorts }: Spec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false);
}

function isExternal({ type, externalIPs }: Spec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs ?? []).length > 0);
}

export function serviceWarnings({ metadata, spec = {} }: ServiceDraft): string[] {
  const { clusterIP, clusterIPs, externalIPs = [], externalName, loadBalancerIP, trafficDistribution, type } = spec;
  const headless = type === 'ClusterIP' && clusterIP === 'None';
  const named = type === 'ExternalName';
  const addresses = named || headless ? [] : (clusterIPs ?? []);
  const rules: [boolean, string][] = [
    [
      metadata?.annotations?.[HINTS_ANNOTATION] !== undefined,
      `annotation ${HINTS_ANNOTATION} is deprecated, please use ${TOPOLOGY_ANNOTATION} instead`,
    ],
    [headless && loadBalancerIP !== undefined, 'spec.loadBalancerIP is ignored for headless services'],
    [headless && externalIPs.length > 0, 'spec.externalIPs is ignored for headless services'],
    [headless && spec.sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'],
    [externalIPs.length > 0, 'spec.externalIPs is deprecated'],
    [named && externalIPs.length > 0, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [!named && externalName !== undefined, 'spec.externalName is ignored when spec.type is not "ExternalName"'],
    [
      trafficDistribution === 'PreferClose',
      'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"',
    ],
  ];
  return [
    ...addresses.flatMap((address, index) => ipWarnings(`spec.clusterIPs[${index}]`, address)),
    ...externalIPs.flatMap((address, index) => ipWarnings(`spec.externalIPs[${index}]`, address)),
    ...rules.filter(([holds]) => holds).map(([, warning]) => warning),
  ];
}
