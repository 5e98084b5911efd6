/**
 * Which schemas a definition may have: upstream `pkg/apis/apiextensions/validation/validation.go`. Paths are written as
 * upstream writes them: `properties[spec].items.type`.
 */
import { type FieldError, forbiddenField, invalid } from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';
import { ruleCompileErrors } from '../rules/definition-rules.ts';
import { defaultErrors } from './default-errors.ts';
import { isUnsupported, keywordErrors } from './keyword-errors.ts';
import { structuralErrors } from './structural-errors.ts';

/** `withStatus`: the status is a subresource, whose part of the schema must say all of it. */
export function schemaErrors(schema: Schema, path: string, withStatus: boolean): FieldError[] {
  const root = [...(withStatus ? rootErrors(schema, path) : []), ...nullableErrors(schema, path)];
  const keywords = keywordErrors(schema, path);
  if (keywords.some(isUnsupported)) return [...root, ...keywords];
  const structure = structuralErrors(schema, path);
  const shape = structure.length > 0 ? structure : defaultErrors(schema, path);
  if (shape.length > 0) return [...root, ...shape, ...keywords];
  // A rule is compiled where nothing is wrong with the schema that it is about.
  const isSound = (node: string): boolean => !keywords.some(({ field }) => field.startsWith(node));
  return [...root, ...keywords, ...ruleCompileErrors(schema, path, isSound)];
}

/** Upstream's names of the fields that a schema may have at its root then; the list is shown. */
const ROOT_FIELDS =
  'Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations';
const NOT_AT_ROOT = [
  'additionalProperties',
  'allOf',
  'anyOf',
  'default',
  'enum',
  'maxProperties',
  'minProperties',
  'not',
  'nullable',
  'oneOf',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
] as const;

function rootErrors(schema: Schema, path: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object') {
    const why =
      'only \\"object\\" is allowed as the type at the root of the schema if the status subresource is enabled';
    return [invalid(`${path}.type`, schema.type, why)];
  }
  if (!NOT_AT_ROOT.some((key) => schema[key] !== undefined && schema[key] !== false)) return [];
  const why = `only [${ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
  return [invalid(path, schema, why)];
}

function nullableErrors(schema: Schema, path: string): FieldError[] {
  return schema.nullable === true ? [forbiddenField(`${path}.nullable`, 'nullable cannot be true at the root')] : [];
}
