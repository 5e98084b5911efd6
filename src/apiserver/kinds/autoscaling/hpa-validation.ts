/** Validation of autoscalers: upstream `pkg/apis/autoscaling/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type { HpaV1Draft, HpaV2Draft, MetricSpecDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, invalidFor, isEmpty, nonNegative, oneOf } from '../validation/checks.ts';

type SpecV2 = NonNullable<HpaV2Draft['spec']>;
type ScalingRules = NonNullable<NonNullable<SpecV2['behavior']>['scaleUp']>;
type Target = NonNullable<NonNullable<MetricSpecDraft['resource']>['target']>;

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const SOURCES = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
  External: 'external',
} as const;
const MAX_STABILIZATION_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

function scaleErrors({ spec = {} }: HpaV1Draft | HpaV2Draft): FieldError[] {
  const { minReplicas = 1, maxReplicas = 0, scaleTargetRef } = spec;
  return [
    ...(minReplicas < 1 ? [invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < 1 ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0')] : []),
    ...(maxReplicas < minReplicas
      ? [invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`')]
      : []),
    ...(['kind', 'name'] as const).flatMap((member) => {
      const value = scaleTargetRef?.[member];
      const path = `spec.scaleTargetRef.${member}`;
      return isEmpty(value) ? [required(path)] : invalidFor(path, value, pathSegmentErrors(value));
    }),
  ];
}

export function hpaV1Errors(object: HpaV1Draft): FieldError[] {
  const target = object.spec?.targetCPUUtilizationPercentage;
  const path = 'spec.metrics[0].resource.target.averageUtilization';
  return [
    ...scaleErrors(object),
    ...(target !== undefined && target < 1 ? [invalid(path, target, 'must be greater than 0')] : []),
  ];
}

export function hpaV2Errors(object: HpaV2Draft): FieldError[] {
  const { metrics, behavior } = object.spec ?? {};
  return [
    ...scaleErrors(object),
    ...each(metrics, 'spec.metrics', metricErrors),
    ...behaviorErrors(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...behaviorErrors(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ];
}

export function hpaUpdateErrors<T extends HpaV1Draft | HpaV2Draft>(check: (object: T) => FieldError[]) {
  return (object: T, _old: T, { subresource }: StrategyContext): FieldError[] => {
    if (subresource !== 'status') return check(object);
    return (['currentReplicas', 'desiredReplicas'] as const).flatMap((member) =>
      nonNegative(`status.${member}`, object.status?.[member]),
    );
  };
}

function metricErrors(metric: MetricSpecDraft, path: string): FieldError[] {
  const errors = isEmpty(metric.type)
    ? [required(`${path}.type`, 'must specify a metric source type')]
    : oneOf(`${path}.type`, metric.type, METRIC_TYPES);
  if (errors.length > 0) return errors;
  const member = SOURCES[metric.type as keyof typeof SOURCES];
  const source = metric[member];
  const field = `${path}.${member}`;
  if (source === undefined) {
    return [required(field, 'must populate information for the given metric source')];
  }
  return [...sourceErrors(metric, field), ...targetErrors(source.target ?? {}, `${field}.target`)];
}

function sourceErrors(metric: MetricSpecDraft, path: string): FieldError[] {
  const named = (name: string | undefined, field: string, detail = '') =>
    isEmpty(name) ? [required(field, detail)] : invalidFor(field, name, pathSegmentErrors(name));
  switch (metric.type) {
    case 'Resource':
      return isEmpty(metric.resource?.name) ? [required(`${path}.name`, 'must specify a resource name')] : [];
    case 'ContainerResource':
      return [
        ...(isEmpty(metric.containerResource?.name) ? [required(`${path}.name`, 'must specify a resource name')] : []),
        ...(isEmpty(metric.containerResource?.container)
          ? [required(`${path}.container`, 'must specify a container')]
          : []),
      ];
    case 'Pods':
      return named(metric.pods?.metric?.name, `${path}.metric.name`, 'must specify a metric name');
    case 'Object':
      return [
        ...named(metric.object?.describedObject?.kind, `${path}.describedObject.kind`),
        ...named(metric.object?.describedObject?.name, `${path}.describedObject.name`),
        ...named(metric.object?.metric?.name, `${path}.metric.name`, 'must specify a metric name'),
      ];
    default:
      return named(metric.external?.metric?.name, `${path}.metric.name`, 'must specify a metric name');
  }
}

function targetErrors({ type, value, averageValue, averageUtilization }: Target, path: string): FieldError[] {
  return [
    ...(isEmpty(type)
      ? [required(`${path}.type`, 'must specify a metric target type')]
      : ['Utilization', 'Value', 'AverageValue'].includes(type)
        ? []
        : [invalid(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue')]),
    ...positive(value, `${path}.value`),
    ...positive(averageValue, `${path}.averageValue`),
    ...(averageUtilization !== undefined && averageUtilization < 1
      ? [invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0')]
      : []),
  ];
}

function positive(amount: string | undefined, path: string): FieldError[] {
  if (amount === undefined || parseQuantity(amount).nanos > 0n) return [];
  return [invalid(path, amount, 'must be positive')];
}

function behaviorErrors(rules: ScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies } = rules;
  const window = `${path}.stabilizationWindowSeconds`;
  return [
    ...nonNegative(window, seconds),
    ...(seconds !== undefined && seconds > MAX_STABILIZATION_SECONDS
      ? [invalid(window, seconds, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`)]
      : []),
    ...oneOf(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min']),
    ...((policies ?? []).length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...each(policies, `${path}.policies`, ({ type, value = 0, periodSeconds = 0 }, path) => [
      ...oneOf(`${path}.type`, type, ['Percent', 'Pods'], 'unsupported'),
      ...(value <= 0 ? [invalid(`${path}.value`, value, 'must be greater than zero')] : []),
      ...(periodSeconds <= 0 ? [invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')] : []),
      ...(periodSeconds > MAX_PERIOD_SECONDS
        ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)]
        : []),
    ]),
  ];
}
