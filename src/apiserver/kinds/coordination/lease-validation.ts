/** Validation of Leases: upstream `pkg/apis/coordination/validation/validation.go`. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import type { LeaseDraft } from '../models.ts';

export function leaseErrors({ spec = {} }: LeaseDraft): FieldError[] {
  const { leaseDurationSeconds, leaseTransitions, holderIdentity } = spec;
  return [
    ...(leaseDurationSeconds !== undefined && leaseDurationSeconds <= 0
      ? [invalid('spec.leaseDurationSeconds', leaseDurationSeconds, 'must be greater than 0')]
      : []),
    ...(leaseTransitions !== undefined && leaseTransitions < 0
      ? [invalid('spec.leaseTransitions', leaseTransitions, 'must be greater than or equal to 0')]
      : []),
    ...(holderIdentity === '' ? [invalid('spec.holderIdentity', holderIdentity, 'must not be empty')] : []),
  ];
}
