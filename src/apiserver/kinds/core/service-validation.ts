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
import { cidrErrors, ipAddressErrors, isIpv6, specialIpErrors } from '../validation/addresses.ts';
import { each, invalidFor, isEmpty, oneOf, portNumber, portNumberOrName, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { labelErrors } from '../validation/metadata.ts';

type Spec = NonNullable<ServiceDraft['spec']>;

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const TRAFFIC_POLICIES = ['Cluster', 'Local'];
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const TOPOLOGY_ANNOTATION = 'service.kubernetes.io/topology-mode';
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
/** A day. */
const MAX_AFFINITY_SECONDS = 86_400;

export function serviceErrors({ metadata, spec = {} }: ServiceDraft): FieldError[] {
  return [
    ...topologyErrors(metadata?.annotations),
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
    ...loadBalancerErrors(spec, metadata?.annotations?.[RANGES_ANNOTATION]),
    ...trafficErrors(spec),
  ];
}

function topologyErrors(annotations: Readonly<Record<string, string>> | undefined): FieldError[] {
  const [mode, hints] = [annotations?.[TOPOLOGY_ANNOTATION], annotations?.[HINTS_ANNOTATION]];
  if (mode === undefined || hints === undefined || mode === hints) return [];
  const detail = `must match annotations[${HINTS_ANNOTATION}] when both are specified`;
  return [invalid(`metadata.annotations[${TOPOLOGY_ANNOTATION}]`, mode, detail)];
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
    case 'LoadBalancer':
      return headless('LoadBalancer');
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
  const { clusterIP = '', ipFamilies = [] } = spec;
  const path = 'spec.clusterIPs';
  const addresses = spec.clusterIPs ?? (clusterIP === '' ? [] : [clusterIP]);
  const wrong = each(addresses, path, (address, item, index) => {
    if (index > 0 || address !== 'None') return ipAddressErrors(item, address);
    return addresses.length > 1 ? [invalid(path, addresses, "'None' must be the first and only value")] : [];
  });
  return [
    ...(clusterIP !== '' && addresses[0] !== clusterIP
      ? [invalid(path, addresses, 'first value must match `clusterIP`')]
      : []),
    ...(clusterIP === '' && addresses.length > 0
      ? [invalid(path, addresses, 'must be empty when `clusterIP` is not specified')]
      : []),
    ...each(ipFamilies, 'spec.ipFamilies', (family, path, index) => [
      ...oneOf(path, family, FAMILIES, 'unsupported'),
      ...(ipFamilies.indexOf(family) < index ? [duplicate(path, family)] : []),
    ]),
    ...oneOf('spec.ipFamilyPolicy', spec.ipFamilyPolicy, FAMILY_POLICIES),
    ...wrong,
    ...(addresses.length > 2 ? [invalid(path, addresses, 'may only hold up to 2 values')] : []),
    ...(wrong.length > 0 ? [] : familyErrors(addresses, ipFamilies)),
  ];
}

function familyErrors(addresses: readonly string[], families: readonly string[]): FieldError[] {
  const path = 'spec.clusterIPs';
  const kinds = addresses.map((address) => (isIpv6(address) ? 'IPv6' : 'IPv4'));
  return [
    ...(addresses.length > 1 && new Set(kinds).size < kinds.length
      ? [invalid(path, addresses, 'may specify no more than one IP for each IP family')]
      : []),
    ...each(addresses[0] === 'None' ? [] : addresses, path, (address, path, index) => {
      const family = families[index];
      if (family === undefined || !FAMILIES.includes(family) || family === kinds[index]) return [];
      return [invalid(path, address, `expected an ${family} value as indicated by \`ipFamilies[${index}]\``)];
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

function loadBalancerErrors(spec: Spec, annotation: string | undefined): FieldError[] {
  const balanced = spec.type === 'LoadBalancer';
  const only = "may only be used when `type` is 'LoadBalancer'";
  const ranges = spec.loadBalancerSourceRanges ?? [];
  // Upstream spells this one with a capital.
  const path = 'spec.LoadBalancerSourceRanges';
  return [
    ...(ranges.length > 0 && !balanced ? [forbiddenField(path, only)] : []),
    ...each(ranges, path, (range, path) => cidrErrors(path, range.trim())),
    ...(ranges.length > 0 || annotation === undefined ? [] : annotatedRangeErrors(annotation, balanced)),
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

/** Ranges as they were given before there was a field for them. */
function annotatedRangeErrors(annotation: string, balanced: boolean): FieldError[] {
  const path = `metadata.annotations[${RANGES_ANNOTATION}]`;
  const ranges = annotation.trim() === '' ? [] : annotation.trim().split(',');
  return [
    ...(balanced ? [] : [forbiddenField(path, "may only be used when `type` is 'LoadBalancer'")]),
    ...ranges.flatMap((range) => cidrErrors(path, range.trim())),
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

const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode'];

function distributionErrors(distribution: string | undefined): FieldError[] {
  if (distribution === undefined || DISTRIBUTIONS.includes(distribution)) return [];
  return [notSupported('spec.trafficDistribution', distribution, DISTRIBUTIONS)];
}
