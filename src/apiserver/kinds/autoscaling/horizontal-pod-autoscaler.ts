/** Autoscalers in both versions. Defaults: upstream `pkg/apis/autoscaling/v1` and `v2`, `defaults.go`. */
import { hpaUpdateErrors, hpaV1Errors, hpaV2Errors } from './hpa-validation.ts';
import { defineKind } from '../draft.ts';
import type { HpaV1Draft, HpaV2Draft } from '../models.ts';
import { statusRules } from '../status-rules.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';
import { metricsText } from './metrics-text.ts';

const CPU_TARGET_PERCENT = 80;
const UNKNOWN = '<unknown>';

export const hpaV1 = defineKind<HpaV1Draft>({
  ...statusRules({ initialStatus: () => ({ currentReplicas: 0, desiredReplicas: 0 }) }),
  validate: hpaV1Errors,
  validateUpdate: hpaUpdateErrors(hpaV1Errors),
  setDefaults(object) {
    object.spec ??= {};
    object.spec.minReplicas ??= 1;
    if (!hasOtherMetrics(object)) object.spec.targetCPUUtilizationPercentage ??= CPU_TARGET_PERCENT;
  },
  table: {
    columns: COLUMNS['autoscaling/horizontalpodautoscalers'],
    cells: (object, now) => [...cellsBefore(object, cpuText(object)), ...cellsAfter(object, now)],
  },
});

export const hpaV2 = defineKind<HpaV2Draft>({
  ...statusRules({ initialStatus: () => ({ desiredReplicas: 0, currentMetrics: null }) }),
  validate: hpaV2Errors,
  validateUpdate: hpaUpdateErrors(hpaV2Errors),
  setDefaults(object) {
    object.spec ??= {};
    const { spec } = object;
    spec.minReplicas ??= 1;
    spec.metrics ??= [cpuMetric()];
    if (spec.behavior !== undefined) setBehaviorDefaults(spec.behavior);
  },
  table: {
    columns: COLUMNS['autoscaling/horizontalpodautoscalers'],
    cells: (object, now) => [
      ...cellsBefore(object, metricsText(object.spec?.metrics ?? [], object.status?.currentMetrics ?? [])),
      ...cellsAfter(object, now),
    ],
  },
});

type Behavior = NonNullable<NonNullable<HpaV2Draft['spec']>['behavior']>;

function cpuMetric(): NonNullable<NonNullable<HpaV2Draft['spec']>['metrics']>[number] {
  const target = { type: 'Utilization', averageUtilization: CPU_TARGET_PERCENT };
  return { type: 'Resource', resource: { name: 'cpu', target } };
}

/** Up at once by four pods or double, down by all that is too much. */
function setBehaviorDefaults(behavior: Behavior): void {
  behavior.scaleUp = {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
    ...behavior.scaleUp,
  };
  behavior.scaleDown = {
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    ...behavior.scaleDown,
  };
}

/** Metrics beyond CPU live in an annotation of the old version. */
function hasOtherMetrics({ metadata }: HpaV1Draft): boolean {
  return metadata?.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] !== undefined;
}

function cpuText({ spec, status }: HpaV1Draft): string {
  const target = spec?.targetCPUUtilizationPercentage;
  if (target === undefined) return '<none>';
  const current = status?.currentCPUUtilizationPercentage;
  return `cpu: ${current === undefined ? UNKNOWN : `${current}%`}/${target}%`;
}

function cellsBefore({ metadata, spec }: HpaV1Draft | HpaV2Draft, targets: string): unknown[] {
  const reference = `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}`;
  return [metadata?.name, reference, targets, spec?.minReplicas === undefined ? '<unset>' : String(spec.minReplicas)];
}

function cellsAfter(object: HpaV1Draft | HpaV2Draft, now: number): unknown[] {
  return [object.spec?.maxReplicas ?? 0, object.status?.currentReplicas ?? 0, ageOf(object, now)];
}
