/** ReplicaSets and ReplicationControllers: upstream `pkg/registry/apps/replicaset` and `core/replicationcontroller`. */
import {
  replicaSetErrors,
  replicaSetUpdateErrors,
  replicationControllerErrors,
  replicationControllerUpdateErrors,
} from './replica-set-validation.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { ReplicaSetDraft, ReplicationControllerDraft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { containerCells, labelsText } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { workloadCells } from './workload-cells.ts';
import { podNameWarnings, templateWarnings } from './workload-warnings.ts';

const rules = statusRules({ initialStatus: () => ({ replicas: 0 }), generationOf: ['spec'] });

type Counted = Pick<ReplicaSetDraft, 'metadata' | 'status'> & { spec?: { replicas?: number } };

export const replicaSet = defineKind<ReplicaSetDraft>({
  ...rules,
  validate: replicaSetErrors,
  validateUpdate: replicaSetUpdateErrors,
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...templateWarnings(object, old, object.spec?.template, 'spec.template'),
  ],
  setDefaults(object) {
    object.spec ??= {};
    object.spec.replicas ??= 1;
    setPodTemplateDefaults(object.spec.template);
  },
  table: {
    columns: COLUMNS['apps/replicasets'],
    cells: (object, now) => [...counts(object, now), ...workloadCells(object.spec?.template, object.spec?.selector)],
  },
});

export const replicationController = defineKind<ReplicationControllerDraft>({
  ...rules,
  validate: replicationControllerErrors,
  validateUpdate: replicationControllerUpdateErrors,
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...templateWarnings(object, old, object.spec?.template, 'spec.template'),
  ],
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
    const labels = spec.template?.metadata?.labels;
    if (labels === undefined) return;
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels };
    if (object.metadata !== undefined) object.metadata.labels ??= { ...labels };
  },
  selectableFields: ({ status }) => ({ 'status.replicas': String(status?.replicas ?? 0) }),
  table: {
    columns: COLUMNS['/replicationcontrollers'],
    cells: (object, now) => [
      ...counts(object, now),
      ...containerCells(object.spec?.template?.spec?.containers),
      labelsText(object.spec?.selector),
    ],
  },
});

function counts(object: Counted, now: number): unknown[] {
  return [
    object.metadata?.name,
    object.spec?.replicas ?? 0,
    object.status?.replicas ?? 0,
    object.status?.readyReplicas ?? 0,
    ageOf(object, now),
  ];
}
