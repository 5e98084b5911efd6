/** Validation of ReplicaSets and ReplicationControllers: upstream `pkg/apis/{apps,core}/validation`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { LabelSelector } from '../../../api/selectors.ts';
import type { ReplicaSetDraft, ReplicationControllerDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { immutable, nonNegative } from '../validation/checks.ts';
import { ownedTemplateErrors, readSelector, selectorErrors, statusCountErrors } from './template-validation.ts';

const COUNTS = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'];

export function replicaSetErrors({ spec = {} }: ReplicaSetDraft): FieldError[] {
  const selector = readSelector(spec.selector);
  return [
    ...nonNegative('spec.replicas', spec.replicas),
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...selectorErrors(spec.selector, 'deployment', 'spec.selector'),
    ...(selector === undefined
      ? [invalid('spec.selector', spec.selector, 'invalid label selector')]
      : ownedTemplateErrors(spec.template, selector, 'ReplicaSet', 'spec.template')),
  ];
}

export function replicaSetUpdateErrors(
  object: ReplicaSetDraft,
  old: ReplicaSetDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusCountErrors((object.status ?? {}) as Record<string, number>, COUNTS);
  return [...replicaSetErrors(object), ...immutable('spec.selector', object.spec?.selector, old.spec?.selector)];
}

export function replicationControllerErrors({ spec = {} }: ReplicationControllerDraft): FieldError[] {
  const labels = spec.selector ?? {};
  const empty = Object.keys(labels).length === 0;
  return [
    ...nonNegative('spec.minReadySeconds', spec.minReadySeconds),
    ...(empty ? [required('spec.selector')] : []),
    ...nonNegative('spec.replicas', spec.replicas),
    ...(spec.template === undefined
      ? [required('spec.template')]
      : ownedTemplateErrors(spec.template, LabelSelector.ofLabels(labels), 'ReplicationController', 'spec.template')),
  ];
}

export function replicationControllerUpdateErrors(
  object: ReplicationControllerDraft,
  _old: ReplicationControllerDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusCountErrors((object.status ?? {}) as Record<string, number>, COUNTS);
  return replicationControllerErrors(object);
}
