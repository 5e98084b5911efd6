/** Validation of Deployments: upstream `pkg/apis/apps/validation/validation.go`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import type { DeploymentDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { countOrPercent, immutable, nonNegative, notAboveHundred } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';
import {
  collisionErrors,
  ownedTemplateErrors,
  readSelector,
  selectorErrors,
  statusCountErrors,
} from './template-validation.ts';

type Spec = NonNullable<DeploymentDraft['spec']>;
type Strategy = NonNullable<Spec['strategy']>;

const STATUS_COUNTS = [
  'observedGeneration',
  'replicas',
  'updatedReplicas',
  'readyReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'collisionCount',
];

export function deploymentErrors({ spec = {} }: DeploymentDraft): FieldError[] {
  const selector = readSelector(spec.selector);
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...selectorErrors(spec.selector, 'deployment', 'spec.selector'),
    ...(selector === undefined
      ? [invalid('spec.selector', spec.selector, 'invalid label selector')]
      : ownedTemplateErrors(spec.template, selector, 'ReplicaSet', 'spec.template')),
    ...strategyErrors(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...nonNegative('spec.revisionHistoryLimit', spec.revisionHistoryLimit),
    ...deadlineErrors(spec),
  ];
}

export function deploymentUpdateErrors(
  object: DeploymentDraft,
  old: DeploymentDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') {
    const status = (object.status ?? {}) as Record<string, number>;
    return [...statusCountErrors(status, STATUS_COUNTS), ...collisionErrors(object.status, old.status)];
  }
  return [...deploymentErrors(object), ...immutable('spec.selector', object.spec?.selector, old.spec?.selector)];
}

function strategyErrors({ type, rollingUpdate }: Strategy, path: string): FieldError[] {
  switch (type) {
    case 'Recreate':
      if (rollingUpdate === undefined) return [];
      return [forbiddenField(`${path}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")];
    case 'RollingUpdate':
      if (rollingUpdate === undefined)
        return [required(`${path}.rollingUpdate`, 'this should be defaulted and never be nil')];
      return rollingUpdateErrors(rollingUpdate, `${path}.rollingUpdate`);
    default:
      return [notSupported(path, goDump({ type, rollingUpdate }, 'DeploymentStrategy'), ['Recreate', 'RollingUpdate'])];
  }
}

function rollingUpdateErrors(
  { maxUnavailable, maxSurge }: NonNullable<Strategy['rollingUpdate']>,
  path: string,
): FieldError[] {
  return [
    ...countOrPercent(`${path}.maxUnavailable`, maxUnavailable),
    ...countOrPercent(`${path}.maxSurge`, maxSurge),
    ...(isNothing(maxUnavailable) && isNothing(maxSurge)
      ? [invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')]
      : []),
    ...notAboveHundred(`${path}.maxUnavailable`, maxUnavailable),
  ];
}

/** 0, `0%` or no number at all, which counts as 0. */
export function isNothing(value: number | string | undefined): boolean {
  if (typeof value !== 'string') return value === undefined || value === 0;
  return !/^[+-]?[0-9]+%?$/.test(value) || Number.parseInt(value, 10) === 0;
}

function deadlineErrors({ progressDeadlineSeconds: seconds, minReadySeconds = 0 }: Spec): FieldError[] {
  if (seconds === undefined) return [];
  const errors = nonNegative('spec.progressDeadlineSeconds', seconds);
  if (seconds > minReadySeconds) return errors;
  return [...errors, invalid('spec.progressDeadlineSeconds', seconds, 'must be greater than minReadySeconds')];
}
