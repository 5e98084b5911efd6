/** `x-kubernetes-list-type` and what goes with it: upstream's `ValidateCustomResourceDefinitionOpenAPISchema`. */
import { type FieldError, forbiddenField, invalid, notSupported, required } from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';

const LIST_TYPES = ['atomic', 'set', 'map'];

export function listTypeErrors(schema: Schema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  if (kind === undefined) return [];
  const why = 'must be array if x-kubernetes-list-type is specified';
  const { type = '' } = schema;
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${path}.type`, why));
  else if (type !== 'array') errors.push(invalid(`${path}.type`, type, why));
  else if (kind === 'set') errors.push(...setItemErrors(schema.items ?? {}, `${path}.items`));
  if (!LIST_TYPES.includes(kind)) errors.push(notSupported(`${path}.x-kubernetes-list-type`, kind, LIST_TYPES));
  return errors;
}

/** The items of a set are compared as wholes. */
function setItemErrors(items: Schema, path: string): FieldError[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = items['x-kubernetes-list-type'];
  if (items.type === 'array' && (listType ?? 'atomic') !== 'atomic') {
    return [invalid(`${path}.x-kubernetes-list-type`, listType, why)];
  }
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') {
    return [invalid(`${path}.x-kubernetes-map-type`, listType ?? null, why)];
  }
  return [];
}

export function keyedListErrors(schema: Schema, path: string): FieldError[] {
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const errors: FieldError[] = [];
  if (keys.length > 0 && kind !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const at = `${path}.x-kubernetes-list-type`;
    errors.push(kind === undefined ? required(at, why) : invalid(at, kind, why));
  }
  if (kind === 'map') errors.push(...mapKeyErrors(schema, keys, path));
  const { items } = schema;
  if (items === undefined || (kind !== 'map' && kind !== 'set')) return errors;
  if (items.nullable === true) {
    errors.push(forbiddenField(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${kind}`));
  }
  return kind === 'set' ? errors : [...errors, ...keys.flatMap((key) => presentErrors(items, key, `${path}.items`))];
}

function mapKeyErrors({ items }: Schema, keys: readonly string[], path: string): FieldError[] {
  const at = `${path}.x-kubernetes-list-map-keys`;
  const errors = keys.length === 0 ? [required(at, 'must not be empty if x-kubernetes-list-type is map')] : [];
  if (items === undefined) {
    return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')];
  }
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [...errors, invalid(`${path}.items.type`, items.type ?? '', why)];
  }
  keys.forEach((key, index) => {
    const type = items.properties?.[key]?.type;
    if (items.properties?.[key] === undefined) {
      errors.push(invalid(at, keys, 'entries must all be names of item properties'));
    } else if (type === 'array' || type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
      errors.push(invalid(`${path}.items.properties[${key}].type`, items.type, why));
    }
    if (keys.indexOf(key) < index) errors.push(invalid(at, keys, 'must not contain duplicate entries'));
  });
  return errors;
}

/** Every item must have a value for the key. */
function presentErrors({ properties, required: names }: Schema, key: string, path: string): FieldError[] {
  const property = properties?.[key];
  if (property === undefined) return [];
  const at = `${path}.properties[${key}]`;
  const about = 'this property is in x-kubernetes-list-map-keys, so it';
  return [
    ...(names?.includes(key) === true || property.default !== undefined
      ? []
      : [required(`${at}.default`, `${about} must have a default or be a required property`)]),
    ...(property.nullable === true ? [forbiddenField(`${at}.nullable`, `${about} cannot be nullable`)] : []),
  ];
}
