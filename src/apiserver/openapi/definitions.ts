/** The definitions as each version of OpenAPI writes them, with their documentation. */
import type { Json } from '../../api/object.ts';
import { referenceName, type Schema } from '../../api/schema.ts';

export type Dialect = 'v2' | 'v3';

/** `{"": of the type, "field": of the field}` */
export type Descriptions = Readonly<Record<string, string>>;

const REFERENCE: Readonly<Record<Dialect, string>> = { v2: '#/definitions/', v3: '#/components/schemas/' };

/** Kept for ourselves. */
const PRIVATE = new Set(['x-go-zero']);

/** What OpenAPI v2 has no words for; upstream leaves them out of v2 too. */
const V3_ONLY = new Set(['default', 'nullable', 'oneOf', 'anyOf', 'not']);

/**
 * A definition with the documentation of its type and fields, by the name of the definition. A field that refers to a
 * type and has no text of its own shows that of the type.
 */
export function publishedDefinition(
  schema: Schema,
  name: string,
  descriptions: ReadonlyMap<string, Descriptions>,
  dialect: Dialect,
): Json {
  const texts = descriptions.get(name) ?? {};
  const described = { ...schema, ...textOf(texts['']) };
  if (schema.properties === undefined) return publishedSchema(described, dialect);
  const properties = Object.entries(schema.properties).map(([field, property]): [string, Schema] => {
    const own = Object.hasOwn(texts, field) ? texts[field] : undefined;
    const ofType = property.$ref === undefined ? undefined : descriptions.get(referenceName(property.$ref))?.[''];
    return [field, { ...property, ...textOf(own ?? ofType) }];
  });
  return publishedSchema({ ...described, properties: Object.fromEntries(properties) }, dialect);
}

export function publishedReference(name: string, dialect: Dialect): string {
  return `${REFERENCE[dialect]}${name}`;
}

/** One schema, references and all below it. */
export function publishedSchema(schema: Schema, dialect: Dialect): Json {
  const { $ref, ...beside } = schema;
  const rest = keywords(beside, dialect);
  if ($ref === undefined) return scalarOf(rest, dialect);
  const reference = { $ref: publishedReference(referenceName($ref), dialect) };
  if (dialect === 'v2' || Object.keys(rest).length === 0) return { ...rest, ...reference };
  return { ...rest, allOf: [reference] };
}

/** Upstream's v2 shows quantities and int-or-string as strings. */
function scalarOf(schema: Record<string, Json>, dialect: Dialect): Json {
  const oneOf = schema.oneOf;
  if (dialect === 'v3' || oneOf === undefined) return schema;
  const { oneOf: _, ...rest } = schema;
  return { ...rest, type: 'string' };
}

function keywords(schema: Schema, dialect: Dialect): Record<string, Json> {
  const shown: Record<string, Json> = {};
  for (const [key, value] of Object.entries(schema) as [string, unknown][]) {
    if (value === undefined || PRIVATE.has(key)) continue;
    if (dialect === 'v2' && V3_ONLY.has(key) && key !== 'oneOf') continue;
    shown[key] = keyword(key, value, dialect);
  }
  return shown;
}

function keyword(key: string, value: unknown, dialect: Dialect): Json {
  if (key === 'properties') {
    const entries = Object.entries(value as Record<string, Schema>);
    return Object.fromEntries(entries.map(([name, property]) => [name, publishedSchema(property, dialect)]));
  }
  const nested = key === 'items' || key === 'additionalProperties' || key === 'not';
  if (nested && typeof value === 'object') return publishedSchema(value as Schema, dialect);
  if (key === 'allOf' || (key === 'anyOf' && dialect === 'v3')) {
    return (value as Schema[]).map((each) => publishedSchema(each, dialect));
  }
  return value as Json;
}

function textOf(description: string | undefined): { description?: string } {
  return description === undefined ? {} : { description };
}
