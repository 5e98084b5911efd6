/** Validation of Nodes: upstream `pkg/apis/core/validation/validation.go`, ValidateNode. */
import { duplicate, type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import { labelValueErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type { NodeDraft } from '../models.ts';
import { cidrErrors } from '../validation/addresses.ts';
import { each, invalidFor, oneOf } from '../validation/checks.ts';
import { amountErrors } from './resources-validation.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function nodeErrors({ spec, status }: NodeDraft): FieldError[] {
  return [
    ...taintErrors(spec?.taints),
    ...resourceErrors(status),
    ...featureErrors(status?.declaredFeatures),
    ...podCidrErrors(spec?.podCIDRs),
  ];
}

export function nodeUpdateErrors(node: NodeDraft, old: NodeDraft): FieldError[] {
  const [now, then] = [node.spec?.podCIDRs ?? [], old.spec?.podCIDRs ?? []];
  const provider = old.spec?.providerID ?? '';
  return [
    ...resourceErrors(node.status),
    ...featureErrors(node.status?.declaredFeatures),
    ...addressErrors(node),
    ...(then.length > 0 && (now.length !== then.length || now.some((range, index) => range !== then[index]))
      ? [forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid')]
      : []),
    ...(provider !== '' && node.spec?.providerID !== provider
      ? [forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid')]
      : []),
    ...taintErrors(node.spec?.taints),
    ...(node.spec?.externalID === old.spec?.externalID
      ? []
      : [forbiddenField('spec.externalID', 'may not be updated')]),
  ];
}

/** Upstream says that taints are in the metadata: it hands on the wrong path. */
function taintErrors(taints: NonNullable<NodeDraft['spec']>['taints']): FieldError[] {
  const seen = new Set<string>();
  return each(taints, 'metadata.taints', ({ key = '', value = '', effect = '' }, path) => {
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

function resourceErrors(status: NodeDraft['status']): FieldError[] {
  return (['capacity', 'allocatable'] as const).flatMap((member) =>
    Object.entries(status?.[member] ?? {}).flatMap(([name, amount]) =>
      amountErrors(name, amount, `status.${member}.${name}`),
    ),
  );
}

const MAX_FEATURE_CHARACTERS = 253;
const FEATURE = /^[A-Z][a-zA-Z0-9]*(\/[a-zA-Z0-9]+)*$/;
const FEATURE_FORM =
  "must start with an UpperCamelCase segment, with subsequent segments separated by '/' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes";

function featureErrors(features: readonly string[] | undefined): FieldError[] {
  return each(features, 'status.declaredFeatures', (feature, path, index) => {
    const previous = index === 0 ? undefined : features?.[index - 1];
    return [
      ...(previous === feature ? [duplicate(path, feature)] : []),
      ...(previous !== undefined && previous > feature
        ? [invalid(path, feature, 'list must be sorted alphabetically')]
        : []),
      ...featureNameErrors(feature).map((detail) =>
        invalid(path, feature, `invalid feature name "${feature}": ${detail}`),
      ),
    ];
  });
}

function featureNameErrors(feature: string): string[] {
  if (feature.length > MAX_FEATURE_CHARACTERS) return [`must be no more than ${MAX_FEATURE_CHARACTERS} characters`];
  return FEATURE.test(feature) ? [] : [FEATURE_FORM];
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
