/** Validation of ControllerRevisions: upstream `pkg/apis/apps/validation/validation.go`. */
import { type FieldError, required } from '../../../api/field-error.ts';
import type { ControllerRevisionDraft } from '../models.ts';
import { immutable, nonNegative } from '../validation/checks.ts';

export function controllerRevisionErrors({ data, revision }: ControllerRevisionDraft): FieldError[] {
  return [...(data === undefined ? [required('data', 'data is mandatory')] : []), ...nonNegative('revision', revision)];
}

export function controllerRevisionUpdateErrors(
  object: ControllerRevisionDraft,
  old: ControllerRevisionDraft,
): FieldError[] {
  return [...controllerRevisionErrors(object), ...immutable('data', object.data, old.data)];
}
