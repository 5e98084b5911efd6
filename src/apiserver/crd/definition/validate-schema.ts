/**
 * Which schemas a definition may have: upstream `apiserver/schema/validation.go` (structural schemas) and
 * `pkg/apis/apiextensions/validation/validation.go`. Paths are written as upstream writes them:
 * `properties[spec].items.type`.
 */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import type { JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { compilePattern } from '../instance/pattern.ts';
import { validateValue } from '../instance/validate-value.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Keys that no schema of a definition may have. */
const NEVER = [
  '$ref',
  'definitions',
  'dependencies',
  'patternProperties',
  'additionalItems',
  'deprecated',
  'discriminator',
];

/** Keys that belong to the structure and not to what allOf, anyOf, oneOf and not add to it. */
const STRUCTURAL = ['type', 'additionalProperties', 'title', 'description', 'default', 'nullable'] as const;

export function schemaErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type === undefined) errors.push(required(`${path}.type`, 'must not be empty at the root'));
  else if (schema.type !== 'object') errors.push(invalid(`${path}.type`, schema.type, 'must be object at the root'));
  return [...errors, ...keywordErrors(schema, path), ...childErrors(schema, path), ...metadataErrors(schema, path)];
}

function nodeErrors(schema: Schema, path: string, where: 'object fields' | 'array items'): FieldError[] {
  return [...typeErrors(schema, path, where), ...keywordErrors(schema, path), ...childErrors(schema, path)];
}

function typeErrors(schema: Schema, path: string, where: string): FieldError[] {
  const { type } = schema;
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (type === undefined) return untyped ? [] : [required(`${path}.type`, `must not be empty for specified ${where}`)];
  if (!TYPES.includes(type)) return [notSupported(`${path}.type`, type, TYPES)];
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  return [invalid(`${path}.type`, type, 'must be empty if x-kubernetes-int-or-string is true')];
}

function keywordErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key of NEVER) if (key in schema) errors.push(forbiddenField(`${path}.${key}`, `${key} is not supported`));
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, why));
  }
  if (schema.additionalProperties === false) {
    errors.push(forbiddenField(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'));
  } else if (schema.additionalProperties !== undefined && schema.properties !== undefined) {
    errors.push(
      forbiddenField(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'),
    );
  }
  if (schema['x-kubernetes-embedded-resource'] === true && schema.type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(invalid(`${path}.type`, schema.type ?? '', why));
  }
  return [...errors, ...patternErrors(schema, path), ...defaultErrors(schema, path), ...listErrors(schema, path)];
}

function patternErrors({ pattern }: Schema, path: string): FieldError[] {
  if (pattern === undefined || compilePattern(pattern) !== undefined) return [];
  const why = `must be a valid regular expression, but isn't: error parsing regexp: ${regexpProblem(pattern)}`;
  return [invalid(`${path}.pattern`, pattern, why)];
}

/** The commonest faults as Go's regexp words them. */
function regexpProblem(pattern: string): string {
  const shown = `\`${pattern}\``;
  const opened = (pattern.match(/(?<!\\)\(/g) ?? []).length;
  const closed = (pattern.match(/(?<!\\)\)/g) ?? []).length;
  if (opened > closed) return `missing closing ): ${shown}`;
  if (closed > opened) return `unexpected ): ${shown}`;
  if (/(?<!\\)\[[^\]]*$/.test(pattern)) return `missing closing ]: ${shown}`;
  if (/^[*+?]/.test(pattern)) return `missing argument to repetition operator: \`${pattern.charAt(0)}\``;
  return `invalid or unsupported Perl syntax: ${shown}`;
}

function defaultErrors(schema: Schema, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  const errors = validateValue(schema.default as JsonValue, schema, '');
  return errors.map((error) => ({ ...error, field: `${path}.default${error.field === '' ? '' : `.${error.field}`}` }));
}

function listErrors(schema: Schema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const errors: FieldError[] = [];
  if (schema.type === 'array' && schema.items === undefined)
    errors.push(required(`${path}.items`, 'must be specified'));
  if (type !== undefined && schema.type !== 'array') {
    errors.push(invalid(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'));
  }
  if (type !== 'map') {
    if (keys.length === 0) return errors;
    const why = 'must be empty if x-kubernetes-list-type is not map';
    return [...errors, invalid(`${path}.x-kubernetes-list-type`, type ?? null, why)];
  }
  if (keys.length === 0) {
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'));
  }
  const { items } = schema;
  if (items !== undefined && items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(`${path}.items.type`, items.type ?? '', why));
  }
  keys.forEach((key, index) => {
    if (items?.type !== 'object' || (items.properties !== undefined && Object.hasOwn(items.properties, key))) return;
    const why = 'entries must all be names of item properties';
    errors.push(invalid(`${path}.x-kubernetes-list-map-keys[${index}]`, key, why));
  });
  return errors;
}

function childErrors(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...nodeErrors(property, `${path}.properties[${name}]`, 'object fields'));
  }
  if (schema.items !== undefined) errors.push(...nodeErrors(schema.items, `${path}.items`, 'array items'));
  if (typeof schema.additionalProperties === 'object') {
    errors.push(...nodeErrors(schema.additionalProperties, `${path}.additionalProperties`, 'object fields'));
  }
  return [...errors, ...addedErrors(schema, path)];
}

/** allOf, anyOf, oneOf and not may only check what the structure has. */
function addedErrors(schema: Schema, path: string): FieldError[] {
  const lists = (['allOf', 'anyOf', 'oneOf'] as const).flatMap((key) =>
    (schema[key] ?? []).map((each, index) => ({ schema: each, path: `${path}.${key}[${index}]` })),
  );
  const all = schema.not === undefined ? lists : [...lists, { schema: schema.not, path: `${path}.not` }];
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  return all.flatMap((added) => valueErrors(added.schema, added.path, intOrString));
}

function valueErrors(schema: Schema, path: string, typed: boolean): FieldError[] {
  const errors = STRUCTURAL.filter((key) => schema[key] !== undefined && !(key === 'type' && typed)).map((key) =>
    forbiddenField(`${path}.${key}`, 'must be empty to be structural'),
  );
  const nested = Object.entries(schema.properties ?? {}).flatMap(([name, property]) =>
    valueErrors(property, `${path}.properties[${name}]`, false),
  );
  const items = schema.items === undefined ? [] : valueErrors(schema.items, `${path}.items`, false);
  return [...errors, ...patternErrors(schema, path), ...nested, ...items, ...addedErrors(schema, path)];
}

/** `metadata` is the same for all kinds: only its names may be narrowed. */
function metadataErrors(schema: Schema, path: string): FieldError[] {
  const metadata = schema.properties?.metadata;
  if (metadata === undefined) return [];
  const place = `${path}.properties[metadata]`;
  const others = Object.keys(metadata.properties ?? {}).filter((name) => name !== 'name' && name !== 'generateName');
  if (metadata.additionalProperties === undefined && others.length === 0) return [];
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [forbiddenField(place, why)];
}
