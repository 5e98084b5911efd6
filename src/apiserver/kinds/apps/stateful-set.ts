/** StatefulSets. Defaults: upstream `pkg/apis/apps/v1/defaults.go`. */
import { statefulSetErrors, statefulSetUpdateErrors } from './stateful-set-validation.ts';
import { dns1123LabelErrors } from '../../../api/names.ts';
import { setClaimDefaults } from '../core/persistent-volume-claim.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { StatefulSetDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { containerCells } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { statefulSetWarnings, templateWarnings } from './workload-warnings.ts';

const REVISIONS_KEPT = 10;

export const statefulSet = defineKind<StatefulSetDraft>({
  ...statusRules({ initialStatus: () => ({ replicas: 0, availableReplicas: 0 }), generationOf: ['spec'] }),
  nameErrors: dns1123LabelErrors,
  validate: statefulSetErrors,
  validateUpdate: statefulSetUpdateErrors,
  warnings: (object, old) => [
    ...templateWarnings(object, old, object.spec?.template, 'spec.template'),
    ...statefulSetWarnings(object, old),
  ],
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.podManagementPolicy ??= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate = { partition: 0, ...spec.updateStrategy.rollingUpdate };
    }
    spec.persistentVolumeClaimRetentionPolicy = {
      whenDeleted: 'Retain',
      whenScaled: 'Retain',
      ...spec.persistentVolumeClaimRetentionPolicy,
    };
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= REVISIONS_KEPT;
    setPodTemplateDefaults(spec.template);
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion ??= 'v1';
      claim.kind ??= 'PersistentVolumeClaim';
      setClaimDefaults(claim);
    }
  },
  table: {
    columns: COLUMNS['apps/statefulsets'],
    cells: (object, now) => [
      object.metadata?.name,
      `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
      ageOf(object, now),
      ...containerCells(object.spec?.template?.spec?.containers),
    ],
  },
});
