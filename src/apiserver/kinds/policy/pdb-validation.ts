/** Validation of PodDisruptionBudgets: upstream `pkg/apis/policy/validation/validation.go`. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import { type LabelSelectorObject, labelSelectorErrors } from '../../../api/selectors.ts';
import type { PodDisruptionBudgetDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { countOrPercent, nonNegative, notAboveHundred, oneOf } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget'];

export function podDisruptionBudgetErrors({ spec = {} }: PodDisruptionBudgetDraft): FieldError[] {
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy } = spec;
  return [
    ...(minAvailable !== undefined && maxUnavailable !== undefined
      ? [invalid('spec', goDump(spec, 'PodDisruptionBudgetSpec'), 'minAvailable and maxUnavailable cannot be both set')]
      : []),
    ...countOrPercent('spec.minAvailable', minAvailable),
    ...notAboveHundred('spec.minAvailable', minAvailable),
    ...countOrPercent('spec.maxUnavailable', maxUnavailable),
    ...notAboveHundred('spec.maxUnavailable', maxUnavailable),
    ...(selector === undefined ? [] : labelSelectorErrors(selector as LabelSelectorObject, 'spec.selector')),
    ...oneOf('spec.unhealthyPodEvictionPolicy', unhealthyPodEvictionPolicy, EVICTION_POLICIES),
  ];
}

export function podDisruptionBudgetUpdateErrors(
  object: PodDisruptionBudgetDraft,
  _old: PodDisruptionBudgetDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource !== 'status') return podDisruptionBudgetErrors(object);
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
  return counts.flatMap((member) => nonNegative(`status.${member}`, object.status?.[member]));
}
