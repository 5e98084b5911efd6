/** Validation of storage kinds: upstream `pkg/apis/storage/validation/validation.go`. */
import { duplicate, type FieldError, forbiddenField, invalid, required, tooLong } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type {
  CsiDriverDraft,
  CsiNodeDraft,
  CsiStorageCapacityDraft,
  StorageClassDraft,
  VolumeAttributesClassDraft,
} from '../models.ts';
import { amountSignErrors } from '../core/resources-validation.ts';
import { each, immutable, invalidFor, isEmpty, nonNegative, oneOf, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

const MAX_PARAMETERS = 512;
const MAX_PARAMETERS_BYTES = 256 * 1024;
const MAX_DRIVER_CHARACTERS = 63;

export function storageClassErrors(object: StorageClassDraft): FieldError[] {
  const { provisioner, parameters, reclaimPolicy, volumeBindingMode, allowedTopologies } = object;
  return [
    ...provisionerErrors(provisioner ?? '', 'provisioner'),
    ...parameterErrors(parameters, 'parameters', true),
    ...oneOf('reclaimPolicy', reclaimPolicy, ['Delete', 'Retain']),
    ...oneOf('volumeBindingMode', volumeBindingMode, ['Immediate', 'WaitForFirstConsumer'], 'required'),
    ...topologyErrors(allowedTopologies),
  ];
}

/** Each term names its keys once, and no term says what another says. */
function topologyErrors(terms: StorageClassDraft['allowedTopologies']): FieldError[] {
  const said = new Set<string>();
  return each(terms, 'allowedTopologies', ({ matchLabelExpressions }, path) => {
    const values = new Map<string, string[]>();
    const errors = each(matchLabelExpressions, `${path}.matchLabelExpressions`, (expression, path) => {
      const key = expression.key ?? '';
      const repeated = values.has(key);
      values.set(key, [...new Set(expression.values ?? [])].sort());
      return [
        ...((expression.values ?? []).length === 0 ? [required(`${path}.values`)] : []),
        ...repeatedErrors(expression.values, `${path}.values`),
        ...invalidFor(`${path}.key`, key, qualifiedNameErrors(key)),
        ...(repeated ? [duplicate(`${path}.key`, key)] : []),
      ];
    });
    const text = JSON.stringify([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
    if (said.has(text)) errors.push(duplicate(`${path}.matchLabelExpressions`, ''));
    said.add(text);
    return errors;
  });
}

function repeatedErrors(values: readonly string[] | undefined, path: string): FieldError[] {
  return each(values, path, (value, path, index) => (values?.indexOf(value) === index ? [] : [duplicate(path, value)]));
}

function provisionerErrors(provisioner: string, path: string): FieldError[] {
  if (provisioner === '') return [required(path)];
  const name = provisioner.toLowerCase();
  return invalidFor(path, name, qualifiedNameErrors(name));
}

function parameterErrors(
  parameters: Readonly<Record<string, string>> | undefined,
  path: string,
  mayBeEmpty: boolean,
): FieldError[] {
  const entries = Object.entries(parameters ?? {});
  if (entries.length === 0 && !mayBeEmpty) return [required(path, 'must contain at least one key/value pair')];
  if (entries.length > MAX_PARAMETERS) {
    return [tooLong(path, MAX_PARAMETERS)];
  }
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return [
    ...entries.filter(([key]) => key === '').map(() => invalid(path, '', 'field can not be empty.')),
    ...(bytes > MAX_PARAMETERS_BYTES ? [tooLong(path, MAX_PARAMETERS_BYTES)] : []),
  ];
}

export function storageClassUpdateErrors(object: StorageClassDraft, old: StorageClassDraft): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;
  return [
    ...fixed
      .filter((member) => !equalJson(object[member], old[member]))
      .map((member) => forbiddenField(member, `updates to ${member} are forbidden.`)),
    ...immutable('volumeBindingMode', object.volumeBindingMode, old.volumeBindingMode),
  ];
}

export function driverNameErrors(name: string | undefined, path: string): FieldError[] {
  if (isEmpty(name)) return [required(path)];
  if (name.length > MAX_DRIVER_CHARACTERS) {
    return [tooLong(path, MAX_DRIVER_CHARACTERS)];
  }
  return invalidFor(path, name.toLowerCase(), dns1123SubdomainErrors(name.toLowerCase()));
}

const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const MIN_TOKEN_SECONDS = 600;
const MAX_TOKEN_SECONDS = 2 ** 32;
const MIN_UPDATE_SECONDS = 10;

export function csiDriverErrors({ spec = {} }: CsiDriverDraft): FieldError[] {
  const { fsGroupPolicy, nodeAllocatableUpdatePeriodSeconds: period } = spec;
  return [
    ...(fsGroupPolicy === undefined ? [] : oneOf('spec.fsGroupPolicy', fsGroupPolicy, GROUP_POLICIES, 'unsupported')),
    ...tokenErrors(spec.tokenRequests),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      oneOf('spec.volumeLifecycleModes', mode, ['Persistent', 'Ephemeral'], 'unsupported'),
    ),
    ...(period !== undefined && period < MIN_UPDATE_SECONDS
      ? [
          invalid(
            'spec.nodeAllocatableUpdatePeriodSeconds',
            period,
            `must be greater than or equal to ${MIN_UPDATE_SECONDS} seconds`,
          ),
        ]
      : []),
  ];
}

function tokenErrors(requests: NonNullable<CsiDriverDraft['spec']>['tokenRequests']): FieldError[] {
  const seen = new Set<string>();
  return each(requests, 'spec.tokenRequests', ({ audience = '', expirationSeconds: seconds }, path) => {
    if (seen.has(audience)) return [duplicate(`${path}.audience`, audience)];
    seen.add(audience);
    const field = `${path}.expirationSeconds`;
    if (seconds === undefined) return [];
    if (seconds < MIN_TOKEN_SECONDS)
      return [invalid(field, seconds, 'may not specify a duration less than 10 minutes')];
    if (seconds <= MAX_TOKEN_SECONDS) return [];
    return [invalid(field, seconds, 'may not specify a duration larger than 2^32 seconds')];
  });
}

export function csiDriverUpdateErrors(object: CsiDriverDraft, old: CsiDriverDraft): FieldError[] {
  const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
  return [
    ...csiDriverErrors(object),
    ...immutable('spec.attachedRequired', spec.attachRequired, before.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, before.volumeLifecycleModes),
  ];
}

const MAX_NODE_ID_CHARACTERS = 256;

export function csiNodeErrors({ spec }: CsiNodeDraft): FieldError[] {
  const seen = new Set<string>();
  return each(spec?.drivers, 'spec.drivers', ({ name = '', nodeID = '', topologyKeys, allocatable }, path) => {
    const repeated = seen.has(name);
    seen.add(name);
    return [
      ...driverNameErrors(name, `${path}.name`),
      ...requiredText(`${path}.nodeID`, nodeID),
      ...(nodeID.length > MAX_NODE_ID_CHARACTERS
        ? [invalid(`${path}.nodeID`, nodeID, `must be ${MAX_NODE_ID_CHARACTERS} characters or less`)]
        : []),
      ...nonNegative(`${path}.allocatable.count`, allocatable?.count),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
      // Upstream names the driver, not the key in it.
      ...(topologyKeys ?? []).flatMap((key, index) => [
        ...(key === '' ? [required(path)] : []),
        ...(topologyKeys?.indexOf(key) === index ? [] : [duplicate(path, key)]),
        ...invalidFor(path, key, qualifiedNameErrors(key)),
      ]),
    ];
  });
}

/** A driver stays as it registered itself, but for how many volumes it can take. */
export function csiNodeUpdateErrors(object: CsiNodeDraft, old: CsiNodeDraft): FieldError[] {
  const drivers = object.spec?.drivers ?? [];
  const shown = (driver: object) => goDump({ ...driver, allocatable: undefined }, 'CSINodeDriver');
  return [
    ...csiNodeErrors(object),
    ...(old.spec?.drivers ?? []).flatMap((before) =>
      drivers
        .filter(({ name }) => name === before.name)
        .flatMap((driver) => immutable('spec.drivers', shown(driver), shown(before))),
    ),
  ];
}

export function csiStorageCapacityErrors(object: CsiStorageCapacityDraft): FieldError[] {
  const { storageClassName = '', capacity, nodeTopology } = object;
  return [
    ...(nodeTopology === undefined ? [] : labelSelectorErrors(nodeTopology as LabelSelectorObject, 'nodeTopology')),
    ...invalidFor('storageClassName', storageClassName, dns1123SubdomainErrors(storageClassName)),
    ...(capacity === undefined ? [] : amountSignErrors(capacity, 'capacity')),
  ];
}

export function csiStorageCapacityUpdateErrors(
  object: CsiStorageCapacityDraft,
  old: CsiStorageCapacityDraft,
): FieldError[] {
  return [
    ...immutable('nodeTopology', object.nodeTopology, old.nodeTopology),
    ...immutable('storageClassName', object.storageClassName, old.storageClassName),
  ];
}

export function volumeAttributesClassErrors({ driverName, parameters }: VolumeAttributesClassDraft): FieldError[] {
  return [...provisionerErrors(driverName ?? '', 'driverName'), ...parameterErrors(parameters, 'parameters', false)];
}

export function volumeAttributesClassUpdateErrors(
  object: VolumeAttributesClassDraft,
  old: VolumeAttributesClassDraft,
): FieldError[] {
  const errors: FieldError[] = [];
  if (object.driverName !== old.driverName)
    errors.push(forbiddenField('driverName', 'updates to driverName are forbidden.'));
  if (!equalJson(object.parameters, old.parameters)) {
    errors.push(forbiddenField('parameters', 'updates to parameters are forbidden.'));
  }
  return [...errors, ...volumeAttributesClassErrors(object)];
}
