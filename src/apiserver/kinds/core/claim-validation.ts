/** Validation of claims: upstream `pkg/apis/core/validation/validation.go`, ValidatePersistentVolumeClaimSpec. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { PersistentVolumeClaimSpecDraft, VolumeDraft } from '../models.ts';
import { invalidFor, isEmpty, oneOf, requiredText } from '../validation/checks.ts';
import { annotationErrors, labelErrors } from '../validation/metadata.ts';

const ACCESS_MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];
export const VOLUME_MODES = ['Block', 'Filesystem'];

type Spec = PersistentVolumeClaimSpecDraft;

/** A claim that a pod brings along may carry labels and annotations, nothing else of its own. */
export function claimTemplateErrors(
  { metadata, spec }: NonNullable<NonNullable<VolumeDraft['ephemeral']>['volumeClaimTemplate']>,
  path: string,
): FieldError[] {
  const others = Object.keys(metadata ?? {}).filter((member) => member !== 'annotations' && member !== 'labels');
  return [
    ...annotationErrors(metadata?.annotations, `${path}.metadata.annotations`),
    ...labelErrors(metadata?.labels, `${path}.metadata.labels`),
    ...others.map((member) => forbiddenField(`${path}.metadata.${member}`, 'cannot be set')),
    ...claimSpecErrors(spec, `${path}.spec`),
  ];
}

export function claimSpecErrors(spec: Spec | undefined, path: string): FieldError[] {
  const { accessModes, selector, resources, storageClassName, volumeMode, dataSource, dataSourceRef } = spec ?? {};
  const attributes = spec?.volumeAttributesClassName;
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
    ...sourcePairErrors(spec ?? {}, path),
    ...(isEmpty(attributes)
      ? []
      : invalidFor(`${path}.volumeAttributesClassName`, attributes, dns1123SubdomainErrors(attributes))),
  ];
}

/** The two say the same; upstream shows its path, a struct without public members. */
function sourcePairErrors({ dataSource, dataSourceRef }: Spec, path: string): FieldError[] {
  if (dataSource === undefined || dataSourceRef === undefined) return [];
  if (!isEmpty(dataSourceRef.namespace)) {
    return [invalid(path, {}, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const { apiGroup, kind, name } = dataSourceRef;
  return equalJson({ apiGroup, kind, name }, dataSource) ? [] : [invalid(path, {}, 'must match dataSourceRef')];
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

function dataSourceErrors(source: NonNullable<Spec['dataSourceRef']>, path: string): FieldError[] {
  const group = source.apiGroup ?? '';
  return [
    ...requiredText(`${path}.name`, source.name),
    ...requiredText(`${path}.kind`, source.kind),
    ...(group === '' && source.kind !== 'PersistentVolumeClaim'
      ? [invalid(path, source.kind ?? '', "must be 'PersistentVolumeClaim' when referencing the default apiGroup")]
      : []),
    ...(group === '' ? [] : invalidFor(`${path}.apiGroup`, group, dns1123SubdomainErrors(group))),
    ...(isEmpty(source.namespace)
      ? []
      : invalidFor(`${path}.namespace`, source.namespace, dns1123LabelErrors(source.namespace))),
  ];
}
