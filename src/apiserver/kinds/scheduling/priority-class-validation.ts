/** Validation of PriorityClasses: upstream `pkg/apis/scheduling/validation/validation.go`. */
import { type FieldError, forbiddenField } from '../../../api/field-error.ts';
import type { PriorityClassDraft } from '../models.ts';
import { oneOf } from '../validation/checks.ts';

const MAX_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = 'system-';
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

export function priorityClassErrors({ metadata, value = 0, preemptionPolicy }: PriorityClassDraft): FieldError[] {
  const name = metadata?.name ?? '';
  return [
    ...(name.startsWith(SYSTEM_PREFIX) ? systemErrors(name, value) : []),
    ...(!name.startsWith(SYSTEM_PREFIX) && value > MAX_USER_PRIORITY
      ? [forbiddenField('value', `maximum allowed value of a user defined priority is ${MAX_USER_PRIORITY}`)]
      : []),
    ...oneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'required'),
  ];
}

function systemErrors(name: string, value: number): FieldError[] {
  const known = SYSTEM_CLASSES[name];
  if (known === value) return [];
  const why =
    known === undefined
      ? `${name} is not a known system priority class`
      : `value of ${name} PriorityClass must be ${known}`;
  const detail = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${why}`;
  return [forbiddenField('metadata.name', detail)];
}

export function priorityClassUpdateErrors(object: PriorityClassDraft, old: PriorityClassDraft): FieldError[] {
  const errors: FieldError[] = [];
  if ((object.value ?? 0) !== (old.value ?? 0)) {
    errors.push(forbiddenField('value', 'may not be changed in an update.'));
  }
  if (object.preemptionPolicy !== old.preemptionPolicy) {
    errors.push(forbiddenField('preemptionPolicy', 'may not be changed in an update.'));
  }
  return errors;
}
