/** What a change of type takes along, and what is legal but ignored: upstream `pkg/registry/core/service/strategy.go`. */
import { equalJson } from '../../../api/json.ts';
import type { ServiceDraft } from '../models.ts';

type Spec = NonNullable<ServiceDraft['spec']>;

const OF_ADDRESSES = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'] as const;

/** Members that only make sense for some types leave with the type, unless the client has set them anew. */
export function dropWhatTypeLeaves(spec: Spec, before: Spec): void {
  const leaves = (holds: (spec: Spec) => boolean, member: keyof Spec) => {
    if (holds(before) && !holds(spec) && equalJson(spec[member], before[member])) delete spec[member];
  };
  for (const member of OF_ADDRESSES) leaves(hasOwnAddress, member);
  leaves(isExternal, 'externalTrafficPolicy');
  leaves(isBalanced, 'allocateLoadBalancerNodePorts');
  leaves(isBalanced, 'loadBalancerClass');
  leaves((each) => isBalanced(each) && each.externalTrafficPolicy === 'Local', 'healthCheckNodePort');
  if (hasNodePorts(before) && !hasNodePorts(spec)) {
    for (const port of spec.ports ?? []) {
      const same = (before.ports ?? []).some(({ nodePort }) => nodePort === port.nodePort);
      if (same) delete port.nodePort;
    }
  }
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

export function serviceWarnings({ spec = {} }: ServiceDraft): string[] {
  const warnings: string[] = [];
  if (spec.clusterIP === 'None') {
    if (spec.loadBalancerIP !== undefined) warnings.push('spec.loadBalancerIP is ignored for headless services');
    if ((spec.externalIPs ?? []).length > 0) warnings.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services');
  }
  if (spec.externalName !== undefined && spec.type !== 'ExternalName') {
    warnings.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  }
  return warnings;
}
