/** Validation of RuntimeClasses: upstream `pkg/apis/node/validation/validation.go`. */
import type { FieldError } from '../../../api/field-error.ts';
import { dns1123LabelErrors } from '../../../api/names.ts';
import { tolerationErrors } from '../core/affinity-validation.ts';
import { requirementsErrors } from '../core/resources-validation.ts';
import type { RuntimeClassDraft } from '../models.ts';
import { immutable, requiredText } from '../validation/checks.ts';
import { labelErrors } from '../validation/metadata.ts';

export function runtimeClassErrors({ handler, overhead, scheduling }: RuntimeClassDraft): FieldError[] {
  return [
    ...requiredText('handler', handler, dns1123LabelErrors),
    // Upstream speaks of the overhead as of limits.
    ...requirementsErrors({ limits: overhead?.podFixed ?? {} }, new Set(), 'overhead'),
    ...labelErrors(scheduling?.nodeSelector, 'scheduling.nodeSelector'),
    ...tolerationErrors(scheduling?.tolerations, 'scheduling.tolerations'),
  ];
}

export function runtimeClassUpdateErrors(object: RuntimeClassDraft, old: RuntimeClassDraft): FieldError[] {
  return immutable('handler', object.handler, old.handler);
}
