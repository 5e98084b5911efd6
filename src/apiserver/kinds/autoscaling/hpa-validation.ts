/** Validation of autoscalers: upstream `pkg/apis/autoscaling/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import { pathSegmentErrors } from '../../../api/names.ts';
import { parseQuantity } from '../../../api/quantity.ts';
import type { HpaV1Draft, HpaV2Draft, MetricSpecDraft } from '../models.ts';
import { amountSignErrors } from '../core/resources-validation.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, invalidFor, isEmpty, nonNegative, oneOf } from '../validation/checks.ts';

type SpecV2 = NonNullable<HpaV2Draft['spec']>;
type ScalingRules = NonNullable<NonNullable<SpecV2['behavior']>['scaleUp']>;
type Target = NonNullable<NonNullable<MetricSpecDraft['resource']>['target']>;

const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
/** In the order in which upstream looks for them. */
const SOURCES = [
  ['Object', 'object'],
  ['External', 'external'],
  ['Pods', 'pods'],
  ['Resource', 'resource'],
  ['ContainerResource', 'containerResource'],
] as const;
type MetricType = (typeof SOURCES)[number][0];
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
    ...referenceErrors(scaleTargetRef ?? {}, 'spec.scaleTargetRef'),
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
  const type = metric.type ?? '';
  const present = SOURCES.filter(([, member]) => metric[member] !== undefined);
  const [first] = present;
  const [, wanted] = SOURCES.find(([name]) => name === type) ?? [];
  const others = present.filter(([, member]) => member !== wanted);
  return [
    ...(type === '' ? [required(`${path}.type`, 'must specify a metric source type')] : []),
    ...(wanted === undefined ? [notSupported(`${path}.type`, type, METRIC_TYPES)] : []),
    // Of several, only the first is looked into.
    ...(first === undefined ? [] : sourceErrors(first[0], metric, `${path}.${first[1]}`)),
    ...(wanted !== undefined && metric[wanted] === undefined
      ? [required(`${path}.${wanted}`, 'must populate information for the given metric source')]
      : []),
    ...(present.length === 1
      ? []
      : others.map(([, member]) => forbiddenField(`${path}.${member}`, 'must populate the given metric source only'))),
  ];
}

function sourceErrors(type: MetricType, metric: MetricSpecDraft, path: string): FieldError[] {
  switch (type) {
    case 'Object':
      return [
        ...referenceErrors(metric.object?.describedObject ?? {}, `${path}.describedObject`),
        ...identifierErrors(metric.object?.metric, `${path}.metric`),
        ...targetErrors(metric.object?.target ?? {}, `${path}.target`),
        ...amountErrors(metric.object?.target, 'must set either a target value or averageValue', path),
      ];
    case 'External':
      return [
        ...identifierErrors(metric.external?.metric, `${path}.metric`),
        ...targetErrors(metric.external?.target ?? {}, `${path}.target`),
        ...amountErrors(metric.external?.target, 'must set either a target value for metric or a per-pod target', path),
        ...bothErrors(metric.external?.target, path),
      ];
    case 'Pods':
      return [
        ...identifierErrors(metric.pods?.metric, `${path}.metric`),
        ...targetErrors(metric.pods?.target ?? {}, `${path}.target`),
        ...(isPositive(metric.pods?.target?.averageValue)
          ? []
          : [required(`${path}.target.averageValue`, 'must specify a positive target averageValue')]),
      ];
    case 'Resource':
      return [
        ...(isEmpty(metric.resource?.name) ? [required(`${path}.name`, 'must specify a resource name')] : []),
        ...utilizationErrors(metric.resource?.target, path),
      ];
    case 'ContainerResource':
      return [
        ...(isEmpty(metric.containerResource?.name) ? [required(`${path}.name`, 'must specify a resource name')] : []),
        ...(isEmpty(metric.containerResource?.container)
          ? [required(`${path}.container`, 'must specify a container')]
          : []),
        ...utilizationErrors(metric.containerResource?.target, path),
      ];
  }
}

function identifierErrors(metric: { name?: string } | undefined, path: string): FieldError[] {
  const { name } = metric ?? {};
  if (isEmpty(name)) return [required(`${path}.name`, 'must specify a metric name')];
  return invalidFor(`${path}.name`, name, pathSegmentErrors(name));
}

function referenceErrors(reference: { kind?: string; name?: string }, path: string): FieldError[] {
  return (['kind', 'name'] as const).flatMap((member) => {
    const value = reference[member];
    return isEmpty(value)
      ? [required(`${path}.${member}`)]
      : invalidFor(`${path}.${member}`, value, pathSegmentErrors(value));
  });
}

function amountErrors(target: Target | undefined, detail: string, path: string): FieldError[] {
  if (target?.value !== undefined || target?.averageValue !== undefined) return [];
  return [required(`${path}.target.averageValue`, detail)];
}

function bothErrors(target: Target | undefined, path: string): FieldError[] {
  if (target?.value === undefined || target.averageValue === undefined) return [];
  const detail = 'may not set both a target value for metric and a per-pod target';
  return [forbiddenField(`${path}.target.value`, detail)];
}

function utilizationErrors(target: Target | undefined, path: string): FieldError[] {
  const { averageUtilization: share, averageValue: value } = target ?? {};
  const neither = 'must set either a target raw value or a target utilization';
  const both = 'may not set both a target raw value and a target utilization';
  return [
    ...targetErrors(target ?? {}, `${path}.target`),
    ...(share === undefined && value === undefined ? [required(`${path}.target.averageUtilization`, neither)] : []),
    ...(share !== undefined && value !== undefined ? [forbiddenField(`${path}.target.averageValue`, both)] : []),
  ];
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
  return amount === undefined || isPositive(amount) ? [] : [invalid(path, amount, 'must be positive')];
}

function isPositive(amount: string | undefined): boolean {
  return amount !== undefined && parseQuantity(amount).nanos > 0n;
}

function behaviorErrors(rules: ScalingRules | undefined, path: string): FieldError[] {
  if (rules === undefined) return [];
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies, tolerance } = rules;
  const window = `${path}.stabilizationWindowSeconds`;
  return [
    ...(seconds !== undefined && seconds < 0
      ? [invalid(window, seconds, 'must be greater than or equal to zero')]
      : []),
    ...(seconds !== undefined && seconds > MAX_STABILIZATION_SECONDS
      ? [invalid(window, seconds, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`)]
      : []),
    ...(selectPolicy === undefined
      ? []
      : oneOf(`${path}.selectPolicy`, selectPolicy, ['Disabled', 'Max', 'Min'], 'unsupported')),
    ...((policies ?? []).length === 0 ? [required(`${path}.policies`, 'must specify at least one Policy')] : []),
    ...each(policies, `${path}.policies`, ({ type, value = 0, periodSeconds = 0 }, path) => [
      ...oneOf(`${path}.type`, type, ['Percent', 'Pods'], 'unsupported'),
      ...(value <= 0 ? [invalid(`${path}.value`, value, 'must be greater than zero')] : []),
      ...(periodSeconds <= 0 ? [invalid(`${path}.periodSeconds`, periodSeconds, 'must be greater than zero')] : []),
      ...(periodSeconds > MAX_PERIOD_SECONDS
        ? [invalid(`${path}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`)]
        : []),
    ]),
    ...(tolerance === undefined ? [] : amountSignErrors(tolerance, `${path}.tolerance`)),
  ];
}
