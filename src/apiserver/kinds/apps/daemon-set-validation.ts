/** Validation of DaemonSets: upstream `pkg/apis/apps/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import { podTemplateErrors } from '../core/pod-spec-validation.ts';
import type { DaemonSetDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { countOrPercent, immutable, nonNegative, notAboveHundred } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import { isNothing } from './deployment-validation.ts';
import { collisionErrors, mismatchError, readSelector, runsForEverErrors } from './template-validation.ts';

type Spec = NonNullable<DaemonSetDraft['spec']>;

export function daemonSetErrors({ spec = {} }: DaemonSetDraft): FieldError[] {
  const labels = spec.template?.metadata?.labels;
  const selector = readSelector(spec.selector);
  return [
    ...(spec.selector === undefined ? [] : labelSelectorErrors(spec.selector as LabelSelectorObject, 'spec.selector')),
    ...(selector !== undefined && !selector.matches(labels) ? [mismatchError(labels, 'spec.template')] : []),
    ...(selector?.isEverything === true
      ? [invalid('spec.selector', spec.selector, 'empty selector is invalid for daemonset')]
      : []),
    ...podTemplateErrors(spec.template, 'spec.template'),
    ...runsForEverErrors(spec.template, 'DaemonSet', 'spec.template'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...updateStrategyErrors(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
  ];
}

export function daemonSetUpdateErrors(
  object: DaemonSetDraft,
  old: DaemonSetDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') {
    const status = (object.status ?? {}) as Record<string, number | undefined>;
    const counts = [
      'currentNumberScheduled',
      'numberMisscheduled',
      'desiredNumberScheduled',
      'numberReady',
      'observedGeneration',
      'updatedNumberScheduled',
      'numberAvailable',
      'numberUnavailable',
      'collisionCount',
    ];
    return [
      ...counts.flatMap((member) => nonNegative(`status.${member}`, status[member])),
      ...collisionErrors(object.status, old.status),
    ];
  }
  return [...daemonSetErrors(object), ...immutable('spec.selector', object.spec?.selector, old.spec?.selector)];
}

function updateStrategyErrors(strategy: NonNullable<Spec['updateStrategy']>, path: string): FieldError[] {
  const { type, rollingUpdate } = strategy;
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    return [notSupported(path, goDump(strategy, 'DeploymentStrategy'), ['RollingUpdate', 'OnDelete'])];
  }
  if (rollingUpdate === undefined) return [required(`${path}.rollingUpdate`)];
  const { maxUnavailable, maxSurge } = rollingUpdate;
  return [
    ...countOrPercent(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${path}.rollingUpdate.maxSurge`, maxSurge),
    ...(!isNothing(maxUnavailable) && !isNothing(maxSurge)
      ? [invalid(`${path}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')]
      : []),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge)
      ? [required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0')]
      : []),
    ...notAboveHundred(`${path}.rollingUpdate.maxUnavailable`, maxUnavailable),
    ...notAboveHundred(`${path}.rollingUpdate.maxSurge`, maxSurge),
  ];
}
