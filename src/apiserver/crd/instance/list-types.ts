/** Lists that are sets or maps hold nothing twice: upstream `apiserver/schema/listtype`. */
import { duplicate, type FieldError } from '../../../api/field-error.ts';
import { equalJson, isObject, ownMember, type JsonObject, type JsonValue } from '../../../api/json.ts';
import type { Schema } from '../../../api/schema.ts';
import { memberSchema } from './prune.ts';

export function listTypeErrors(value: JsonValue, schema: Schema, path = ''): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    const inside =
      items === undefined ? [] : value.flatMap((item, at) => listTypeErrors(item, items, `${path}[${at}]`));
    return [...ownErrors(value, schema, path), ...inside];
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const known = memberSchema(schema, key);
    return known === undefined ? [] : listTypeErrors(member, known, path === '' ? key : `${path}.${key}`);
  });
}

function ownErrors(items: readonly JsonValue[], schema: Schema, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if (type === 'set') return repeated(items, path);
  if (type !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  return repeated(
    items.map((item) => (isObject(item) ? keyOf(item, keys, schema.items) : item)),
    path,
  );
}

function keyOf(item: JsonObject, keys: readonly string[], schema: Schema | undefined): JsonObject {
  const entries = keys.map((key): [string, JsonValue] => {
    const fallback = schema?.properties?.[key]?.default as JsonValue | undefined;
    return [key, ownMember(item, key) ?? fallback ?? null];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** Each value that repeats is reported once, where it comes for the second time. */
function repeated(values: readonly JsonValue[], path: string): FieldError[] {
  const known = new Map<string, number>();
  return values.flatMap((value, index) => {
    const id = typeof value === 'object' ? stableText(value) : JSON.stringify(value);
    const times = (known.get(id) ?? 0) + 1;
    known.set(id, times);
    return times === 2 ? [duplicate(`${path}[${index}]`, value)] : [];
  });
}

/** The same text for equal values, whatever the order of their members. */
function stableText(value: JsonValue): string {
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify(entries.map(([key, member]) => [key, stableText(member)]));
}

/** Whether the values at both ends of an update are the same, so that old errors may stay. */
export function unchangedValue(one: JsonValue | undefined, other: JsonValue | undefined): boolean {
  return one !== undefined && other !== undefined && equalJson(one, other);
}
