/** Old errors may stay: an update is not refused for what it leaves as it was (upstream's ratcheting validation). */
import type { FieldError } from '../../../api/field-error.ts';
import { isObject, ownMember, type JsonObject, type JsonValue } from '../../../api/json.ts';
import { unchangedValue } from './list-types.ts';

export function withoutOldErrors(errors: readonly FieldError[], value: JsonObject, old: JsonObject): FieldError[] {
  return errors.filter(({ field, type }) => {
    const path = type === 'FieldValueRequired' ? parentOf(field) : field;
    return !unchangedValue(valueAt(value, path), valueAt(old, path));
  });
}

function parentOf(field: string): string {
  return field.includes('.') ? field.slice(0, field.lastIndexOf('.')) : '';
}

/** The value at `spec.items[0].name`; undefined where there is none or the path is none. */
function valueAt(value: JsonValue, field: string): JsonValue | undefined {
  if (field === '<nil>') return undefined;
  const steps = field.match(/[^.[\]]+/g) ?? [];
  return steps.reduce<JsonValue | undefined>((at, step) => {
    if (Array.isArray(at)) return at[Number(step)];
    return isObject(at) ? ownMember(at, step) : undefined;
  }, value);
}
