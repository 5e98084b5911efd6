/** Validation of the devices of a ResourceSlice: upstream `pkg/apis/resource/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, required, tooLong, tooMany } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { nodeSelectorErrors } from '../core/affinity-validation.ts';
import type { ResourceSliceDraft } from '../models.ts';
import { each, invalidFor } from '../validation/checks.ts';
import {
  attributeNameErrors,
  bindingErrors,
  boundedList,
  boundedSet,
  deviceTaintErrors,
  labelText,
} from './device-checks.ts';
import { capacityPolicyErrors } from './capacity-validation.ts';

type Device = NonNullable<NonNullable<ResourceSliceDraft['spec']>['devices']>[number];
export type Counters = Readonly<Record<string, unknown>>;
type Attribute = NonNullable<Device['attributes']>[string];
type Consumption = NonNullable<Device['consumesCounters']>[number];

const MAX_NAMED_VALUES = 32;
const MAX_ATTRIBUTE_VALUES = 48;
const MAX_TAINTS = 16;
const MAX_CONSUMPTIONS = 2;
const MAX_COUNTERS = 32;
const MAX_TEXT_BYTES = 64;
const LISTS = ['bools', 'ints', 'strings', 'versions'] as const;
const VALUES = ['bool', 'int', 'string', 'version', ...LISTS] as const;
const PRE_RELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(
  `^(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+[0-9a-zA-Z-]+(\\.[0-9a-zA-Z-]+)*)?$`,
);

export function deviceErrors(device: Device, choosesNode: boolean, path: string): FieldError[] {
  return [
    ...labelText(`${path}.name`, device.name),
    ...valueCountErrors(device, path),
    ...Object.entries(device.attributes ?? {}).flatMap(([name, value]) => [
      ...attributeNameErrors(name, `${path}.attributes`),
      ...attributeErrors(value, `${path}.attributes[${name}]`),
    ]),
    ...Object.entries(device.capacity ?? {}).flatMap(([name, { value = '0', requestPolicy }]) => [
      ...attributeNameErrors(name, `${path}.capacity`),
      ...(requestPolicy === undefined
        ? []
        : device.allowMultipleAllocations === true
          ? capacityPolicyErrors(value, requestPolicy, `${path}.capacity[${name}].requestPolicy`)
          : [forbiddenField(`${path}.capacity[${name}].requestPolicy`, 'allowMultipleAllocations must be true')]),
    ]),
    ...boundedList(device.taints, MAX_TAINTS, `${path}.taints`, deviceTaintErrors),
    ...boundedSet(
      device.consumesCounters,
      MAX_CONSUMPTIONS,
      `${path}.consumesCounters`,
      consumptionErrors,
      ({ counterSet }) => counterSet ?? '',
    ),
    ...nodeErrors(device, choosesNode, path),
    ...bindingErrors(device, path),
  ];
}

function valueCountErrors({ attributes = {}, capacity = {} }: Device, path: string): FieldError[] {
  const named = Object.keys(attributes).length + Object.keys(capacity).length;
  const counts = Object.values(attributes).map((value) =>
    LISTS.reduce((sum, member) => sum + (value[member]?.length ?? 0), 0),
  );
  const values = counts.reduce((sum, count) => sum + Math.max(count, 1), 0);
  const over = (count: number, max: number, what: string) =>
    count > max ? [invalid(path, count, `the total number of ${what} must not exceed ${max}`)] : [];
  return [
    ...over(named, MAX_NAMED_VALUES, 'attributes and capacities'),
    ...over(values, MAX_ATTRIBUTE_VALUES, 'attribute values'),
  ];
}

function attributeErrors(attribute: Attribute, path: string): FieldError[] {
  const given = VALUES.filter((member) => attribute[member] !== undefined);
  const hollow = LISTS.filter((member) => attribute[member]?.length === 0);
  const one = 'exactly one value must be specified';
  return [
    ...(attribute.string === undefined ? [] : textErrors(attribute.string, `${path}.string`)),
    ...(attribute.version === undefined ? [] : versionErrors(attribute.version, `${path}.version`)),
    ...hollow.map((member) => invalid(`${path}.${member}`, [], 'must not be empty if specified')),
    ...each(attribute.strings, `${path}.strings`, textErrors),
    ...each(attribute.versions, `${path}.versions`, versionErrors),
    ...(given.length === 1 ? [] : [invalid(path, given.length === 0 ? '' : attribute, one)]),
  ];
}

function textErrors(text: string, path: string): FieldError[] {
  return Buffer.byteLength(text) > MAX_TEXT_BYTES ? [tooLong(path, MAX_TEXT_BYTES)] : [];
}

function versionErrors(version: string, path: string): FieldError[] {
  const detail = 'must be a string compatible with semver.org spec 2.0.0';
  return [...(SEMVER.test(version) ? [] : [invalid(path, version, detail)]), ...textErrors(version, path)];
}

function consumptionErrors({ counterSet, counters }: Consumption, path: string): FieldError[] {
  const at = `${path}.counterSet`;
  return [
    ...(counterSet === undefined || counterSet === '' ? [required(at)] : labelText(at, counterSet)),
    ...countersErrors(counters, `${path}.counters`),
  ];
}

export function countersErrors(counters: Counters | undefined, path: string): FieldError[] {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) return [required(path)];
  if (names.length > MAX_COUNTERS) return [tooMany(path, names.length, MAX_COUNTERS)];
  return names.flatMap((name) => labelText(path, name));
}

/** A device says where it is when its slice leaves that to the devices, and only then. */
function nodeErrors(device: Device, choosesNode: boolean, path: string): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!choosesNode) {
    if (nodeName === undefined && nodeSelector === undefined && allNodes === undefined) return [];
    const detail =
      '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
    return [invalid(path, null, detail)];
  }
  const members = ['nodeName', 'nodeSelector', 'allNodes'] as const;
  const chosen = members.filter(
    (member) => device[member] !== undefined && device[member] !== '' && device[member] !== false,
  );
  const shown = `{${chosen.map((member) => `\`${member}\``).join(', ')}}`;
  const detail =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  return [
    ...(nodeName === '' ? [invalid(`${path}.nodeName`, '', 'must not be empty')] : []),
    ...(nodeName === undefined || nodeName === ''
      ? []
      : invalidFor(`${path}.nodeName`, nodeName, dns1123SubdomainErrors(nodeName))),
    ...(nodeSelector === undefined ? [] : nodeSelectorErrors(nodeSelector, `${path}.nodeSelector`)),
    ...(allNodes === false ? [invalid(`${path}.allNodes`, false, 'must be either unset or set to true')] : []),
    ...(chosen.length === 0 ? [required(path, detail)] : []),
    ...(chosen.length > 1 ? [invalid(path, shown, detail)] : []),
  ];
}
