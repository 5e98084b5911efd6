/** Volumes. Defaults: upstream `pkg/apis/core/v1/defaults.go`; rules: `pkg/registry/core/persistentvolume`. */
import { persistentVolumeErrors, persistentVolumeUpdateErrors } from './persistent-volume-validation.ts';
import { defineKind } from '../draft.ts';
import type { PersistentVolumeDraft } from '../models.ts';
import { statusRules, writesStatus } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { protectWith } from './protection.ts';
import { accessModesText, storageClassOf, UNSET } from './volume-cells.ts';
import { setSourceDefaults } from './volume-defaults.ts';
import { persistentVolumeWarnings } from './volume-warnings.ts';

const FINALIZER = 'kubernetes.io/pv-protection';

const rules = statusRules({ initialStatus: () => ({ phase: 'Pending' }) });

export const persistentVolume = defineKind<PersistentVolumeDraft>({
  validate: persistentVolumeErrors,
  validateUpdate: persistentVolumeUpdateErrors,
  warnings: persistentVolumeWarnings,
  setDefaults(object) {
    object.status ??= {};
    object.status.phase ??= 'Pending';
    object.spec ??= {};
    object.spec.persistentVolumeReclaimPolicy ??= 'Retain';
    object.spec.volumeMode ??= 'Filesystem';
    setSourceDefaults(object.spec);
  },
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    object.status = { phase: 'Pending', lastPhaseTransitionTime: timeText(context.now) };
    protectWith(object, FINALIZER);
  },
  prepareForUpdate(object, old, context) {
    rules.prepareForUpdate(object, old, context);
    if (!writesStatus(context) || object.status === undefined) return;
    if (object.status.phase !== old.status?.phase) object.status.lastPhaseTransitionTime ??= timeText(context.now);
  },
  selectableFields: ({ metadata }) => ({ name: metadata?.name ?? '' }),
  table: {
    columns: COLUMNS['/persistentvolumes'],
    cells(object, now) {
      const { spec, status } = object;
      const claim = spec?.claimRef;
      return [
        object.metadata?.name,
        spec?.capacity?.storage ?? '0',
        accessModesText(spec?.accessModes),
        spec?.persistentVolumeReclaimPolicy ?? '',
        object.metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
        claim === undefined ? '' : `${claim.namespace ?? ''}/${claim.name ?? ''}`,
        storageClassOf(object),
        spec?.volumeAttributesClassName ?? UNSET,
        status?.reason ?? '',
        ageOf(object, now),
        spec?.volumeMode ?? UNSET,
      ];
    },
  },
});

/** `metav1.Time` has whole seconds. */
function timeText(now: number): string {
  return `${new Date(now).toISOString().slice(0, 19)}Z`;
}
