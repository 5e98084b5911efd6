/**
 * Validation of admission policies and their bindings: upstream
 * `pkg/apis/admissionregistration/validation/validation.go`.
 */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
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
import { each, invalidFor, isEmpty, oneOf } from '../validation/checks.ts';
import { ruleErrors } from './webhook-validation.ts';

type Spec = NonNullable<ValidatingAdmissionPolicyDraft['spec']>;
type SharedSpec = Pick<Spec, 'paramKind' | 'matchConstraints' | 'failurePolicy' | 'matchConditions' | 'variables'>;
type Match = NonNullable<Spec['matchConstraints']>;
type BindingSpec = NonNullable<ValidatingAdmissionPolicyBindingDraft['spec']>;

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const EMPTY = 'validations or auditAnnotations must be non-empty';

const MAX_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION_BYTES = 5 * 1024;

export function validatingPolicyErrors({ metadata, spec = {} }: ValidatingAdmissionPolicyDraft): FieldError[] {
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
      ...messageErrors(validation, path),
      ...oneOf(`${path}.reason`, validation.reason, REASONS),
    ]),
    ...auditAnnotationErrors(spec.auditAnnotations ?? [], metadata?.name ?? '', scope),
  ];
}

function messageErrors({ message = '' }: NonNullable<Spec['validations']>[number], path: string): FieldError[] {
  if (message === '') return [];
  if (message.trim() === '') {
    return [invalid(`${path}.message`, message, 'message must be non-empty if specified')];
  }
  if (!/[\n\r]/.test(message.trim())) return [];
  return [invalid(`${path}.message`, message, 'message must not contain line breaks')];
}

/** In the log they stand under the name of the policy. */
function auditAnnotationErrors(
  annotations: NonNullable<Spec['auditAnnotations']>,
  policy: string,
  scope: PolicyScope,
): FieldError[] {
  const path = 'spec.auditAnnotations';
  const keys = annotations.map(({ key = '' }) => key);
  const many = `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`;
  return [
    ...(annotations.length > MAX_ANNOTATIONS ? [invalid(path, annotations, many)] : []),
    ...each(annotations, path, (annotation, path, index) => {
      const { key = '', valueExpression = '' } = annotation;
      const name = `${policy}/${key}`;
      return [
        ...(policy === ''
          ? [invalid(`${path}.key`, key, 'requires metadata.name be non-empty')]
          : invalidFor(`${path}.key`, name, qualifiedNameErrors(name))),
        ...valueErrors(valueExpression, `${path}.valueExpression`),
        ...annotationErrors(annotation, path, scope),
        ...(keys.indexOf(key) < index ? [duplicate(`${path}.key`, key)] : []),
      ];
    }),
  ];
}

function valueErrors(expression: string, path: string): FieldError[] {
  const text = expression.trim();
  if (text === '') return [required(path, 'valueExpression is not specified')];
  if (Buffer.byteLength(text) <= MAX_VALUE_EXPRESSION_BYTES) return [];
  return [required(path, `must not exceed ${MAX_VALUE_EXPRESSION_BYTES} bytes in length`)];
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
          ...apiVersionErrors(paramKind.apiVersion ?? '', 'spec.paramKind.apiVersion'),
          ...kindErrors(paramKind.kind ?? '', 'spec.paramKind.kind'),
        ]),
    ...(matchConstraints === undefined
      ? [required('spec.matchConstraints')]
      : matchErrors(matchConstraints, 'spec.matchConstraints', true)),
    ...matchConditionErrors(matchConditions, 'spec.matchConditions', scope.full),
    ...variableErrors(variables, scope),
  ];
}

function apiVersionErrors(text: string, path: string): FieldError[] {
  if (text === '') return [required(path)];
  const parts = text.split('/');
  if (parts.length > 2) return [invalid(path, text, `unexpected GroupVersion string: ${text}`)];
  const [version = '', group = ''] = parts.reverse();
  return [
    ...(group === '' ? [] : invalidFor(path, group, dns1123SubdomainErrors(group))),
    ...(version === ''
      ? [invalid(path, text, 'version must be specified')]
      : invalidFor(path, version, dns1035LabelErrors(version))),
  ];
}

function kindErrors(kind: string, path: string): FieldError[] {
  if (kind === '') return [required(path)];
  return dns1035LabelErrors(kind.toLowerCase()).map((problem) =>
    invalid(path, kind, `may have mixed case, but should otherwise match: ${problem}`),
  );
}

function matchErrors(match: Match, path: string, needsRules: boolean): FieldError[] {
  return [
    ...oneOf(`${path}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact'], 'required'),
    ...selectorErrors(match.namespaceSelector, `${path}.namespaceSelector`),
    ...selectorErrors(match.objectSelector, `${path}.objectSelector`),
    ...each(match.resourceRules, `${path}.resourceRules`, namedRuleErrors),
    ...each(match.excludeResourceRules, `${path}.excludeResourceRules`, namedRuleErrors),
    ...(needsRules && (match.resourceRules ?? []).length === 0 ? [required(`${path}.resourceRules`)] : []),
  ];
}

function namedRuleErrors(rule: NonNullable<Match['resourceRules']>[number], path: string): FieldError[] {
  const names = rule.resourceNames ?? [];
  return [
    ...each(names, `${path}.resourceNames`, (name, path, index) => [
      ...invalidFor(path, name, pathSegmentErrors(name)),
      ...(names.indexOf(name) < index ? [duplicate(path, name)] : []),
    ]),
    ...ruleErrors(rule, path),
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
    ...(isEmpty(policyName)
      ? [required('spec.policyName')]
      : invalidFor('spec.policyName', policyName, dns1123SubdomainErrors(policyName))),
    ...(paramRef === undefined ? [] : paramErrors(paramRef, 'spec.paramRef')),
    ...(matchResources === undefined ? [] : matchErrors(matchResources, 'spec.matchResources', false)),
  ];
}

function paramErrors(
  { name, selector, parameterNotFoundAction }: NonNullable<BindingSpec['paramRef']>,
  path: string,
): FieldError[] {
  const errors = isEmpty(name) ? [] : invalidFor(`${path}.name`, name, pathSegmentErrors(name));
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
