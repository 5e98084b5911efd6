/** What an object of a kind holds before anything is set. */
import { isObject, type JsonObject, type JsonValue, setOwn } from '../json.ts';
import { ANYTHING, propertySchema, type Schema, type SchemaSet } from '../schema.ts';

/**
 * Go holds some members by value: they are never absent, only zero, and so nobody comes to own them as a whole. Their
 * schemas say so by a default that is the zero of their type; required lists and maps, and times that are always written,
 * are null rather than absent.
 */
export function blankObject(schema: Schema, schemas: SchemaSet): JsonObject {
  const blank: JsonObject = {};
  for (const name of Object.keys(schema.properties ?? {})) {
    const property = propertySchema(schema, name, schemas) ?? ANYTHING;
    const value = blankValue(property, schema.required?.includes(name) === true, schemas);
    if (value !== undefined) setOwn(blank, name, value);
  }
  return blank;
}

function blankValue(schema: Schema, required: boolean, schemas: SchemaSet): JsonValue | undefined {
  const zero = schema.default;
  if (zero === '' || zero === 0 || zero === false) return zero;
  if (isObject(zero) && Object.keys(zero).length === 0) return blankObject(schema, schemas);
  const written = schema['x-go-zero'];
  if (written !== undefined) return written === 'null' ? null : undefined;
  const isCollection = schema.type === 'array' || (schema.type === 'object' && schema.properties === undefined);
  return required && isCollection ? null : undefined;
}
