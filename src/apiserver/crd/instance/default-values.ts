/** Fills in the defaults of a structural schema: upstream `apiserver/schema/defaulting`. */
import { cloneJson, isObject, ownMember, setOwn, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { memberSchema } from './prune.ts';

/** In place. A null takes the default too, unless the schema admits null. */
export function applyDefaults(value: JsonValue, schema: Schema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    value.forEach((item, index) => {
      if (item === null && hasOwnDefault(items)) value[index] = cloneJson(items.default as JsonValue);
      else applyDefaults(item, items);
    });
  } else if (isObject(value)) defaultObject(value, schema);
}

function defaultObject(object: JsonObject, schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!hasOwnDefault(property)) continue;
    const present = ownMember(object, name);
    if (present === undefined || (present === null && property.nullable !== true)) {
      setOwn(object, name, cloneJson(property.default as JsonValue));
    }
  }
  for (const [key, member] of Object.entries(object)) {
    const known = memberSchema(schema, key);
    if (known !== undefined) applyDefaults(member, known);
  }
}

function hasOwnDefault(schema: Schema): boolean {
  return schema.default !== undefined;
}

/** Drops the nulls that neither the schema admits nor a default will replace. In place. */
export function dropNulls(value: JsonValue, schema: Schema): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items !== undefined) for (const item of value) dropNulls(item, items);
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const known = memberSchema(schema, key);
      if (known === undefined) continue;
      if (member === null && known.nullable !== true && !hasOwnDefault(known) && isStructural(known)) delete value[key];
      else dropNulls(member, known);
    }
  }
}

/** A value without a type may be null. */
function isStructural(schema: Schema): boolean {
  return schema.type !== undefined || schema['x-kubernetes-int-or-string'] === true;
}
