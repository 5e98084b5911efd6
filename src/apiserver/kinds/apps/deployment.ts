/** Deployments. Defaults: upstream `pkg/apis/apps/v1/defaults.go`; rules: `pkg/registry/apps/deployment/strategy.go`. */
import { equalJson } from '../../../api/json.ts';
import { deploymentErrors, deploymentUpdateErrors } from './deployment-validation.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { DeploymentDraft } from '../models.ts';
import { keep, statusRules, writesStatus } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { workloadCells } from './workload-cells.ts';
import { podNameWarnings, templateWarnings } from './workload-warnings.ts';

const REVISIONS_KEPT = 10;
const PROGRESS_DEADLINE_SECONDS = 600;

const rules = statusRules({ initialStatus: () => ({}), generationOf: ['spec'] });

/** Controllers of old wrote annotations for roll-backs, so a change of these counts as one of the spec. */
function moveByAnnotations({ metadata }: DeploymentDraft, { metadata: before }: DeploymentDraft): void {
  if (metadata === undefined || equalJson(metadata.annotations ?? {}, before?.annotations ?? {})) return;
  metadata.generation = (before?.generation ?? 0) + 1;
}

export const deployment = defineKind<DeploymentDraft>({
  ...rules,
  prepareForUpdate(object, old, context) {
    rules.prepareForUpdate(object, old, context);
    if (writesStatus(context)) keep(object.metadata ?? {}, old.metadata ?? {}, 'labels');
    else moveByAnnotations(object, old);
  },
  statusLeaves: [['spec'], ['metadata', 'labels']],
  validate: deploymentErrors,
  validateUpdate: deploymentUpdateErrors,
  warnings: (object, old) => [
    ...podNameWarnings(object, old),
    ...templateWarnings(object, old, object.spec?.template, 'spec.template'),
  ],
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.replicas ??= 1;
    setPodTemplateDefaults(spec.template);
    spec.strategy ??= {};
    spec.strategy.type ??= 'RollingUpdate';
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...spec.strategy.rollingUpdate };
    }
    spec.revisionHistoryLimit ??= REVISIONS_KEPT;
    spec.progressDeadlineSeconds ??= PROGRESS_DEADLINE_SECONDS;
  },
  table: {
    columns: COLUMNS['apps/deployments'],
    cells: (object, now) => [
      object.metadata?.name,
      `${object.status?.readyReplicas ?? 0}/${object.spec?.replicas ?? 0}`,
      object.status?.updatedReplicas ?? 0,
      object.status?.availableReplicas ?? 0,
      ageOf(object, now),
      ...workloadCells(object.spec?.template, object.spec?.selector),
    ],
  },
});
