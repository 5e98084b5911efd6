/** Which keywords a schema may have: `ValidateCustomResourceDefinitionOpenAPISchema` of upstream. */
import {
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
  type FieldErrorType,
} from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';
import { ruleTextErrors } from '../rules/definition-rules.ts';
import { keyedListErrors, listTypeErrors } from './list-type-errors.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** Keywords that upstream knows and does not take; with one of them a schema has no structure to be looked at. */
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'];
const META = new Set(['metadata', 'kind', 'apiVersion']);

/** Where a schema stands. */
interface Place {
  readonly root: boolean;
  /** Inside of what all resources have in common. */
  readonly meta: boolean;
  /** Why there may be no defaults. */
  readonly noDefault?: string;
}

export function keywordErrors(schema: Schema, path: string): FieldError[] {
  return nodeErrors(schema, path, { root: true, meta: false });
}

export function isUnsupported(error: FieldError): boolean {
  const type: FieldErrorType = 'FieldValueForbidden';
  return error.type === type && error.message.endsWith(' is not supported');
}

function nodeErrors(schema: Schema, path: string, place: Place): FieldError[] {
  return [
    ...ownErrors(schema, path, place),
    ...additionalErrors(schema, path, place),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, each]) =>
      nodeErrors(each, `${path}.properties[${name}]`, belowProperty(schema, name, place)),
    ),
    ...addedErrors(schema, path, { ...place, root: false }),
    ...(schema.items === undefined ? [] : nodeErrors(schema.items, `${path}.items`, { ...place, root: false })),
    ...typeExtensionErrors(schema, path),
    ...ruleTextErrors(schema, path),
  ];
}

function ownErrors(schema: Schema, path: string, { meta, noDefault }: Place): FieldError[] {
  const { type } = schema;
  const errors: FieldError[] = [];
  if (type !== undefined && !TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  if (schema.default !== undefined && noDefault !== undefined) {
    errors.push(forbiddenField(`${path}.default`, `must not be set ${noDefault}`));
  }
  for (const key of UNSUPPORTED) {
    if (key in schema) errors.push(forbiddenField(`${path}.${key}`, `${key} is not supported`));
  }
  if ((type as string | undefined) === 'null') {
    errors.push(forbiddenField(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (meta && schema['x-kubernetes-embedded-resource'] === true) {
    errors.push(forbiddenField(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'));
  }
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, why));
  }
  return errors;
}

function additionalErrors({ properties, additionalProperties }: Schema, path: string, place: Place): FieldError[] {
  if (additionalProperties === undefined || additionalProperties === true) return [];
  const at = `${path}.additionalProperties`;
  const errors =
    Object.keys(properties ?? {}).length === 0
      ? []
      : [forbiddenField(at, 'additionalProperties and properties are mutual exclusive')];
  if (additionalProperties === false) return errors;
  const below = place.meta ? { ...place, noDefault: 'inside additionalProperties applying to object metadata' } : place;
  return [...errors, ...nodeErrors(additionalProperties, at, { ...below, root: false })];
}

function belowProperty(schema: Schema, name: string, { root, meta, noDefault }: Place): Place {
  const ofResource = (root || schema['x-kubernetes-embedded-resource'] === true) && META.has(name);
  const reason = ofResource && root ? `in top-level ${name}` : noDefault;
  return { root: false, meta: meta || ofResource, ...(reason === undefined ? {} : { noDefault: reason }) };
}

function addedErrors({ not, allOf = [], oneOf = [], anyOf = [] }: Schema, path: string, place: Place): FieldError[] {
  return [
    ...(not === undefined ? [] : nodeErrors(not, `${path}.not`, place)),
    ...allOf.flatMap((each, index) => nodeErrors(each, `${path}.allOf[${index}]`, place)),
    ...oneOf.flatMap((each, index) => nodeErrors(each, `${path}.oneOf[${index}]`, place)),
    ...anyOf.flatMap((each, index) => nodeErrors(each, `${path}.anyOf[${index}]`, place)),
  ];
}

function typeExtensionErrors(schema: Schema, path: string): FieldError[] {
  return [
    ...(schema['x-kubernetes-preserve-unknown-fields'] === false
      ? [invalid(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined')]
      : []),
    ...mapTypeErrors(schema, path),
    ...listTypeErrors(schema, path),
    ...keyedListErrors(schema, path),
  ];
}

function mapTypeErrors(schema: Schema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-map-type'];
  if (kind === undefined) return [];
  const why = 'must be object if x-kubernetes-map-type is specified';
  const { type = '' } = schema;
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${path}.type`, why));
  else if (type !== 'object') errors.push(invalid(`${path}.type`, type, why));
  const known = ['atomic', 'granular'];
  if (!known.includes(kind)) errors.push(notSupported(`${path}.x-kubernetes-map-type`, kind, known));
  return errors;
}
