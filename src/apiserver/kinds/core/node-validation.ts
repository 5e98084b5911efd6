/** Validation of Nodes: upstream `pkg/apis/core/validation/validation.go`, ValidateNode. */
import { duplicate, type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { NodeDraft } from '../models.ts';
import { cidrErrors } from '../validation/addresses.ts';
import { each, invalidFor, oneOf } from '../validation/checks.ts';
import { amountErrors, resourceNameErrors } from './resources-validation.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function nodeErrors({ spec, status }: NodeDraft): FieldError[] {
  return [
    ...taintErrors(spec?.taints, 'spec.taints'),
    ...resourceErrors(status?.capacity, 'status.capacity'),
    ...resourceErrors(status?.allocatable, 'status.allocatable'),
    ...podCidrErrors(spec?.podCIDRs),
  ];
}

export function nodeUpdateErrors(node: NodeDraft, old: NodeDraft): FieldError[] {
  const [now, then] = [node.spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? []];
  const provider = old.spec?.providerID ?? '';
  return [
    ...taintErrors(node.spec?.taints, 'spec.taints'),
    ...resourceErrors(node.status?.capacity, 'status.capacity'),
    ...resourceErrors(node.status?.allocatable, 'status.allocatable'),
    ...addressErrors(node),
    ...(then.length > 0 && (now.length !== then.length || now.some((range, index) => range !== then[index]))
      ? [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(provider !== '' && node.spec?.providerID !== provider
      ? [forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
  ];
}

function taintErrors(taints: NonNullable<NodeDraft['spec']>['taints'], path: string): FieldError[] {
  const seen = new Set<string>();
  return each(taints, path, ({ key = '', value = '', effect = '' }, path) => {
    const pair = `${key}/${effect}`;
    const repeated = seen.has(pair);
    seen.add(pair);
    const details = labelValueErrors(value);
    return [
      ...invalidFor(`${path}.key`, key, qualifiedNameErrors(key)),
      ...(details.length === 0 ? [] : [invalid(`${path}.value`, value, details.join(';'))]),
      ...oneOf(`${path}.effect`, effect, EFFECTS, 'required'),
      ...(repeated ? [{ ...duplicate(path, { key, value, effect }), message: repeatedTaint(key, value, effect) }] : []),
    ];
  });
}

function repeatedTaint(key: string, value: string, effect: string): string {
  const dump = { Key: key, Value: value, Effect: effect, TimeAdded: null };
  return `Duplicate value: ${JSON.stringify(dump)}: taints must be unique by key and effect pair`;
}

function resourceErrors(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...resourceNameErrors(name, `${path}.${name}`),
    ...amountErrors(name, amount, `${path}.${name}`),
  ]);
}

function podCidrErrors(ranges: readonly string[] | undefined): FieldError[] {
  const errors = each(ranges, 'spec.podCIDRs', (range, path) => cidrErrors(path, range));
  const list = ranges ?? [];
  if (list.length < 2) return errors;
  const families = new Set(list.map((range) => range.includes(':')));
  if (list.length === 2 && families.size === 2) return errors;
  return [...errors, invalid('spec.podCIDRs', list, 'may specify no more than one CIDR for each IP family')];
}

function addressErrors({ status }: NodeDraft): FieldError[] {
  const seen = new Set<string>();
  return each(status?.addresses, 'status.addresses', ({ type = '', address = '' }, path) => {
    const key = `${type}/${address}`;
    if (seen.has(key)) return [duplicate(path, { Type: type, Address: address })];
    seen.add(key);
    return [];
  });
}
