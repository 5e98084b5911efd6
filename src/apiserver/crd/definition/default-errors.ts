/** Which defaults a schema may have: upstream `apiserver/schema/defaulting/validation.go`. */
import { type FieldError, invalid } from '../../../api/field-error.ts';
import { cloneJson, equalJson, isObject, type JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { pruneInside } from '../instance/prune.ts';
import { validateValue } from '../instance/validate-value.ts';

/** Those inside `additionalProperties` are not looked at, as upstream does not. */
export function defaultErrors(schema: Schema, path: string): FieldError[] {
  const { items, properties = {} } = schema;
  return [
    ...ownErrors(schema, `${path}.default`),
    ...(items === undefined ? [] : defaultErrors(items, `${path}.items`)),
    ...Object.entries(properties).flatMap(([name, each]) => defaultErrors(each, `${path}.properties[${name}]`)),
  ];
}

function ownErrors(schema: Schema, path: string): FieldError[] {
  if (schema.default === undefined || schema.default === null) return [];
  const value = schema.default as JsonValue;
  const errors = validateValue(value, schema, '').map((error) => ({
    ...error,
    field: error.field === '' ? path : `${path}.${error.field}`,
  }));
  return isPruned(value, schema) ? errors : [invalid(path, value, 'must not have unknown fields'), ...errors];
}

function isPruned(value: JsonValue, schema: Schema): boolean {
  if (!isObject(value) && !Array.isArray(value)) return true;
  const copy = cloneJson(value);
  pruneInside(copy, schema);
  return equalJson(copy, value);
}
