/**
 * Which schemas are structural: upstream `apiserver/schema/validation.go` and `complete.go`. What `allOf`, `anyOf`, `oneOf`
 * and `not` hold may only check values that the structure has.
 */
import { type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { patternErrors } from './pattern-errors.ts';

type Level = 'array items' | 'object fields' | 'root';

/** Sorted, as upstream tells them. */
export function structuralErrors(schema: Schema, path: string): FieldError[] {
  const told = ({ field, message }: FieldError): string => `${field}: ${message}`;
  return [...nodeErrors(schema, path, 'root'), ...incompleteErrors(schema, { schema, path }, path)].sort((a, b) =>
    told(a) < told(b) ? -1 : 1,
  );
}

function nodeErrors(schema: Schema, path: string, level: Level): FieldError[] {
  return [
    ...childErrors(schema, path, level),
    ...extensionErrors(schema, path),
    ...checkErrors(schema, path, isIntOrString(schema)),
    ...typeErrors(schema, path, level),
    ...resourceErrors(schema, path, level),
  ];
}

function childErrors(schema: Schema, path: string, level: Level): FieldError[] {
  const { type, items, properties, additionalProperties } = schema;
  return [
    ...(type === 'array' && items === undefined ? [required(`${path}.items`, 'must be specified')] : []),
    ...(items === undefined ? [] : nodeErrors(items, `${path}.items`, 'array items')),
    ...Object.entries(properties ?? {}).flatMap(([name, each]) =>
      nodeErrors(each, `${path}.properties[${name}]`, 'object fields'),
    ),
    ...(additionalProperties !== undefined && level === 'root'
      ? [forbiddenField(`${path}.additionalProperties`, 'must not be used at the root')]
      : []),
    ...(typeof additionalProperties === 'object'
      ? nodeErrors(additionalProperties, `${path}.additionalProperties`, 'object fields')
      : []),
  ];
}

function extensionErrors(schema: Schema, path: string): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return [];
  return (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const)
    .filter((key) => schema[key] === true)
    .map((key) => invalid(`${path}.${key}`, true, 'must be false if x-kubernetes-int-or-string is true'));
}

function typeErrors(schema: Schema, path: string, level: Level): FieldError[] {
  const { type = '' } = schema;
  const errors: FieldError[] = [];
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true';
    errors.push(type === '' ? required(`${path}.type`, why) : invalid(`${path}.type`, type, why));
  } else if (type === '' && !untyped) {
    const where = level === 'root' ? 'at the root' : `for specified ${level}`;
    errors.push(required(`${path}.type`, `must not be empty ${where}`));
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalid(`${path}.type`, type, 'must be object at the root'));
  }
  return errors;
}

/** What every resource has is the same for all of them. */
function resourceErrors(schema: Schema, path: string, level: Level): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const { properties = {} } = schema;
  const errors: FieldError[] = [];
  if (embedded && schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set';
    errors.push(forbiddenField(`${path}.additionalProperties`, why));
  }
  const withoutFields = Object.keys(properties).length === 0 && schema['x-kubernetes-preserve-unknown-fields'] !== true;
  if (embedded && withoutFields) {
    const without = 'x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields';
    errors.push(required(`${path}.properties`, `must not be empty if ${without}`));
  }
  if (level !== 'root' && !embedded) return errors;
  for (const [name, wanted] of [
    ['kind', 'string'],
    ['apiVersion', 'string'],
    ['metadata', 'object'],
  ] as const) {
    const member = properties[name];
    if (member === undefined || member.type === wanted) continue;
    errors.push(invalid(`${path}.properties[${name}].type`, member.type ?? '', `must be ${wanted}`));
  }
  return level === 'root'
    ? [...errors, ...metadataErrors(properties.metadata, `${path}.properties[metadata]`)]
    : errors;
}

/** Only the names may be narrowed. Defaults are told elsewhere. */
function metadataErrors(metadata: Schema | undefined, path: string): FieldError[] {
  if (metadata === undefined) return [];
  const { type: _type, default: _default, properties = {}, ...others } = metadata;
  const names = Object.keys(properties).every((name) => name === 'name' || name === 'generateName');
  if (names && !Object.values(others).some(isSet)) return [];
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  return [forbiddenField(path, why)];
}

/** Whether Go would call the value something else than zero. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

const INT_OR_STRING: readonly Schema[] = [{ type: 'integer' }, { type: 'string' }];

function isIntOrString({ anyOf }: Schema): boolean {
  return equalJson(anyOf, INT_OR_STRING);
}

/** `typed`: its `anyOf` says `int-or-string`, the one place where types are admitted. */
function checkErrors(schema: Schema, path: string, typed: boolean): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  return [
    ...(typed ? [] : anyOf.flatMap((each, index) => addedErrors(each, `${path}.anyOf[${index}]`, false))),
    ...allOf.flatMap((each, index) => addedErrors(each, `${path}.allOf[${index}]`, index === 0 && isIntOrString(each))),
    ...oneOf.flatMap((each, index) => addedErrors(each, `${path}.oneOf[${index}]`, false)),
    ...(not === undefined ? [] : addedErrors(not, `${path}.not`, false)),
    ...patternErrors(schema, path),
  ];
}

/** What belongs to the structure, with what it must be elsewhere. */
const STRUCTURAL: readonly (readonly [keyof Schema, 'empty' | 'false' | 'undefined'])[] = [
  ['type', 'empty'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
];

function addedErrors(schema: Schema, path: string, typed: boolean): FieldError[] {
  const { items, properties = {}, additionalProperties } = schema;
  const structural = STRUCTURAL.filter(([key, wanted]) =>
    wanted === 'undefined' ? schema[key] !== undefined : isSet(schema[key]),
  );
  return [
    ...checkErrors(schema, path, typed),
    ...(items === undefined ? [] : addedErrors(items, `${path}.items`, false)),
    ...Object.entries(properties).flatMap(([name, each]) => addedErrors(each, `${path}.properties[${name}]`, false)),
    ...structural.map(([key, wanted]) => forbiddenField(`${path}.${key}`, `must be ${wanted} to be structural`)),
    ...(additionalProperties === undefined
      ? []
      : [forbiddenField(`${path}.additionalProperties`, 'must be undefined to be structural')]),
    ...(Object.hasOwn(properties, 'metadata')
      ? [forbiddenField(`${path}.properties[metadata]`, 'must not be specified in a nested context')]
      : []),
  ];
}

/** A place of the structure; without a schema it is missing there. */
interface Structure {
  readonly schema: Schema | undefined;
  readonly path: string;
}

/** What is checked must be there. */
function incompleteErrors(checks: Schema, structure: Structure, path: string): FieldError[] {
  const { not, allOf = [], anyOf = [], oneOf = [] } = checks;
  return [
    ...(not === undefined ? [] : missingErrors(not, structure, `${path}.not`)),
    ...allOf.flatMap((each, index) => missingErrors(each, structure, `${path}.allOf[${index}]`)),
    ...anyOf.flatMap((each, index) => missingErrors(each, structure, `${path}.anyOf[${index}]`)),
    ...oneOf.flatMap((each, index) => missingErrors(each, structure, `${path}.oneOf[${index}]`)),
  ];
}

function missingErrors(checks: Schema, structure: Structure, path: string): FieldError[] {
  const { schema } = structure;
  if (schema === undefined) return [required(structure.path, `because it is defined in ${path}`)];
  const { items, properties = {} } = checks;
  return [
    ...incompleteErrors(checks, structure, path),
    ...(items === undefined
      ? []
      : missingErrors(items, { schema: schema.items, path: `${structure.path}.items` }, `${path}.items`)),
    ...Object.entries(properties).flatMap(([name, each]) => {
      const step = `.properties[${name}]`;
      return missingErrors(each, { schema: schema.properties?.[name], path: structure.path + step }, path + step);
    }),
  ];
}
