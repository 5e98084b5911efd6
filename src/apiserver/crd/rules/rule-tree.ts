/** The rules of a schema, compiled, where they stand: upstream apiextensions `schema/cel/compilation.go` and `validation.go`. */
import type { Schema, SchemaRule } from '../../../api/schema.ts';
import {
  BOOL,
  compile,
  isRejected,
  optionalOf,
  sameType,
  type Program,
  type Shape,
  shapeOf,
  STRING,
} from '../../cel/index.ts';
import { joinPath } from './field-path.ts';

/** Mirrors a schema as far as there are rules below. */
export interface RuleTree {
  readonly schema: Schema;
  readonly shape: Shape;
  readonly rules: readonly CompiledRule[];
  readonly items?: RuleTree;
  readonly additional?: RuleTree;
  readonly properties: ReadonlyMap<string, RuleTree>;
}

export interface CompiledRule {
  readonly rule: SchemaRule;
  /** Undefined where the rule is no valid expression. */
  readonly program: Program | undefined;
  readonly problem: string | undefined;
  readonly message: Program | undefined;
  readonly messageProblem: string | undefined;
  readonly usesOldSelf: boolean;
}

const kept = new WeakMap<Schema, { readonly tree: RuleTree | undefined }>();

/** Of a whole resource; undefined where there are no rules. Compiled once for each schema object. */
export function ruleTree(schema: Schema): RuleTree | undefined {
  const known = kept.get(schema);
  if (known !== undefined) return known.tree;
  const tree = hasRules(schema) ? treeOf(schema, shapeOf(schema, true)) : undefined;
  kept.set(schema, { tree });
  return tree;
}

function hasRules(schema: Schema): boolean {
  if ((schema['x-kubernetes-validations'] ?? []).length > 0) return true;
  const { items, additionalProperties, properties } = schema;
  const below = [items, additionalProperties, ...Object.values(properties ?? {})];
  return below.some((each) => typeof each === 'object' && hasRules(each));
}

function treeOf(schema: Schema, shape: Shape | undefined): RuleTree | undefined {
  if (shape === undefined || !hasRules(schema)) return undefined;
  const items = below(schema.items, shape.element);
  const additional = below(schemaOnly(schema.additionalProperties), shape.element);
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, inner]): [string, RuleTree][] => {
    const field =
      shape.fields === undefined ? undefined : [...shape.fields.values()].find((each) => each.name === name);
    const tree = below(inner, field?.shape);
    return tree === undefined ? [] : [[name, tree]];
  });
  return {
    schema,
    shape,
    rules: (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, shape)),
    ...(items === undefined ? {} : { items }),
    ...(additional === undefined ? {} : { additional }),
    properties: new Map(properties),
  };
}

function below(schema: Schema | undefined, shape: Shape | undefined): RuleTree | undefined {
  return schema === undefined ? undefined : treeOf(schema, shape);
}

function schemaOnly(schema: Schema | boolean | undefined): Schema | undefined {
  return typeof schema === 'object' ? schema : undefined;
}

export function compileRule(rule: SchemaRule, shape: Shape): CompiledRule {
  const oldSelf = rule.optionalOldSelf === true ? optionalOf(shape.type) : shape.type;
  const variables = {
    types: new Map([
      ['self', shape.type],
      ['oldSelf', oldSelf],
    ]),
  };
  const program = compile(rule.rule, variables);
  const message = rule.messageExpression === undefined ? undefined : compile(rule.messageExpression, variables);
  const parts = { rule, usesOldSelf: !isRejected(program) && program.reads.has('oldSelf') };
  const [found, problem] = isRejected(program)
    ? [undefined, `compilation failed: ${program.problem}`]
    : sameType(program.type, BOOL)
      ? [program, undefined]
      : [undefined, 'cel expression must evaluate to a bool'];
  if (message === undefined)
    return { ...parts, program: found, problem, message: undefined, messageProblem: undefined };
  const messageProblem = isRejected(message)
    ? `messageExpression compilation failed: ${message.problem}`
    : sameType(message.type, STRING)
      ? undefined
      : 'messageExpression must evaluate to a string';
  return { ...parts, program: found, problem, message: isRejected(message) ? undefined : message, messageProblem };
}

/** Where a rule says its fault is. */
export function faultPath({ fieldPath }: SchemaRule, path: string): string {
  return fieldPath === undefined || fieldPath === '' ? path : joinPath(path, fieldPath.replace(/^\./, ''));
}
