/** Claims. Defaults: upstream `pkg/apis/core/v1/defaults.go`; rules: `pkg/registry/core/persistentvolumeclaim`. */
import { claimErrors, claimUpdateErrors } from './claim-object-validation.ts';
import { defineKind } from '../draft.ts';
import type { PersistentVolumeClaimDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { accessModesText, storageClassOf, UNSET } from './volume-cells.ts';
import { protectWith } from './protection.ts';
import { claimWarnings } from './volume-warnings.ts';

const FINALIZER = 'kubernetes.io/pvc-protection';

const rules = statusRules({ initialStatus: () => ({ phase: 'Pending' }) });

export const persistentVolumeClaim = defineKind<PersistentVolumeClaimDraft>({
  ...rules,
  validate: claimErrors,
  validateUpdate: claimUpdateErrors,
  warnings: claimWarnings,
  setDefaults: setClaimDefaults,
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    protectWith(object, FINALIZER);
    mirrorDataSource(object);
  },
  table: {
    columns: COLUMNS['/persistentvolumeclaims'],
    cells(object, now) {
      const { spec, status } = object;
      const bound = (spec?.volumeName ?? '') !== '';
      return [
        object.metadata?.name,
        object.metadata?.deletionTimestamp === undefined ? (status?.phase ?? '') : 'Terminating',
        spec?.volumeName ?? '',
        bound ? (status?.capacity?.storage ?? '0') : '',
        bound ? accessModesText(status?.accessModes) : '',
        storageClassOf(object),
        spec?.volumeAttributesClassName ?? UNSET,
        ageOf(object, now),
        spec?.volumeMode ?? UNSET,
      ];
    },
  },
});

export function setClaimDefaults(claim: PersistentVolumeClaimDraft): void {
  claim.status ??= {};
  claim.status.phase ??= 'Pending';
  claim.spec ??= {};
  claim.spec.volumeMode ??= 'Filesystem';
}

/** `dataSource` and `dataSourceRef` say the same where both can. */
function mirrorDataSource({ spec }: PersistentVolumeClaimDraft): void {
  if (spec === undefined) return;
  if (spec.dataSource !== undefined && !isVolumeOrSnapshot(spec.dataSource)) delete spec.dataSource;
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef !== undefined && dataSource === undefined && dataSourceRef.namespace === undefined) {
    spec.dataSource = { ...dataSourceRef };
  }
}

/** The older field knows two kinds of sources and drops all others. */
function isVolumeOrSnapshot({ apiGroup, kind }: { apiGroup?: string; kind?: string }): boolean {
  if ((apiGroup ?? '') === '') return kind === 'PersistentVolumeClaim';
  return apiGroup === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';
}
