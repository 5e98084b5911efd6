/** Validation of storage kinds: upstream `pkg/apis/storage/validation/validation.go`. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123SubdomainErrors, qualifiedNameErrors } from '../../../api/names.ts';
import type {
  CsiDriverDraft,
  CsiNodeDraft,
  CsiStorageCapacityDraft,
  StorageClassDraft,
  VolumeAttributesClassDraft,
} from '../models.ts';
import { amountSignErrors } from '../core/resources-validation.ts';
import { each, immutable, invalidFor, isEmpty, nonNegative, oneOf, requiredText } from '../validation/checks.ts';

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
    ...each(allowedTopologies, 'allowedTopologies', ({ matchLabelExpressions }, path) =>
      each(matchLabelExpressions, `${path}.matchLabelExpressions`, ({ key, values }, path) => [
        ...((values ?? []).length === 0 ? [required(`${path}.values`)] : []),
        ...invalidFor(`${path}.key`, key ?? '', qualifiedNameErrors(key ?? '')),
      ]),
    ),
  ];
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
    return [
      { type: 'FieldValueTooLong', field: path, message: `Too long: may not be more than ${MAX_PARAMETERS} bytes` },
    ];
  }
  const bytes = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return [
    ...entries.filter(([key]) => key === '').map(() => invalid(path, '', 'field can not be empty.')),
    ...(bytes > MAX_PARAMETERS_BYTES
      ? [
          {
            type: 'FieldValueTooLong',
            field: path,
            message: `Too long: may not be more than ${MAX_PARAMETERS_BYTES} bytes`,
          } as const,
        ]
      : []),
  ];
}

export function storageClassUpdateErrors(object: StorageClassDraft, old: StorageClassDraft): FieldError[] {
  const fixed = ['parameters', 'provisioner', 'reclaimPolicy'] as const;
  return [
    ...fixed
      .filter((member) => !equalJson(object[member], old[member]))
      .map((member) =>
        forbiddenField(
          member,
          member === 'parameters' ? 'updates to parameters are forbidden.' : `updates to ${member} are forbidden.`,
        ),
      ),
    ...immutable('volumeBindingMode', object.volumeBindingMode, old.volumeBindingMode),
  ];
}

export function driverNameErrors(name: string | undefined, path: string): FieldError[] {
  if (isEmpty(name)) return [required(path)];
  if (name.length > MAX_DRIVER_CHARACTERS) {
    return [
      {
        type: 'FieldValueTooLong',
        field: path,
        message: `Too long: may not be more than ${MAX_DRIVER_CHARACTERS} bytes`,
      },
    ];
  }
  return invalidFor(path, name.toLowerCase(), dns1123SubdomainErrors(name.toLowerCase()));
}

export function csiDriverErrors({ metadata, spec = {} }: CsiDriverDraft): FieldError[] {
  const seen = new Set<string>();
  return [
    ...driverNameErrors(metadata?.name, 'metadata.name'),
    ...(['attachRequired', 'podInfoOnMount', 'storageCapacity'] as const)
      .filter((member) => spec[member] === undefined)
      .map((member) => required(`spec.${member}`)),
    ...oneOf('spec.fsGroupPolicy', spec.fsGroupPolicy, ['File', 'None', 'ReadWriteOnceWithFSType'], 'required'),
    ...each(spec.tokenRequests, 'spec.tokenRequests', ({ audience = '', expirationSeconds }, path) => {
      const errors = seen.has(audience) ? [duplicate(`${path}.audience`, audience)] : [];
      seen.add(audience);
      if (expirationSeconds !== undefined && expirationSeconds < 600) {
        errors.push(
          invalid(`${path}.expirationSeconds`, expirationSeconds, 'may not specify a duration less than 10 minutes'),
        );
      }
      return errors;
    }),
    ...(spec.volumeLifecycleModes ?? []).flatMap((mode) =>
      oneOf('spec.volumeLifecycleModes', mode, ['Ephemeral', 'Persistent'], 'unsupported'),
    ),
  ];
}

export function csiDriverUpdateErrors(object: CsiDriverDraft, old: CsiDriverDraft): FieldError[] {
  const [spec, before] = [object.spec ?? {}, old.spec ?? {}];
  return [
    ...csiDriverErrors(object).filter(({ field }) => field !== 'metadata.name'),
    ...immutable('spec.attachedRequired', spec.attachRequired, before.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, before.volumeLifecycleModes),
  ];
}

export function csiNodeErrors({ spec }: CsiNodeDraft): FieldError[] {
  const seen = new Set<string>();
  return each(spec?.drivers, 'spec.drivers', ({ name = '', nodeID, topologyKeys, allocatable }, path) => {
    const repeated = seen.has(name);
    seen.add(name);
    return [
      ...driverNameErrors(name, `${path}.name`),
      ...requiredText(`${path}.nodeID`, nodeID),
      ...nonNegative(`${path}.allocatable.count`, allocatable?.count),
      ...each(topologyKeys, `${path}.topologyKeys`, (key, path) => invalidFor(path, key, qualifiedNameErrors(key))),
      ...(repeated ? [duplicate(`${path}.name`, name)] : []),
    ];
  });
}

export function csiStorageCapacityErrors(object: CsiStorageCapacityDraft): FieldError[] {
  const { storageClassName = '', capacity, maximumVolumeSize } = object;
  return [
    ...invalidFor('storageClassName', storageClassName, dns1123SubdomainErrors(storageClassName)),
    ...(capacity === undefined ? [] : amountSignErrors(capacity, 'capacity')),
    ...(maximumVolumeSize === undefined ? [] : amountSignErrors(maximumVolumeSize, 'maximumVolumeSize')),
  ];
}

export function csiStorageCapacityUpdateErrors(
  object: CsiStorageCapacityDraft,
  old: CsiStorageCapacityDraft,
): FieldError[] {
  return [
    ...csiStorageCapacityErrors(object),
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
  return errors;
}
