/**
 * Whether a patched object can be read back as its kind. A strategic merge patch meets the typed object here first, so
 * upstream words a wrong type as its converter does, not as its decoder.
 */
import { isObject, type JsonValue } from '../json.ts';
import { goText } from '../go-text.ts';
import { propertySchema, type Schema, type SchemaSet } from '../schema.ts';
import { StatusError } from '../status-error.ts';

/** Throws the 422 of upstream, which shows the patch. */
export function assertRestorable(patched: JsonValue, patch: JsonValue, schema: Schema, schemas: SchemaSet): void {
  const problem = misfit(patched, schema, schemas);
  if (problem === undefined) return;
  const message = `Invalid value: ${JSON.stringify(goText(patch))}: ${problem}`;
  throw new StatusError('Invalid', ` "" is invalid: patch: ${message}`, {
    details: { causes: [{ reason: 'FieldValueInvalid', message, field: 'patch' }] },
  });
}

function misfit(value: JsonValue, schema: Schema, schemas: SchemaSet): string | undefined {
  if (value === null || readsItself(schema)) return undefined;
  switch (schema.type) {
    case 'object':
      return objectMisfit(value, schema, schemas);
    case 'array':
      return listMisfit(value, schema, schemas);
    case 'string':
      // Bytes come as text.
      return typeof value === 'string' ? undefined : 'unrecognized type: string';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'unrecognized type: bool';
    case 'integer':
    case 'number':
      return typeof value === 'number' ? undefined : `unrecognized type: ${numberType(schema)}`;
    default:
      return undefined;
  }
}

/** Types with a reader of their own: times, quantities, numbers that may be names. */
function readsItself(schema: Schema): boolean {
  return (
    schema['x-kubernetes-int-or-string'] === true || schema.format === 'int-or-string' || schema.format === 'date-time'
  );
}

function objectMisfit(value: JsonValue, schema: Schema, schemas: SchemaSet): string | undefined {
  const isStruct = schema.properties !== undefined;
  if (!isObject(value))
    return isStruct ? `cannot restore struct from: ${goKind(value)}` : `cannot restore map from ${goKind(value)}`;
  for (const [key, member] of Object.entries(value)) {
    const memberSchema = propertySchema(schema, key, schemas);
    const problem = memberSchema === undefined ? undefined : misfit(member, memberSchema, schemas);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function listMisfit(value: JsonValue, schema: Schema, schemas: SchemaSet): string | undefined {
  if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
  if (schema.items === undefined) return undefined;
  const items = schemas.resolve(schema.items);
  for (const item of value) {
    const problem = misfit(item, items, schemas);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function numberType(schema: Schema): string {
  return schema.format === 'double' ? 'float64' : (schema.format ?? 'int64');
}

function goKind(value: JsonValue): string {
  if (Array.isArray(value)) return 'slice';
  if (isObject(value)) return 'map';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : 'string';
}
