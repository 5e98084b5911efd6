/**
 * What Go does with zero values when it writes a struct as JSON: `omitempty` leaves out empty text, lists and maps;
 * structs, and whatever is required, are written though nobody set them. So `status: {}` and `rules: null` stand in
 * answers, and `hostNetwork: false` does not.
 */
import type { JsonValue } from '../../api/json.ts';
import type { Schema } from '../../api/schema.ts';

export interface Zeros {
  /** Members that are left out when they are zero. */
  readonly omit: readonly string[];
  /** Members that are written when they are absent. An object stands for a struct with zeros of its own. */
  readonly fill: readonly (readonly [string, JsonValue])[];
}

const known = new WeakMap<object, Zeros>();

/** Of a definition; properties may be references. */
export function zerosOf(schema: Schema): Zeros {
  const properties = schema.properties;
  if (properties === undefined) return { omit: [], fill: [] };
  const before = known.get(properties);
  if (before !== undefined) return before;
  const omit: string[] = [];
  const fill: [string, JsonValue][] = [];
  for (const [name, property] of Object.entries(properties)) {
    const required = schema.required?.includes(name) === true;
    const zero = writtenZero(property, required);
    if (zero !== undefined) fill.push([name, zero]);
    else if (!required && isOmitted(property)) omit.push(name);
  }
  const zeros = { omit, fill };
  known.set(properties, zeros);
  return zeros;
}

/** Empty text, an empty list or map, 0 and false. */
export function isZero(value: JsonValue | undefined): boolean {
  if (value === '' || value === 0 || value === false) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}

function writtenZero(property: Schema, required: boolean): JsonValue | undefined {
  const marked = property['x-go-zero'];
  if (marked !== undefined) return marked === 'null' ? null : undefined;
  const fallback = property.default;
  if (typeof fallback === 'object' && fallback !== null) return {};
  if (fallback === '' || fallback === 0 || fallback === false) return fallback;
  return required && isCollection(property) ? null : undefined;
}

function isOmitted(property: Schema): boolean {
  if (property.$ref !== undefined) return false;
  if (property['x-go-zero'] !== undefined) return property['x-go-zero'] === 'omit';
  return property.type === 'string' || isCollection(property);
}

function isCollection(property: Schema): boolean {
  return property.type === 'array' || (property.type === 'object' && property.additionalProperties !== undefined);
}
