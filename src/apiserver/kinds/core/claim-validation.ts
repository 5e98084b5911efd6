/** Validation of claims: upstream `pkg/apis/core/validation/validation.go`, ValidatePersistentVolumeClaimSpec. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { dns1123SubdomainErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { PersistentVolumeClaimSpecDraft } from '../models.ts';
import { invalidFor, isEmpty, oneOf, requiredText } from '../validation/checks.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

type Spec = PersistentVolumeClaimSpecDraft;

export function claimSpecErrors(spec: Spec | undefined, path: string): FieldError[] {
  const { accessModes, selector, resources, storageClassName, volumeMode, dataSource, dataSourceRef } = spec ?? {};
  const storage = resources?.requests?.storage;
  return [
    ...((accessModes ?? []).length === 0
      ? [required(`${path}.accessModes`, 'at least 1 access mode is required')]
      : []),
    ...(selector === undefined ? [] : labelSelectorErrors(selector as LabelSelectorObject, `${path}.selector`)),
    ...accessModeErrors(accessModes, `${path}.accessModes`),
    ...(storage === undefined
      ? [required(`${path}.resources[storage]`)]
      : positiveAmount(`${path}.resources[storage]`, storage)),
    ...(isEmpty(storageClassName)
      ? []
      : invalidFor(`${path}.storageClassName`, storageClassName, dns1123SubdomainErrors(storageClassName))),
    ...oneOf(`${path}.volumeMode`, volumeMode, VOLUME_MODES),
    ...(dataSource === undefined ? [] : dataSourceErrors(dataSource, `${path}.dataSource`)),
    ...(dataSourceRef === undefined ? [] : dataSourceErrors(dataSourceRef, `${path}.dataSourceRef`)),
  ];
}

export function accessModeErrors(modes: readonly string[] | undefined, path: string): FieldError[] {
  const errors = (modes ?? [])
    .filter((mode) => !ACCESS_MODES.includes(mode))
    .map((mode) => notSupported(path, mode, ACCESS_MODES));
  if (!modes?.includes('ReadWriteOncePod') || new Set(modes).size === 1) return errors;
  return [...errors, forbiddenField(path, 'may not use ReadWriteOncePod with other access modes')];
}

export function positiveAmount(path: string, amount: string): FieldError[] {
  return parseQuantity(amount).nanos <= 0n ? [invalid(path, amount, 'must be greater than zero')] : [];
}

function dataSourceErrors(source: NonNullable<Spec['dataSource']>, path: string): FieldError[] {
  const group = source.apiGroup ?? '';
  return [
    ...requiredText(`${path}.name`, source.name),
    ...requiredText(`${path}.kind`, source.kind),
    ...(group === '' && source.kind !== 'PersistentVolumeClaim'
      ? [invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
  ];
}
