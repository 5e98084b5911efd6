/** Validation of NetworkPolicies: upstream `pkg/apis/networking/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { NetworkPolicyDraft } from '../models.ts';
import { cidrErrors, cidrWarnings, isCidr } from '../validation/addresses.ts';
import { each, isEmpty, oneOf, portNumberOrName } from '../validation/checks.ts';

type Spec = NonNullable<NetworkPolicyDraft['spec']>;
type Ingress = NonNullable<Spec['ingress']>[number];
type Port = NonNullable<Ingress['ports']>[number];
type Peer = NonNullable<Ingress['from']>[number];

const TYPES = ['Ingress', 'Egress'];
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

export function networkPolicyWarnings({ metadata, spec }: NetworkPolicyDraft, old?: NetworkPolicyDraft): string[] {
  if (old !== undefined && metadata?.generation === old.metadata?.generation) return [];
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, index) => peerWarnings(from, `spec.ingress[${index}].from`)),
    ...(spec?.egress ?? []).flatMap(({ to }, index) => peerWarnings(to, `spec.egress[${index}].to`)),
  ];
}

function peerWarnings(peers: readonly Peer[] | undefined, path: string): string[] {
  return (peers ?? []).flatMap(({ ipBlock }, index) => [
    ...cidrWarnings(`${path}[${index}].ipBlock.cidr`, ipBlock?.cidr),
    ...(ipBlock?.except ?? []).flatMap((range, nr) => cidrWarnings(`${path}[${index}].ipBlock.except[${nr}]`, range)),
  ]);
}

export function networkPolicyErrors({ spec = {} }: NetworkPolicyDraft): FieldError[] {
  return [
    ...(spec.podSelector === undefined
      ? []
      : labelSelectorErrors(spec.podSelector as LabelSelectorObject, 'spec.podSelector')),
    ...each(spec.ingress, 'spec.ingress', ({ ports, from }, path) => [
      ...each(ports, `${path}.ports`, portErrors),
      ...each(from, `${path}.from`, peerErrors),
    ]),
    ...each(spec.egress, 'spec.egress', ({ ports, to }, path) => [
      ...each(ports, `${path}.ports`, portErrors),
      ...each(to, `${path}.to`, peerErrors),
    ]),
    ...((spec.policyTypes ?? []).length > TYPES.length
      ? [invalid('spec.policyTypes', spec.policyTypes, 'may not specify more than two policyTypes')]
      : each(spec.policyTypes, 'spec.policyTypes', (type, path) =>
          TYPES.includes(type) ? [] : [notSupported(path, type, TYPES)],
        )),
  ];
}

function portErrors({ protocol, port, endPort }: Port, path: string): FieldError[] {
  const protocols = protocol === undefined ? [] : oneOf(`${path}.protocol`, protocol, PROTOCOLS, 'unsupported');
  const ports = port === undefined ? [] : portNumberOrName(`${path}.port`, port);
  const end = endPort === undefined ? [] : endErrors(port, endPort, `${path}.endPort`);
  return typeof port === 'string' ? [...protocols, ...end, ...ports] : [...protocols, ...ports, ...end];
}

function endErrors(port: Port['port'], endPort: number, path: string): FieldError[] {
  if (port === undefined) return [invalid(path, endPort, 'may not be specified when `port` is not specified')];
  if (typeof port === 'string') return [invalid(path, endPort, 'may not be specified when `port` is non-numeric')];
  return [
    // The start is shown, not the end that is too low.
    ...(endPort < port ? [invalid(path, port, 'must be greater than or equal to `port`')] : []),
    ...portNumberOrName(path, endPort),
  ];
}

function peerErrors({ podSelector, namespaceSelector, ipBlock }: Peer, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const count = [podSelector, namespaceSelector, ipBlock].filter((each) => each !== undefined).length;
  if (podSelector !== undefined) {
    errors.push(...labelSelectorErrors(podSelector as LabelSelectorObject, `${path}.podSelector`));
  }
  if (namespaceSelector !== undefined) {
    errors.push(...labelSelectorErrors(namespaceSelector as LabelSelectorObject, `${path}.namespaceSelector`));
  }
  if (ipBlock !== undefined) errors.push(...blockErrors(ipBlock, `${path}.ipBlock`));
  if (count === 0) errors.push(required(path, 'must specify a peer'));
  if (ipBlock !== undefined && count > 1) {
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function blockErrors({ cidr, except }: NonNullable<Peer['ipBlock']>, path: string): FieldError[] {
  if (isEmpty(cidr)) return [required(`${path}.cidr`)];
  const errors = cidrErrors(`${path}.cidr`, cidr);
  if (errors.length > 0) return errors;
  return each(except, `${path}.except`, (range, path) => {
    if (!isCidr(range)) return cidrErrors(path, range);
    return isWithin(range, cidr) ? [] : [invalid(path, range, 'must be a strict subset of `cidr`')];
  });
}

/** Whether `range` is a strictly smaller part of `whole`; families that differ never are. */
function isWithin(range: string, whole: string): boolean {
  const [[address, bits], [outer, outerBits]] = [parts(range), parts(whole)];
  if (address.length !== outer.length || bits <= outerBits) return false;
  return address.slice(0, outerBits) === outer.slice(0, outerBits);
}

function parts(cidr: string): [binary: string, bits: number] {
  const [address = '', bits = '0'] = cidr.split('/');
  return [address.includes(':') ? binary6(address) : binary4(address), Number(bits)];
}

function binary4(address: string): string {
  return address
    .split('.')
    .map((octet) => Number(octet).toString(2).padStart(8, '0'))
    .join('');
}

function binary6(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groups(head), groups(tail)];
  const missing = address.includes('::') ? 8 - first.length - last.length : 0;
  return [...first, ...Array.from({ length: missing }, () => '0'), ...last]
    .map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0'))
    .join('');
}
