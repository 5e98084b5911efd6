/** What is wrong with expressions when a policy or a webhook is written: upstream `admissionregistration/validation`. */
import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import {
  BOOL,
  type CelType,
  compile,
  DYN,
  isRejected,
  NULL,
  sameType,
  showType,
  STRING,
  type Variables,
} from '../../cel/index.ts';
import type { MatchCondition } from '../match-conditions.ts';
import type { AuditAnnotation, Validation } from './decide.ts';
import { MUTATION_TYPES, type Mutation } from './mutation.ts';
import type { PolicySpec } from './policy-index.ts';
import { type NamedExpression, PolicyScope } from './policy-scope.ts';

const MAX_MATCH_CONDITIONS = 64;

/** `wanted`: none for any type. */
export function expressionErrors(
  text: string,
  path: string,
  variables: Variables,
  wanted: readonly CelType[],
): FieldError[] {
  const program = compile(text, variables);
  if (isRejected(program)) return [invalid(path, text, `compilation failed: ${program.problem}`)];
  if (wanted.length === 0 || wanted.some((type) => isExactly(program.type, type))) return [];
  const [only] = wanted;
  const types =
    wanted.length === 1 && only !== undefined ? showType(only) : `one of [${wanted.map(showType).join(' ')}]`;
  return [invalid(path, text, `must evaluate to ${types}`)];
}

/** An empty list is one of anything. */
function isExactly(type: CelType, wanted: CelType): boolean {
  if (type.kind === 'list' && type.element.kind === 'param') return wanted.kind === 'list';
  return sameType(type, wanted);
}

export function matchConditionErrors(
  conditions: readonly MatchCondition[] | undefined,
  path: string,
  variables: Variables,
): FieldError[] {
  const names = new Set<string>();
  const count = conditions?.length ?? 0;
  const errors = count > MAX_MATCH_CONDITIONS ? [tooMany(path, count, MAX_MATCH_CONDITIONS)] : [];
  const each = (conditions ?? []).flatMap(({ name = '', expression = '' }, index) => {
    const at = `${path}[${index}]`;
    const repeated = names.has(name);
    names.add(name);
    return [
      ...(name === ''
        ? [required(`${at}.name`)]
        : qualifiedNameErrors(name).map((problem) => invalid(`${at}.name`, name, problem))),
      ...(repeated ? [duplicate(`${at}.name`, name)] : []),
      ...(expression.trim() === ''
        ? [required(`${at}.expression`)]
        : expressionErrors(expression, `${at}.expression`, variables, [BOOL])),
    ];
  });
  return [...errors, ...each];
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

export function variableErrors(variables: readonly NamedExpression[] | undefined, scope: PolicyScope): FieldError[] {
  const names = new Set<string>();
  return (variables ?? []).flatMap(({ name = '', expression = '' }, index) => {
    const at = `spec.variables[${index}]`;
    const repeated = names.has(name);
    names.add(name);
    const program = scope.composed.get(name);
    const problem = program !== undefined && isRejected(program) ? program.problem : undefined;
    return [
      ...(name === '' ? [required(`${at}.name`, 'name is not specified')] : []),
      ...(name === '' || IDENTIFIER.test(name)
        ? []
        : [invalid(`${at}.name`, name, 'name is not a valid CEL identifier')]),
      ...(repeated ? [duplicate(`${at}.name`, name)] : []),
      ...(expression.trim() === '' ? [required(`${at}.expression`, 'expression is not specified')] : []),
      ...(problem === undefined || expression.trim() === ''
        ? []
        : [invalid(`${at}.expression`, expression, `compilation failed: ${problem}`)]),
    ];
  });
}

export function scopeOf(
  { variables, paramKind }: Pick<PolicySpec, 'variables' | 'paramKind'>,
  records?: Variables['records'],
): PolicyScope {
  return new PolicyScope(variables ?? [], paramKind !== undefined, DYN, records);
}

export function validationErrors(
  { expression = '', messageExpression }: Validation,
  path: string,
  { full, plain }: PolicyScope,
): FieldError[] {
  return [
    ...(expression.trim() === '' ? [] : expressionErrors(expression, `${path}.expression`, full, [BOOL])),
    ...messageExpressionErrors(messageExpression ?? '', `${path}.messageExpression`, plain),
  ];
}

function messageExpressionErrors(text: string, path: string, variables: Variables): FieldError[] {
  if (text === '') return [];
  if (text.trim() === '') return [invalid(path, text, 'must be non-empty if specified')];
  return expressionErrors(text, path, variables, [STRING]);
}

export function annotationErrors(
  { valueExpression = '' }: AuditAnnotation,
  path: string,
  { full }: PolicyScope,
): FieldError[] {
  if (valueExpression.trim() === '') return [];
  return expressionErrors(valueExpression, `${path}.valueExpression`, full, [STRING, NULL]);
}

const PATCH_TYPES = Object.keys(MUTATION_TYPES);

export function mutationErrors(mutation: Mutation, path: string, { full }: PolicyScope): FieldError[] {
  const { patchType = '', applyConfiguration, jsonPatch } = mutation;
  const wanted = MUTATION_TYPES[patchType];
  if (patchType === '') return [required(`${path}.patchType`)];
  if (wanted === undefined) return [notSupported(`${path}.patchType`, patchType, PATCH_TYPES)];
  const [given, member] =
    patchType === 'JSONPatch'
      ? ([jsonPatch, 'jsonPatch'] as const)
      : ([applyConfiguration, 'applyConfiguration'] as const);
  const at = `${path}.${member}`;
  if (given === undefined) return [required(at, `must be specified when patchType is ${patchType}`)];
  const expression = given.expression ?? '';
  if (expression.trim() === '') return [required(`${at}.expression`, 'expression is not specified')];
  return expressionErrors(expression, `${at}.expression`, full, [wanted]);
}
