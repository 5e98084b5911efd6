/** What is wrong with the rules of a definition: upstream `pkg/apis/apiextensions/validation/validation.go`. */
import { type FieldError, invalid, notSupported, required } from '../../../api/field-error.ts';
import type { Schema, SchemaRule } from '../../../api/schema.ts';
import { Bounds, estimateCost } from '../../cel/index.ts';
import { CostBudget, multiplicity } from './cost-budget.ts';
import { leadsSomewhere } from './field-path.ts';
import { ruleTree, type CompiledRule, type RuleTree } from './rule-tree.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** Of the texts of the rules that stand at a schema itself. */
export function ruleTextErrors(schema: Schema, path: string): FieldError[] {
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, index) =>
    textErrors(rule, schema, `${path}.x-kubernetes-validations[${index}]`),
  );
}

function textErrors(rule: SchemaRule, schema: Schema, path: string): FieldError[] {
  const { message = '', messageExpression, reason, fieldPath = '' } = rule;
  return [
    ...messageErrors(rule.rule.trim(), message, path),
    ...(messageExpression?.trim() === ''
      ? [required(`${path}.messageExpression`, 'messageExpression must be non-empty if specified')]
      : []),
    ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(`${path}.reason`, reason, REASONS)]),
    ...fieldPathErrors(fieldPath, schema, `${path}.fieldPath`),
  ];
}

function messageErrors(rule: string, message: string, path: string): FieldError[] {
  const text = message.trim();
  if (rule === '') return [required(`${path}.rule`, 'rule is not specified')];
  if (message !== '' && text === '') {
    return [invalid(`${path}.message`, message, 'message must be non-empty if specified')];
  }
  if (text.includes('\n')) return [invalid(`${path}.message`, message, 'message must not contain line breaks')];
  if (!rule.includes('\n') || text !== '') return [];
  return [required(`${path}.message`, 'message must be specified if rule contains line breaks')];
}

function fieldPathErrors(fieldPath: string, schema: Schema, path: string): FieldError[] {
  if (fieldPath === '') return [];
  if (fieldPath.trim() === '') return [invalid(path, fieldPath, 'fieldPath must be non-empty if specified')];
  return [
    ...(fieldPath.includes('\n') ? [invalid(path, fieldPath, 'fieldPath must not contain line breaks')] : []),
    ...(leadsSomewhere(fieldPath, schema) ? [] : [invalid(path, fieldPath, 'fieldPath must be a valid path')]),
  ];
}

/** Of the expressions. `path` leads to the schema of a whole resource; only where it `isSound` rules are looked at. */
export function ruleCompileErrors(schema: Schema, path: string, isSound: (path: string) => boolean): FieldError[] {
  const tree = ruleTree(schema);
  if (tree === undefined) return [];
  const budget = new CostBudget();
  const errors = treeErrors(tree, { path, broken: undefined, times: 1 }, { isSound, budget });
  return [...errors, ...budget.totalErrors(path)];
}

interface Place {
  readonly path: string;
  /** The list or map above which old and new values cannot be told to belong together. */
  readonly broken: string | undefined;
  /** How often a value can be there; undefined without a limit. */
  readonly times: number | undefined;
}

interface TreeChecks {
  readonly isSound: (path: string) => boolean;
  readonly budget: CostBudget;
}

function treeErrors(tree: RuleTree, place: Place, checks: TreeChecks): FieldError[] {
  const { schema, items, additional, properties } = tree;
  const { path, broken } = place;
  const more = multiplicity(schema);
  const times = place.times === undefined || more === undefined ? undefined : place.times * more;
  const mapBroken = broken ?? (schema['x-kubernetes-map-type'] === 'atomic' ? path : undefined);
  const listBroken = broken ?? (schema['x-kubernetes-list-type'] === 'map' ? undefined : path);
  const below = (each: RuleTree | undefined, step: string, broken: string | undefined): FieldError[] =>
    each === undefined ? [] : treeErrors(each, { path: path + step, broken, times }, checks);
  return [
    ...(checks.isSound(path) ? ownErrors(tree, place, checks.budget) : []),
    ...[...properties].flatMap(([name, each]) => below(each, `.properties[${name}]`, mapBroken)),
    ...below(items, '.items', listBroken),
    ...below(additional, '.additionalProperties', mapBroken),
  ];
}

function ownErrors({ rules, shape }: RuleTree, { path, broken, times }: Place, budget: CostBudget): FieldError[] {
  if (rules.length === 0) return [];
  const bounds = new Bounds(shape);
  return rules.flatMap((compiled, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`;
    const { program, message } = compiled;
    const cost = program === undefined ? 0 : estimateCost(program.expression, bounds);
    const whole = cost * (times ?? bounds.maxCardinality());
    return [
      ...budget.spend('estimated rule cost', `${at}.rule`, whole),
      ...compileErrors(compiled, at, broken),
      ...(message === undefined
        ? []
        : budget.spend(
            'estimated messageExpression cost',
            `${at}.messageExpression`,
            estimateCost(message.expression, bounds),
          )),
    ];
  });
}

function compileErrors(compiled: CompiledRule, path: string, broken: string | undefined): FieldError[] {
  const { rule, problem, messageProblem, usesOldSelf } = compiled;
  const errors: FieldError[] = [];
  if (problem !== undefined) errors.push(invalid(`${path}.rule`, internalForm(rule), problem));
  if (messageProblem !== undefined) {
    errors.push(invalid(`${path}.messageExpression`, internalForm(rule), messageProblem));
  }
  if (usesOldSelf && broken !== undefined) {
    const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${broken}`;
    errors.push(invalid(`${path}.rule`, rule.rule, why));
  }
  if (!usesOldSelf && problem === undefined && rule.optionalOldSelf !== undefined) {
    const why = 'may not be set if oldSelf is not used in rule';
    errors.push(invalid(`${path}.optionalOldSelf`, rule.optionalOldSelf, why));
  }
  return errors;
}

/** As upstream shows it. */
function internalForm({ rule, message, messageExpression, reason, fieldPath, optionalOldSelf }: SchemaRule): object {
  return {
    Rule: rule,
    Message: message ?? '',
    MessageExpression: messageExpression ?? '',
    Reason: reason ?? null,
    FieldPath: fieldPath ?? '',
    OptionalOldSelf: optionalOldSelf ?? null,
  };
}
