import { storageClassErrors, storageClassUpdateErrors } from './storage-validation.ts';
import { defineKind } from '../draft.ts';
import type { StorageClassDraft } from '../models.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

export const storageClass = defineKind<StorageClassDraft>({
  validate: storageClassErrors,
  validateUpdate: storageClassUpdateErrors,
  setDefaults(object) {
    object.reclaimPolicy ??= 'Delete';
    object.volumeBindingMode ??= 'Immediate';
  },
  table: {
    columns: COLUMNS['storage.k8s.io/storageclasses'],
    cells: (object, now) => [
      nameText(object),
      object.provisioner ?? '',
      object.reclaimPolicy ?? 'Delete',
      object.volumeBindingMode ?? 'Immediate',
      object.allowVolumeExpansion ?? false,
      ageOf(object, now),
    ],
  },
});

function nameText({ metadata }: StorageClassDraft): string {
  const isDefault = DEFAULT_ANNOTATIONS.some((key) => metadata?.annotations?.[key] === 'true');
  return `${metadata?.name ?? ''}${isDefault ? ' (default)' : ''}`;
}
