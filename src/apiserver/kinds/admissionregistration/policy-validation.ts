/**
 * Validation of admission policies and their bindings: upstream
 * `pkg/apis/admissionregistration/validation/validation.go`.
 */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import { labelSelectorErrors } from '../../../api/selectors.ts';
import type {
  MutatingAdmissionPolicyDraft,
  ValidatingAdmissionPolicyBindingDraft,
  ValidatingAdmissionPolicyDraft,
} from '../models.ts';
import {
  annotationErrors,
  matchConditionErrors,
  mutationErrors,
  scopeOf,
  validationErrors,
  variableErrors,
} from '../../admission/policy/expression-errors.ts';
import { mutationRecords } from '../../admission/policy/mutation.ts';
import type { PolicyScope } from '../../admission/policy/policy-scope.ts';
import { each, invalidFor, isEmpty, oneOf, requiredText } from '../validation/checks.ts';
import { ruleErrors } from './webhook-validation.ts';

type Spec = NonNullable<ValidatingAdmissionPolicyDraft['spec']>;
type SharedSpec = Pick<Spec, 'paramKind' | 'matchConstraints' | 'failurePolicy' | 'matchConditions' | 'variables'>;
type Match = NonNullable<Spec['matchConstraints']>;
type BindingSpec = NonNullable<ValidatingAdmissionPolicyBindingDraft['spec']>;

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const EMPTY = 'validations or auditAnnotations must be non-empty';

export function validatingPolicyErrors({ spec = {} }: ValidatingAdmissionPolicyDraft): FieldError[] {
  const nothing = (spec.validations ?? []).length === 0 && (spec.auditAnnotations ?? []).length === 0;
  const scope = scopeOf(spec);
  return [
    ...sharedErrors(spec, scope),
    ...(nothing ? [required('spec.validations', EMPTY), required('spec.auditAnnotations', EMPTY)] : []),
    ...each(spec.validations, 'spec.validations', (validation, path) => [
      ...(isEmpty(validation.expression?.trim())
        ? [required(`${path}.expression`, 'expression is not specified')]
        : []),
      ...validationErrors(validation, path, scope),
      ...oneOf(`${path}.reason`, validation.reason, REASONS),
    ]),
    ...each(spec.auditAnnotations, 'spec.auditAnnotations', (annotation, path) => [
      ...(isEmpty(annotation.key)
        ? [required(`${path}.key`)]
        : invalidFor(`${path}.key`, annotation.key, qualifiedNameErrors(annotation.key))),
      ...(isEmpty(annotation.valueExpression?.trim())
        ? [required(`${path}.valueExpression`, 'valueExpression is not specified')]
        : []),
      ...annotationErrors(annotation, path, scope),
    ]),
  ];
}

export function mutatingPolicyErrors({ spec = {} }: MutatingAdmissionPolicyDraft): FieldError[] {
  const scope = scopeOf(spec, mutationRecords);
  const { mutations, reinvocationPolicy } = spec;
  return [
    ...sharedErrors(spec, scope),
    ...((mutations ?? []).length === 0 ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...each(mutations, 'spec.mutations', (mutation, path) => mutationErrors(mutation, path, scope)),
    ...oneOf('spec.reinvocationPolicy', reinvocationPolicy, ['IfNeeded', 'Never'], 'required'),
  ];
}

/** What validating and mutating policies have in common. */
function sharedErrors(spec: SharedSpec, scope: PolicyScope): FieldError[] {
  const { paramKind, matchConstraints, failurePolicy, matchConditions, variables } = spec;
  return [
    ...oneOf('spec.failurePolicy', failurePolicy, ['Fail', 'Ignore'], 'required'),
    ...(paramKind === undefined
      ? []
      : [
          ...requiredText('spec.paramKind.apiVersion', paramKind.apiVersion),
          ...requiredText('spec.paramKind.kind', paramKind.kind),
        ]),
    ...(matchConstraints === undefined
      ? [required('spec.matchConstraints')]
      : matchErrors(matchConstraints, 'spec.matchConstraints', true)),
    ...matchConditionErrors(matchConditions, 'spec.matchConditions', scope.full),
    ...variableErrors(variables, scope),
  ];
}

function matchErrors(match: Match, path: string, needsRules: boolean): FieldError[] {
  return [
    ...oneOf(`${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact'], 'required'),
    ...selectorErrors(match.namespaceSelector, `${path}.namespaceSelector`),
    ...selectorErrors(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, ruleErrors),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, ruleErrors),
    ...(needsRules && (match.resourceRules ?? []).length === 0 ? [required(`${path}.resourceRules`)] : []),
  ];
}

function selectorErrors(selector: object | undefined, path: string): FieldError[] {
  if (selector === undefined) return [required(path)];
  return labelSelectorErrors(selector, path);
}

export function validatingBindingErrors({ spec = {} }: ValidatingAdmissionPolicyBindingDraft): FieldError[] {
  const actions = spec.validationActions ?? [];
  const path = 'spec.validationActions';
  const seen = new Set<string>();
  const both =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...bindingErrors(spec),
    ...(actions.length === 0 ? [required(path, 'at least one validation action is required')] : []),
    ...each(actions, path, (action, path) => {
      const errors = oneOf(path, action, ACTIONS, 'unsupported');
      if (seen.has(action)) errors.push(duplicate(path, action));
      seen.add(action);
      return errors;
    }),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(path, actions, both)] : []),
  ];
}

/** What bindings of both kinds of policies have in common. */
export function bindingErrors({ policyName, paramRef, matchResources }: BindingSpec): FieldError[] {
  return [
    ...requiredText('spec.policyName', policyName),
    ...(paramRef === undefined ? [] : paramErrors(paramRef, 'spec.paramRef')),
    ...(matchResources === undefined ? [] : matchErrors(matchResources, 'spec.matchResources', false)),
  ];
}

function paramErrors(
  { name, selector, parameterNotFoundAction }: NonNullable<BindingSpec['paramRef']>,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!isEmpty(name) && selector !== undefined) {
    errors.push(forbiddenField(`${path}.name`, 'name and selector are mutually exclusive'));
    errors.push(forbiddenField(`${path}.selector`, 'name and selector are mutually exclusive'));
  }
  if (isEmpty(name) && selector === undefined) {
    errors.push(required(path, 'one of name or selector must be specified'));
  }
  return [
    ...errors,
    ...oneOf(`${path}.parameterNotFoundAction`, parameterNotFoundAction, ['Allow', 'Deny'], 'required'),
  ];
}
