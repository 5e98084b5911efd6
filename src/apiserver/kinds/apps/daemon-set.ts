/** DaemonSets. Defaults: upstream `pkg/apis/apps/v1/defaults.go`; rules: `pkg/registry/apps/daemonset/strategy.go`. */
import { daemonSetErrors, daemonSetUpdateErrors } from './daemon-set-validation.ts';
import { equalJson } from '../../../api/json.ts';
import { setPodTemplateDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../draft.ts';
import type { DaemonSetDraft } from '../models.ts';
import { statusRules, writesStatus } from '../status-rules.ts';
import { labelsText } from '../table/cell-text.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { workloadCells } from './workload-cells.ts';
import { templateWarnings } from './workload-warnings.ts';

const REVISIONS_KEPT = 10;
/** How often the template has changed: a field of old versions that lives on as an annotation. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

const rules = statusRules({
  initialStatus: () => ({
    currentNumberScheduled: 0,
    numberMisscheduled: 0,
    desiredNumberScheduled: 0,
    numberReady: 0,
  }),
  generationOf: ['spec'],
});

export const daemonSet = defineKind<DaemonSetDraft>({
  fieldAnnotations: [TEMPLATE_GENERATION],
  validate: daemonSetErrors,
  validateUpdate: daemonSetUpdateErrors,
  warnings: (object, old) => templateWarnings(object, old, object.spec?.template, 'spec.template'),
  prepareForCreate(object, context) {
    rules.prepareForCreate(object, context);
    setTemplateGeneration(object, Math.max(1, templateGenerationOf(object)));
  },
  prepareForUpdate(object, old, context) {
    rules.prepareForUpdate(object, old, context);
    if (writesStatus(context)) return;
    const changed = !equalJson(object.spec?.template, old.spec?.template);
    setTemplateGeneration(object, templateGenerationOf(old) + (changed ? 1 : 0));
  },
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    setPodTemplateDefaults(spec.template);
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ??= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate = { maxUnavailable: 1, maxSurge: 0, ...spec.updateStrategy.rollingUpdate };
    }
    spec.revisionHistoryLimit ??= REVISIONS_KEPT;
    // Who writes the object owns it.
    setTemplateGeneration(object, templateGenerationOf(object));
  },
  table: {
    columns: COLUMNS['apps/daemonsets'],
    cells: (object, now) => [
      object.metadata?.name,
      object.status?.desiredNumberScheduled ?? 0,
      object.status?.currentNumberScheduled ?? 0,
      object.status?.numberReady ?? 0,
      object.status?.updatedNumberScheduled ?? 0,
      object.status?.numberAvailable ?? 0,
      labelsText(object.spec?.template?.spec?.nodeSelector),
      ageOf(object, now),
      ...workloadCells(object.spec?.template, object.spec?.selector),
    ],
  },
});

function templateGenerationOf({ metadata }: DaemonSetDraft): number {
  return Number(metadata?.annotations?.[TEMPLATE_GENERATION] ?? 0);
}

function setTemplateGeneration(object: DaemonSetDraft, generation: number): void {
  object.metadata ??= {};
  object.metadata.annotations = { ...object.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}
