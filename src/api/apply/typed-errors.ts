/** What keeps a configuration from being applied by its schema, worded as structured-merge-diff does. */
import { goText } from '../go-text.ts';
import { isObject, type JsonValue } from '../json.ts';
import type { Schema, SchemaSet } from '../schema.ts';
import { elementText, memberElement, type PathElement } from './field-set.ts';
import { ElementError, type ListShape, shapeOf } from './shape.ts';

/** `PATH: what is wrong`, for each fault. `schema` is resolved. */
export function typedErrors(value: JsonValue, schema: Schema, schemas: SchemaSet, path = ''): string[] {
  if (value === null) return [];
  const type = schema['x-kubernetes-int-or-string'] === true ? undefined : schema.type;
  const mismatch = type === undefined ? undefined : TYPE_CHECKS[type](value, schema);
  if (mismatch !== undefined) return [`${path}: ${mismatch}`];
  const shape = shapeOf(schema, value, schemas);
  if (shape.kind === 'list' && Array.isArray(value)) return listErrors(value, shape, schemas, path);
  if (isObject(value)) return memberErrors(value, schema, schemas, path);
  if (!Array.isArray(value) || schema.items === undefined) return [];
  const items = schemas.resolve(schema.items);
  return value.flatMap((item, index) => typedErrors(item, items, schemas, `${path}[${index}]`));
}

const TYPE_CHECKS: { [T in NonNullable<Schema['type']>]: (value: JsonValue, schema: Schema) => string | undefined } = {
  string: (value, schema) =>
    typeof value === 'string' || isFreeScalar(schema, value) ? undefined : `expected string, got ${goValue(value)}`,
  integer: (value) => numericError(value),
  number: (value) => numericError(value),
  boolean: (value) => (typeof value === 'boolean' ? undefined : `expected boolean, got ${goValue(value)}`),
  array: (value) => (Array.isArray(value) ? undefined : `expected list, got &{${goText(value)}}`),
  object: (value) => (isObject(value) ? undefined : `expected map, got &{${goText(value)}}`),
};

/** Quantities and the like are declared as text but read numbers too. */
function isFreeScalar(schema: Schema, value: JsonValue): boolean {
  return typeof value === 'number' && (schema.format === 'int-or-string' || schema.format === 'quantity');
}

function numericError(value: JsonValue): string | undefined {
  return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
}

/** A value as Go's `%#v` prints its wrapper. */
function goValue(value: JsonValue): string {
  const text = typeof value === 'object' ? goType(value) : JSON.stringify(value);
  return `&value.valueUnstructured{Value:${text}}`;
}

function goType(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function memberErrors(value: { [key: string]: JsonValue }, schema: Schema, schemas: SchemaSet, path: string): string[] {
  const typed = schema.properties !== undefined || schema.additionalProperties !== undefined;
  if (!typed) return [];
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return Object.entries(value).flatMap(([name, member]) => {
    const below = `${path}${elementText(memberElement(name))}`;
    const declared = declaredMember(schema, name);
    if (declared !== undefined) return typedErrors(member, schemas.resolve(declared), schemas, below);
    return open || schema.additionalProperties === true ? [] : [`${below}: field not declared in schema`];
  });
}

function declaredMember(schema: Schema, name: string): Schema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, name)) return schema.properties[name];
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
}

function listErrors(value: JsonValue[], shape: ListShape, schemas: SchemaSet, path: string): string[] {
  const seen = new Set<PathElement>();
  return value.flatMap((item, index) => {
    try {
      const element = shape.elementOf(item);
      if (seen.has(element)) return [`${path}: duplicate entries for key ${elementText(element)}`];
      seen.add(element);
      return typedErrors(item, shape.items, schemas, `${path}${elementText(element)}`);
    } catch (error) {
      if (error instanceof ElementError) return [`${path}: element ${index}: ${error.message}`];
      throw error;
    }
  });
}
