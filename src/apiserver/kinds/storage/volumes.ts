/** VolumeAttachments and VolumeAttributesClasses. */
import { volumeAttributesClassErrors, volumeAttributesClassUpdateErrors } from './storage-validation.ts';
import { protectWith } from '../core/protection.ts';
import { defineKind } from '../draft.ts';
import type { VolumeAttachmentDraft, VolumeAttributesClassDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { volumeAttachmentErrors, volumeAttachmentUpdateErrors } from './volume-attachment-validation.ts';

const FINALIZER = 'kubernetes.io/vac-protection';

export const volumeAttachment = defineKind<VolumeAttachmentDraft>({
  validate: volumeAttachmentErrors,
  validateUpdate: volumeAttachmentUpdateErrors,
  updateNeedsVersion: true,
  ...statusRules({ initialStatus: () => ({ attached: false }) }),
  table: {
    columns: COLUMNS['storage.k8s.io/volumeattachments'],
    cells: (object, now) => [
      object.metadata?.name,
      object.spec?.attacher ?? '',
      object.spec?.source?.persistentVolumeName ?? '',
      object.spec?.nodeName ?? '',
      object.status?.attached ?? false,
      ageOf(object, now),
    ],
  },
});

export const volumeAttributesClass = defineKind<VolumeAttributesClassDraft>({
  validate: volumeAttributesClassErrors,
  validateUpdate: volumeAttributesClassUpdateErrors,
  prepareForCreate: (object) => protectWith(object, FINALIZER),
  table: {
    columns: COLUMNS['storage.k8s.io/volumeattributesclasses'],
    cells: (object, now) => [object.metadata?.name, object.driverName ?? '', ageOf(object, now)],
  },
});
