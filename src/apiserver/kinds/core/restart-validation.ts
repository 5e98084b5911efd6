/** Validation of when containers start again: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, notSupported, required, tooMany } from '../../../api/field-error.ts';
import type { ContainerDraft } from '../models.ts';
import { each, oneOf } from '../validation/checks.ts';

type Container = Pick<ContainerDraft, 'restartPolicy' | 'restartPolicyRules'>;
type Rule = NonNullable<ContainerDraft['restartPolicyRules']>[number];

const POLICIES = ['Always', 'Never', 'OnFailure'];
const ACTIONS = ['Restart', 'RestartAllContainers'];
const OPERATORS = ['In', 'NotIn'];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

export function restartErrors(
  { restartPolicy, restartPolicyRules: rules = [] }: Container,
  path: string,
): FieldError[] {
  const field = `${path}.restartPolicyRules`;
  return [
    ...(restartPolicy === undefined && rules.length > 0
      ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')]
      : oneOf(`${path}.restartPolicy`, restartPolicy, POLICIES)),
    ...(rules.length > MAX_RULES ? [tooMany(field, rules.length, MAX_RULES)] : []),
    ...each(rules, field, ruleErrors),
  ];
}

function ruleErrors({ action = '', exitCodes }: Rule, path: string): FieldError[] {
  const errors = ACTIONS.includes(action) ? [] : [notSupported(`${path}.action`, action, ACTIONS)];
  if (exitCodes === undefined) return [...errors, required(`${path}.exitCodes`, 'must be specified')];
  const count = (exitCodes.values ?? []).length;
  return [
    ...errors,
    ...oneOf(`${path}.exitCodes.operator`, exitCodes.operator, OPERATORS, 'unsupported'),
    ...(count > MAX_EXIT_CODES ? [tooMany(`${path}.exitCodes.values`, count, MAX_EXIT_CODES)] : []),
  ];
}
