/** Validation of EndpointSlices and Endpoints: upstream `pkg/apis/{discovery,core}/validation`. */
import { duplicate, type FieldError, invalid, required, tooMany } from '../../../api/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
import { equalJson } from '../../../api/json.ts';
import type { EndpointsDraft, EndpointSliceDraft } from '../models.ts';
import { ipAddressErrors, isIpAddress, isIpv6, specialIpErrors } from '../validation/addresses.ts';
import { each, immutable, invalidFor, isEmpty, oneOf, optionalText, portNumber } from '../validation/checks.ts';
import { labelErrors } from '../validation/metadata.ts';

type Endpoint = NonNullable<EndpointSliceDraft['endpoints']>[number];
type Subset = NonNullable<EndpointsDraft['subsets']>[number];

const MAX_ADDRESSES = 100;
const MAX_ENDPOINTS = 1000;
const MAX_TOPOLOGY = 16;
const MAX_HINTS = 8;
const MAX_PORTS = 20_000;
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

export function endpointSliceErrors(slice: EndpointSliceDraft): FieldError[] {
  const { addressType } = slice;
  return [
    ...oneOf('addressType', addressType, ADDRESS_TYPES, 'required'),
    ...portsErrors(slice.ports),
    ...endpointsErrors(slice.endpoints, addressType ?? ''),
  ];
}

export function endpointSliceUpdateErrors(slice: EndpointSliceDraft, old: EndpointSliceDraft): FieldError[] {
  const errors = endpointSliceErrors(slice);
  const changed = immutable('addressType', slice.addressType, old.addressType);
  return [...errors, ...changed];
}

function portsErrors(ports: EndpointSliceDraft['ports']): FieldError[] {
  const names = new Set<string>();
  if ((ports ?? []).length > MAX_PORTS) return [tooMany('ports', (ports ?? []).length, MAX_PORTS)];
  return each(ports, 'ports', ({ name = '', protocol, appProtocol }, path) => {
    const repeated = names.has(name);
    names.add(name);
    return [
      ...optionalText(`${path}.name`, name, dns1123LabelErrors),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
      ...oneOf(`${path}.protocol`, protocol, PROTOCOLS, 'required'),
      ...(appProtocol === undefined
        ? []
        : invalidFor(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))),
    ];
  });
}

function endpointsErrors(endpoints: EndpointSliceDraft['endpoints'], type: string): FieldError[] {
  const count = (endpoints ?? []).length;
  if (count > MAX_ENDPOINTS) return [tooMany('endpoints', count, MAX_ENDPOINTS)];
  return each(endpoints, 'endpoints', ({ addresses, hostname, nodeName, hints, deprecatedTopology }, path) => [
    ...((addresses ?? []).length === 0
      ? [required(`${path}.addresses`, 'must contain at least 1 address')]
      : addressesErrors(addresses, type, `${path}.addresses`)),
    ...(nodeName === undefined ? [] : invalidFor(`${path}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName))),
    ...topologyErrors(deprecatedTopology, `${path}.deprecatedTopology`),
    ...(hostname === undefined ? [] : invalidFor(`${path}.hostname`, hostname, dns1123LabelErrors(hostname))),
    ...hintErrors(hints?.forZones, labelValueErrors, `${path}.hints.forZones`),
    ...hintErrors(hints?.forNodes, dns1123SubdomainErrors, `${path}.hints.forNodes`),
  ]);
}

function topologyErrors(labels: Endpoint['deprecatedTopology'], path: string): FieldError[] {
  const count = Object.keys(labels ?? {}).length;
  return [...(count > MAX_TOPOLOGY ? [tooMany(path, count, MAX_TOPOLOGY)] : []), ...labelErrors(labels, path)];
}

function hintErrors(
  hints: readonly { name?: string }[] | undefined,
  details: (name: string) => string[],
  path: string,
): FieldError[] {
  const count = (hints ?? []).length;
  if (count > MAX_HINTS) return [tooMany(path, count, MAX_HINTS)];
  const seen = new Set<string>();
  return each(hints, path, ({ name = '' }, path) => {
    const repeated = seen.has(name);
    seen.add(name);
    return [...(repeated ? [duplicate(`${path}.name`, name)] : []), ...invalidFor(`${path}.name`, name, details(name))];
  });
}

function addressesErrors(addresses: Endpoint['addresses'], type: string, path: string): FieldError[] {
  const count = (addresses ?? []).length;
  if (count > MAX_ADDRESSES) return [tooMany(path, count, MAX_ADDRESSES)];
  return each(addresses, path, (address, item) => {
    if (type === 'FQDN') return invalidFor(item, address, dns1123SubdomainErrors(address));
    if (type !== 'IPv4' && type !== 'IPv6') return [];
    if (!isIpAddress(address)) return ipAddressErrors(item, address);
    // The family is told without the index.
    const wrong = isIpv6(address) !== (type === 'IPv6');
    const family = type === 'IPv4' ? 'must be an IPv4 address' : 'must be an IPv6 address';
    return [...(wrong ? [invalid(path, address, family)] : []), ...specialIpErrors(item, address)];
  });
}

export function endpointsObjectErrors({ subsets }: EndpointsDraft): FieldError[] {
  return each(subsets, 'subsets', (subset, path) => [
    ...((subset.addresses ?? []).length === 0 && (subset.notReadyAddresses ?? []).length === 0
      ? [required(path, 'must specify `addresses` or `notReadyAddresses`')]
      : []),
    ...each(subset.addresses, `${path}.addresses`, addressErrors),
    ...each(subset.notReadyAddresses, `${path}.notReadyAddresses`, addressErrors),
    ...each(subset.ports, `${path}.ports`, ({ name, port, protocol, appProtocol }, path) => [
      ...((subset.ports ?? []).length > 1 && isEmpty(name) ? [required(`${path}.name`)] : []),
      ...optionalText(`${path}.name`, name, dns1123LabelErrors),
      ...portNumber(`${path}.port`, port),
      ...oneOf(`${path}.protocol`, protocol, PROTOCOLS, 'required'),
      ...(appProtocol === undefined
        ? []
        : invalidFor(`${path}.appProtocol`, appProtocol, qualifiedNameErrors(appProtocol))),
    ]),
  ]);
}

/** What was stored by an older version may stay as it is. */
export function endpointsUpdateErrors(endpoints: EndpointsDraft, old: EndpointsDraft): FieldError[] {
  return equalJson(endpoints.subsets, old.subsets) ? [] : endpointsObjectErrors(endpoints);
}

function addressErrors(
  { ip, hostname, nodeName }: NonNullable<Subset['addresses']>[number],
  path: string,
): FieldError[] {
  const errors = ipAddressErrors(`${path}.ip`, ip);
  return [
    ...errors,
    ...optionalText(`${path}.hostname`, hostname, dns1123LabelErrors),
    ...(nodeName === undefined ? [] : invalidFor(`${path}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName))),
    ...(errors.length > 0 ? [] : specialIpErrors(`${path}.ip`, ip ?? '')),
  ];
}
