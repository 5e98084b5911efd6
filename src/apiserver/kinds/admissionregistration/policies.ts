/** Admission policies. Defaults: upstream `pkg/apis/admissionregistration/v1/defaults.go`. */
import type { FieldError } from '../../../api/field-error.ts';
import {
  bindingErrors,
  mutatingPolicyErrors,
  validatingBindingErrors,
  validatingPolicyErrors,
} from './policy-validation.ts';
import { defineKind, type KindHooks } from '../draft.ts';
import type {
  MutatingAdmissionPolicyDraft,
  ValidatingAdmissionPolicyBindingDraft,
  ValidatingAdmissionPolicyDraft,
} from '../models.ts';
import { statusRules } from '../status-rules.ts';
import type { Column } from '../strategy.ts';
import { COLUMNS } from '../table/columns.ts';
import { ageOf } from '../table/duration.ts';

const UNSET = '<unset>';

type MatchResources = NonNullable<NonNullable<ValidatingAdmissionPolicyDraft['spec']>['matchConstraints']>;
type Policy = ValidatingAdmissionPolicyDraft | MutatingAdmissionPolicyDraft;

export const validatingAdmissionPolicy = defineKind<ValidatingAdmissionPolicyDraft>({
  updateNeedsVersion: true,
  ...statusRules({ initialStatus: () => ({}), generationOf: ['spec'], statusKeepsMetadata: true }),
  setDefaults: setPolicyDefaults,
  validate: validatingPolicyErrors,
  validateUpdate: validatingPolicyErrors,
  table: {
    columns: COLUMNS['admissionregistration.k8s.io/validatingadmissionpolicies'],
    cells: (object, now) => [
      object.metadata?.name,
      (object.spec?.validations ?? []).length,
      paramKindText(object),
      ageOf(object, now),
    ],
  },
});

export const mutatingAdmissionPolicy = defineKind<MutatingAdmissionPolicyDraft>({
  updateNeedsVersion: true,
  ...statusRules({ generationOf: ['spec'] }),
  setDefaults: setPolicyDefaults,
  validate: mutatingPolicyErrors,
  validateUpdate: mutatingPolicyErrors,
  table: {
    columns: COLUMNS['admissionregistration.k8s.io/mutatingadmissionpolicies'],
    cells: (object, now) => [
      object.metadata?.name,
      (object.spec?.mutations ?? []).length,
      paramKindText(object),
      ageOf(object, now),
    ],
  },
});

export const validatingAdmissionPolicyBinding = defineKind(
  bindingHooks(COLUMNS['admissionregistration.k8s.io/validatingadmissionpolicybindings'], validatingBindingErrors),
);
export const mutatingAdmissionPolicyBinding = defineKind(
  bindingHooks(COLUMNS['admissionregistration.k8s.io/mutatingadmissionpolicybindings'], ({ spec }) =>
    bindingErrors(spec ?? {}),
  ),
);

function setPolicyDefaults({ spec }: Policy): void {
  if (spec === undefined) return;
  spec.failurePolicy ??= 'Fail';
  if (spec.matchConstraints !== undefined) setMatchDefaults(spec.matchConstraints);
}

function setMatchDefaults(match: MatchResources): void {
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

function bindingHooks(
  columns: readonly Column[],
  validate: (binding: ValidatingAdmissionPolicyBindingDraft) => FieldError[],
): KindHooks<ValidatingAdmissionPolicyBindingDraft> {
  return {
    ...statusRules({ generationOf: ['spec'] }),
    updateNeedsVersion: true,
    validate,
    validateUpdate: validate,
    setDefaults({ spec }) {
      if (spec?.matchResources !== undefined) setMatchDefaults(spec.matchResources);
    },
    table: {
      columns,
      cells: (object, now) => [
        object.metadata?.name,
        object.spec?.policyName ?? '',
        paramRefText(object),
        ageOf(object, now),
      ],
    },
  };
}

function paramKindText({ spec }: Policy): string {
  const kind = spec?.paramKind;
  return kind === undefined ? UNSET : `${kind.apiVersion ?? ''}/${kind.kind ?? ''}`;
}

function paramRefText({ spec }: ValidatingAdmissionPolicyBindingDraft): string {
  const reference = spec?.paramRef;
  if (reference === undefined) return UNSET;
  const name = reference.name ?? '*';
  return reference.namespace === undefined ? name : `${reference.namespace}/${name}`;
}
