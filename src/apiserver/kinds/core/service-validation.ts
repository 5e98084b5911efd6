/** Validation of Services: upstream `pkg/apis/core/validation/validation.go`, ValidateService. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
} from '../../../api/field-error.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { ServiceDraft, ServicePortDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { cidrErrors, ipAddressErrors, isIpAddress, specialIpErrors } from '../validation/addresses.ts';
import {
  each,
  immutable,
  invalidFor,
  isEmpty,
  oneOf,
  portNumber,
  portNumberOrName,
  requiredText,
} from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { labelErrors } from '../validation/metadata.ts';

type Spec = NonNullable<ServiceDraft['spec']>;

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const KUBELET_PORT = 10_250;
/** A day. */
const MAX_AFFINITY_SECONDS = 86_400;

export function serviceErrors({ spec = {} }: ServiceDraft): FieldError[] {
  return [
    ...(needsPorts(spec) ? [required('spec.ports')] : []),
    ...typeSpecificErrors(spec),
    ...portsErrors(spec),
    ...labelErrors(spec.selector, 'spec.selector'),
    ...affinityErrors(spec),
    ...clusterIpErrors(spec),
    ...each(spec.externalIPs, 'spec.externalIPs', (address, path) => {
      const errors = ipAddressErrors(path, address);
      return errors.length > 0 ? errors : specialIpErrors(path, address);
    }),
    ...oneOf('spec.type', spec.type, TYPES, 'required'),
    ...nodePortErrors(spec),
    ...repeatedPortErrors(spec),
    ...loadBalancerErrors(spec),
    ...trafficErrors(spec),
  ];
}

function isHeadless({ clusterIP, clusterIPs }: Spec): boolean {
  return clusterIP === 'None' || clusterIPs?.[0] === 'None';
}

function needsPorts(spec: Spec): boolean {
  return (spec.ports ?? []).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName';
}

function typeSpecificErrors(spec: Spec): FieldError[] {
  const headless = (type: string) =>
    isHeadless(spec) ? [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)] : [];
  switch (spec.type) {
    case 'LoadBalancer': {
      const detail = `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`;
      const exposed = each(spec.ports, 'spec.ports', ({ port }, path) =>
        port === KUBELET_PORT ? [invalid(path, port, detail)] : [],
      );
      return [...exposed, ...headless('LoadBalancer')];
    }
    case 'NodePort':
      return headless('NodePort');
    case 'ExternalName':
      return externalNameErrors(spec);
    default:
      return [];
  }
}

function externalNameErrors({ externalName, clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy }: Spec): FieldError[] {
  const name = externalName?.endsWith('.') === true ? externalName.slice(0, -1) : externalName;
  const not = (member: string) => forbiddenField(`spec.${member}`, 'may not be set for ExternalName services');
  return [
    ...(!isEmpty(clusterIP) || (clusterIPs ?? []).length > 0 ? [not('clusterIPs')] : []),
    ...((ipFamilies ?? []).length > 0 ? [not('ipFamilies')] : []),
    ...(ipFamilyPolicy === undefined ? [] : [not('ipFamilyPolicy')]),
    ...requiredText('spec.externalName', name, dns1123SubdomainErrors),
  ];
}

function portsErrors({ ports }: Spec): FieldError[] {
  const names = new Set<string>();
  const needsName = (ports ?? []).length > 1;
  return each(ports, 'spec.ports', (port, path) => [
    ...portNameErrors(port, needsName, names, `${path}.name`),
    ...portNumber(`${path}.port`, port.port),
    ...oneOf(`${path}.protocol`, port.protocol, PROTOCOLS, 'required'),
    ...portNumberOrName(`${path}.targetPort`, port.targetPort),
    ...(port.appProtocol === undefined
      ? []
      : invalidFor(`${path}.appProtocol`, port.appProtocol, qualifiedNameErrors(port.appProtocol))),
  ]);
}

function portNameErrors({ name }: ServicePortDraft, needed: boolean, names: Set<string>, path: string): FieldError[] {
  if (isEmpty(name)) return needed ? [required(path)] : [];
  const errors = invalidFor(path, name, dns1123LabelErrors(name));
  if (names.has(name)) errors.push(duplicate(path, name));
  names.add(name);
  return errors;
}

function affinityErrors({ sessionAffinity, sessionAffinityConfig }: Spec): FieldError[] {
  const errors = oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'], 'required');
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) {
    return [...errors, forbiddenField(path, 'must not be set when session affinity is None')];
  }
  if (sessionAffinity !== 'ClientIP') return errors;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds === undefined) return [...errors, required(path, 'when session affinity type is ClientIP')];
  if (seconds > 0 && seconds <= MAX_AFFINITY_SECONDS) return errors;
  const detail = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
  return [...errors, invalid(`${path}.clientIP.timeoutSeconds`, seconds, detail)];
}

/** What is wrong with addresses and families as such; whether they are free is for the allocator to say. */
function clusterIpErrors(spec: Spec): FieldError[] {
  if (spec.type === 'ExternalName') return [];
  const addresses = spec.clusterIPs ?? (isEmpty(spec.clusterIP) ? [] : [spec.clusterIP]);
  return [
    ...each(spec.ipFamilies, 'spec.ipFamilies', (family, path) => oneOf(path, family, ['IPv4', 'IPv6'], 'unsupported')),
    ...oneOf('spec.ipFamilyPolicy', spec.ipFamilyPolicy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
    ...each(addresses, 'spec.clusterIPs', (address, path) => {
      if (address === 'None' || isIpAddress(address)) return [];
      return ipAddressErrors(path, address);
    }),
  ];
}

function nodePortErrors({ type, ports }: Spec): FieldError[] {
  const seen = new Set<string>();
  const forbidden = each(ports, 'spec.ports', ({ nodePort }, path) =>
    type === 'ClusterIP' && (nodePort ?? 0) !== 0
      ? [forbiddenField(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")]
      : [],
  );
  const repeated = each(ports, 'spec.ports', ({ nodePort, protocol }, path) => {
    if ((nodePort ?? 0) === 0) return [];
    const key = `${protocol}/${nodePort}`;
    if (seen.has(key)) return [duplicate(`${path}.nodePort`, nodePort)];
    seen.add(key);
    return [];
  });
  return [...forbidden, ...repeated];
}

function repeatedPortErrors({ ports }: Spec): FieldError[] {
  const seen = new Set<string>();
  return each(ports, 'spec.ports', ({ port, protocol }, path) => {
    const key = `${protocol}/${port}`;
    if (seen.has(key)) return [duplicate(path, goDump({ port, protocol }, 'ServicePort'))];
    seen.add(key);
    return [];
  });
}

function loadBalancerErrors(spec: Spec): FieldError[] {
  const balanced = spec.type === 'LoadBalancer';
  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges = spec.loadBalancerSourceRanges ?? [];
  // Upstream spells this one with a capital.
  const path = 'spec.LoadBalancerSourceRanges';
  return [
    ...(ranges.length > 0 && !balanced ? [forbiddenField(path, only)] : []),
    ...each(ranges, path, (range, path) => cidrErrors(path, range.trim())),
    ...(spec.allocateLoadBalancerNodePorts !== undefined && !balanced
      ? [forbiddenField('spec.allocateLoadBalancerNodePorts', only)]
      : []),
    ...(spec.loadBalancerClass === undefined
      ? []
      : balanced
        ? invalidFor('spec.loadBalancerClass', spec.loadBalancerClass, qualifiedNameErrors(spec.loadBalancerClass))
        : [forbiddenField('spec.loadBalancerClass', only)]),
  ];
}

function isExternal({ type, externalIPs }: Spec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && (externalIPs ?? []).length > 0);
}

function trafficErrors(spec: Spec): FieldError[] {
  const { externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort: port = 0 } = spec;
  const path = 'spec.externalTrafficPolicy';
  const checked = spec.type === 'LoadBalancer' && external === 'Local';
  return [
    ...(isExternal(spec)
      ? oneOf(path, external, TRAFFIC_POLICIES, 'required')
      : isEmpty(external)
        ? []
        : [invalid(path, external, 'may only be set for externally-accessible services')]),
    ...(checked || port === 0
      ? []
      : [
          invalid(
            'spec.healthCheckNodePort',
            port,
            "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
          ),
        ]),
    ...(internal === undefined && TYPES.includes(spec.type ?? '') && spec.type !== 'ExternalName'
      ? [required('spec.internalTrafficPolicy')]
      : []),
    ...oneOf('spec.internalTrafficPolicy', internal, TRAFFIC_POLICIES),
    ...distributionErrors(spec.trafficDistribution),
  ];
}

const DISTRIBUTIONS = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];

function distributionErrors(distribution: string | undefined): FieldError[] {
  if (distribution === undefined || DISTRIBUTIONS.includes(distribution)) return [];
  return [notSupported('spec.trafficDistribution', distribution, DISTRIBUTIONS)];
}

export function serviceUpdateErrors(
  service: ServiceDraft,
  old: ServiceDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusErrors(service);
  const [spec, before] = [service.spec ?? {}, old.spec ?? {}];
  return [...changedAddressErrors(spec, before), ...classErrors(spec, before), ...serviceErrors(service)];
}

/** The first address stays for the life of a service, unless it comes from a name or becomes one. */
function changedAddressErrors(spec: Spec, before: Spec): FieldError[] {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const [now, then] = [spec.clusterIPs ?? [], before.clusterIPs ?? []];
  const wanted = isEmpty(spec.clusterIP) ? now[0] : spec.clusterIP;
  // Left out, it stays as it is.
  if (wanted === undefined || then.length === 0 || wanted === then[0]) return [];
  return [invalid('spec.clusterIPs[0]', [wanted, ...now.slice(1)], 'may not change once set')];
}

function classErrors(spec: Spec, before: Spec): FieldError[] {
  if (spec.type !== 'LoadBalancer' || before.type !== 'LoadBalancer') return [];
  return immutable('spec.loadBalancerClass', spec.loadBalancerClass, before.loadBalancerClass);
}

function statusErrors({ spec, status }: ServiceDraft): FieldError[] {
  const ingress = status?.loadBalancer?.ingress;
  const path = 'status.loadBalancer.ingress';
  if ((ingress ?? []).length > 0 && spec?.type !== 'LoadBalancer') {
    return [forbiddenField(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  }
  return each(ingress, path, ({ ip, hostname }, path) => [
    ...(isEmpty(ip) ? [] : ipAddressErrors(`${path}.ip`, ip)),
    ...(isEmpty(hostname) ? [] : hostnameErrors(hostname, `${path}.hostname`)),
  ]);
}

export function hostnameErrors(hostname: string, path: string): FieldError[] {
  if (isIpAddress(hostname)) return [invalid(path, hostname, 'must be a DNS name, not an IP address')];
  return invalidFor(path, hostname, dns1123SubdomainErrors(hostname));
}
