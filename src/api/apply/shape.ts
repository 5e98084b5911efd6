/** How values merge, read off their schema: structured-merge-diff's atoms, with kube-openapi's rules of conversion. */
import { isObject, type JsonObject, type JsonValue, ownMember } from '../json.ts';
import { ANYTHING, propertySchema, type Schema, type SchemaSet } from '../schema.ts';
import { keyElement, type PathElement, valueElement } from './field-set.ts';

/**
 * A leaf is owned as a whole: scalars, atomic lists and objects. Members of a map and elements of a list have owners of
 * their own.
 */
export type Shape = { readonly kind: 'leaf' } | MapShape | ListShape;

export interface MapShape {
  readonly kind: 'map';
  /** Undefined for members that the schema does not know. */
  memberSchema(name: string): Schema | undefined;
  /** Whether the schema names the member, rather than admitting any. */
  isField(name: string): boolean;
}

export interface ListShape {
  readonly kind: 'list';
  readonly items: Schema;
  /** What tells elements apart. Throws ElementError for what cannot be one. */
  elementOf(item: JsonValue): PathElement;
}

/** An element that has no identity in its list. */
export class ElementError extends Error {
  override readonly name = 'ElementError';
}

const LEAF: Shape = { kind: 'leaf' };

/** The shape of `value` by its resolved schema; a schema that says nothing leaves it to the value. */
export function shapeOf(schema: Schema, value: JsonValue | undefined, schemas: SchemaSet): Shape {
  if (isScalar(schema)) return LEAF;
  if (schema.type === 'array') return listShape(schema, schemas);
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const typed = schema.properties !== undefined || schema.additionalProperties !== undefined;
  // Free-form values are atomic, unless unknown fields are preserved: then objects are granular.
  if (!typed && !(open && isObject(value))) return LEAF;
  return schema['x-kubernetes-map-type'] === 'atomic' ? LEAF : mapShape(schema, open, schemas);
}

function isScalar(schema: Schema): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return true;
  return schema.type !== undefined && schema.type !== 'array' && schema.type !== 'object';
}

function mapShape(schema: Schema, open: boolean, schemas: SchemaSet): MapShape {
  return {
    kind: 'map',
    memberSchema: (name) => propertySchema(schema, name, schemas) ?? (open ? OPEN : undefined),
    isField: (name) => schema.properties !== undefined && Object.hasOwn(schema.properties, name),
  };
}

/** What lies below unknown fields. */
const OPEN: Schema = { 'x-kubernetes-preserve-unknown-fields': true };

function listShape(schema: Schema, schemas: SchemaSet): Shape {
  const items = schema.items === undefined ? ANYTHING : schemas.resolve(schema.items);
  const keys = listKeys(schema);
  if (keys === undefined) return LEAF;
  const elementOf = keys.length === 0 ? setElement : (item: JsonValue) => keyedElement(item, keys, items, schemas);
  return { kind: 'list', items, elementOf };
}

/** The keys of a list of objects, none for a set, undefined for an atomic list. */
function listKeys(schema: Schema): readonly string[] | undefined {
  const listType = schema['x-kubernetes-list-type'];
  if (listType === 'map') return schema['x-kubernetes-list-map-keys'] ?? [];
  if (listType !== undefined) return listType === 'set' ? [] : undefined;
  const strategy = schema['x-kubernetes-patch-strategy'] ?? '';
  if (!strategy.split(',').includes('merge')) return undefined;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  return mergeKey === undefined ? [] : [mergeKey];
}

function setElement(item: JsonValue): PathElement {
  if (item === null) throw new ElementError('associative list without keys may not have a null element');
  return valueElement(item);
}

function keyedElement(item: JsonValue, keys: readonly string[], items: Schema, schemas: SchemaSet): PathElement {
  if (item === null) throw new ElementError('associative list with keys may not have a null element');
  if (!isObject(item)) throw new ElementError('associative list with keys may not have non-map elements');
  const found: JsonObject = {};
  for (const key of keys) {
    const value = ownMember(item, key) ?? keyDefault(key, items, schemas);
    if (value !== undefined) found[key] = value;
  }
  if (Object.keys(found).length > 0) return keyElement(found);
  const names = keys.map((key) => JSON.stringify(key)).join(' ');
  throw new ElementError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
}

/** A key that an element leaves out has its default: that of the schema, or the zero that Go would have read. */
function keyDefault(key: string, items: Schema, schemas: SchemaSet): JsonValue | undefined {
  const schema = propertySchema(items, key, schemas);
  if (schema?.default !== undefined) return schema.default as JsonValue;
  if (items.required?.includes(key) !== true) return undefined;
  return schema?.type === 'string' ? '' : schema?.type === 'integer' ? 0 : undefined;
}
