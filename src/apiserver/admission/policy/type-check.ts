/** Warnings for expressions that do not fit the kinds they will see: upstream `policy/validating/typechecking.go`. */
import type { GroupVersionKind } from '../../../api/resources.ts';
import type { Schema, SchemaSet } from '../../../api/schema.ts';
import { type CelType, compile, isRejected, shapeOf } from '../../cel/index.ts';
import type { ValidatingSpec } from './decide.ts';
import { PolicyScope } from './policy-scope.ts';

export interface ExpressionWarning {
  readonly fieldRef: string;
  readonly warning: string;
}

/** Finds the kinds that a rule names; a wildcard names none. */
export type KindsOf = (group: string, version: string, plural: string) => GroupVersionKind | undefined;

const MAX_KINDS = 10;
/** References nest (schemas within schemas); what lies deeper may be anything. */
const MAX_DEPTH = 12;

export function typeWarnings(spec: ValidatingSpec, kindOf: KindsOf, schemas: SchemaSet): ExpressionWarning[] {
  const scopes = kindsOf(spec, kindOf).flatMap((kind) => {
    const type = objectType(kind, schemas);
    if (type === undefined) return [];
    return [{ kind, scope: new PolicyScope(spec.variables ?? [], spec.paramKind !== undefined, type) }];
  });
  const check = (fieldRef: string, text: string, plain: boolean): ExpressionWarning[] => {
    const warning = scopes
      .map(({ kind, scope }) => {
        const program = compile(text, plain ? scope.plain : scope.full);
        return isRejected(program) ? `${showKind(kind)}: ${program.problem}\n` : '';
      })
      .join('');
    return warning === '' ? [] : [{ fieldRef, warning }];
  };
  return (spec.validations ?? []).flatMap(({ expression = '', messageExpression = '' }, index) => [
    ...check(`spec.validations[${index}].expression`, expression, false),
    ...(messageExpression === '' ? [] : check(`spec.validations[${index}].messageExpression`, messageExpression, true)),
  ]);
}

/** `apps/v1, Kind=Deployment` */
function showKind({ group, version, kind }: GroupVersionKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

function kindsOf({ matchConstraints }: ValidatingSpec, kindOf: KindsOf): GroupVersionKind[] {
  const found = new Map<string, GroupVersionKind>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of matchConstraints?.resourceRules ?? []) {
    for (const group of apiGroups) {
      for (const version of apiVersions) {
        for (const plural of resources) {
          const kind = kindOf(group, version, plural);
          if (kind !== undefined) found.set(showKind(kind), kind);
        }
      }
    }
  }
  return [...found.values()].slice(0, MAX_KINDS);
}

function objectType(kind: GroupVersionKind, schemas: SchemaSet): CelType | undefined {
  const schema = schemas.forKind(kind);
  return schema === undefined ? undefined : shapeOf(inlined(schema, schemas, 0), false, 'Object')?.type;
}

/** Without references. */
function inlined(schema: Schema, schemas: SchemaSet, depth: number): Schema {
  const resolved = schemas.resolve(schema);
  if (depth > MAX_DEPTH) return { 'x-kubernetes-int-or-string': true };
  const { $ref: _, items, additionalProperties, properties, ...rest } = resolved;
  const below = (each: Schema): Schema => inlined(each, schemas, depth + 1);
  return {
    ...rest,
    ...(items === undefined ? {} : { items: below(items) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: below(additionalProperties) } : {}),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, below(each)])) }),
  };
}
