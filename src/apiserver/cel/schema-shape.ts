/**
 * Structural schemas as CEL sees them: upstream `pkg/cel/openapi` and apiextensions `schema/cel/model`. What has no type
 * (`x-kubernetes-preserve-unknown-fields` without `type`) is not visible to rules.
 */
import { isObject, ownMember, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { Schema } from '../../api/schema.ts';
import { dynValue, JsonMap, type Converter } from './json-values.ts';
import { parseDuration, parseTimestamp } from './time.ts';
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, mapOf, STRING, TIMESTAMP, type CelType } from './types.ts';
import type { CelMap, CelValue, ListKind } from './values.ts';

/** Type and conversion of the values of a schema. */
export interface Shape {
  readonly type: CelType;
  readonly convert: Converter;
  readonly schema: Schema;
  /** Of the items of a list or the values of a map. */
  readonly element?: Shape;
  /** By the name that rules use. */
  readonly fields?: ReadonlyMap<string, Field>;
}

interface Field {
  readonly name: string;
  readonly shape: Shape;
  readonly required: boolean;
}

const METADATA: Schema = {
  type: 'object',
  properties: { name: { type: 'string' }, generateName: { type: 'string' } },
};
const RESOURCE_FIELDS: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: METADATA,
};

/** Undefined where rules cannot see the value. `root`: a whole resource, which has `metadata` whatever it says. */
export function shapeOf(schema: Schema, root = false, name = 'object'): Shape | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return { type: DYN, convert: dynValue, schema };
  switch (schema.type) {
    case 'array':
      return listShape(schema, name);
    case 'object':
      return objectShape(schema, root || schema['x-kubernetes-embedded-resource'] === true, name);
    case 'string':
      return stringShape(schema);
    case 'boolean':
      return { type: BOOL, convert: (json) => (typeof json === 'boolean' ? json : null), schema };
    case 'number':
      return { type: DOUBLE, convert: (json) => (typeof json === 'number' ? json : null), schema };
    case 'integer':
      return { type: INT, convert: dynValue, schema };
    default:
      return undefined;
  }
}

function stringShape(schema: Schema): Shape {
  const text = (type: CelType, read: (text: string) => CelValue): Shape => ({
    type,
    schema,
    convert: (json) => (typeof json === 'string' ? read(json) : null),
  });
  switch (schema.format) {
    case 'byte':
      return text(BYTES, (value) => new Uint8Array(Buffer.from(value, 'base64')));
    case 'duration':
      return text(DURATION, parseDuration);
    case 'date':
      return text(TIMESTAMP, (value) => parseTimestamp(`${value}T00:00:00Z`));
    case 'date-time':
      return text(TIMESTAMP, parseTimestamp);
    default:
      return text(STRING, (value) => value);
  }
}

function listShape(schema: Schema, name: string): Shape | undefined {
  const element = schema.items === undefined ? undefined : shapeOf(schema.items, false, `${name}.@idx`);
  if (element === undefined) return undefined;
  const kind = listKind(schema);
  const convert = (json: JsonValue): CelValue => {
    if (!Array.isArray(json)) return null;
    const items = json.map(element.convert);
    return kind === undefined ? items : Object.assign(items, { listKind: kind });
  };
  return { type: listOf(element.type), convert, schema, element };
}

function listKind(schema: Schema): ListKind | undefined {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return { type };
  return type === 'map' ? { type, keys: schema['x-kubernetes-list-map-keys'] ?? [] } : undefined;
}

function objectShape(schema: Schema, resource: boolean, name: string): Shape | undefined {
  const { additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    const element = shapeOf(additionalProperties, false, `${name}.@elem`);
    if (element === undefined) return undefined;
    const convert: Converter = (json) => (isObject(json) ? new JsonMap(json, () => element.convert) : null);
    return { type: mapOf(STRING, element.type), convert, schema, element };
  }
  const fields = fieldsOf(schema, resource, name);
  const type: CelType = {
    kind: 'object',
    name,
    fields: new Map([...fields].map(([field, { shape }]) => [field, shape.type])),
  };
  const convert: Converter = (json) => (isObject(json) ? new RecordValue(json, name, fields) : null);
  return { type, convert, schema, fields };
}

function fieldsOf(schema: Schema, resource: boolean, name: string): Map<string, Field> {
  const properties = resource ? { ...schema.properties, ...RESOURCE_FIELDS } : (schema.properties ?? {});
  const fields = new Map<string, Field>();
  for (const [property, member] of Object.entries(properties)) {
    const escaped = escapeName(property);
    const shape = escaped === undefined ? undefined : shapeOf(member, false, `${name}.${property}`);
    if (escaped === undefined || shape === undefined) continue;
    fields.set(escaped, { name: property, shape, required: schema.required?.includes(property) === true });
  }
  return fields;
}

/** An object with known fields, read by their escaped names. */
class RecordValue implements CelMap {
  readonly json: JsonObject;
  readonly typeName: string;
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #read = new Map<string, CelValue>();

  constructor(json: JsonObject, typeName: string, fields: ReadonlyMap<string, Field>) {
    this.json = json;
    this.typeName = typeName;
    this.#fields = fields;
  }

  get size(): number {
    return this.keys().length;
  }

  has(key: CelValue): boolean {
    return this.#jsonOf(key) !== undefined;
  }

  get(key: CelValue): CelValue | undefined {
    const known = typeof key === 'string' ? this.#read.get(key) : undefined;
    if (known !== undefined) return known;
    const json = this.#jsonOf(key);
    const field = typeof key === 'string' ? this.#fields.get(key) : undefined;
    if (json === undefined || field === undefined || typeof key !== 'string') return undefined;
    const value = field.shape.convert(json);
    this.#read.set(key, value);
    return value;
  }

  keys(): readonly string[] {
    return [...this.#fields.keys()].filter((key) => this.#jsonOf(key) !== undefined);
  }

  #jsonOf(key: CelValue): JsonValue | undefined {
    const field = typeof key === 'string' ? this.#fields.get(key) : undefined;
    return field === undefined ? undefined : ownMember(this.json, field.name);
  }
}

/** Names that CEL keeps for itself. */
const RESERVED: ReadonlySet<string> = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** How rules write the name of a property; undefined where they cannot. */
export function escapeName(name: string): string | undefined {
  if (RESERVED.has(name)) return `__${name}__`;
  if (!/^[A-Za-z_][\w.\-/]*$/.test(name)) return undefined;
  return name.replace(/__|[.\-/]/g, (part) => ESCAPES[part] ?? part);
}
