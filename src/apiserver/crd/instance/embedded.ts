/** Objects inside of custom resources: upstream `apiserver/schema/objectmeta/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import { isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import { dns1035LabelErrors } from '../../../api/names.ts';
import type { Schema } from '../../../api/schema.ts';
import { memberSchema } from './prune.ts';

export function embeddedErrors(value: JsonValue, schema: Schema, path = ''): FieldError[] {
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, at) => nested(item, items, `${path}[${at}]`));
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const known = memberSchema(schema, key);
    return known === undefined ? [] : nested(member, known, path === '' ? key : `${path}.${key}`);
  });
}

function nested(value: JsonValue, schema: Schema, path: string): FieldError[] {
  const own = schema['x-kubernetes-embedded-resource'] === true && isObject(value) ? objectErrors(value, path) : [];
  return [...own, ...embeddedErrors(value, schema, path)];
}

function objectErrors({ apiVersion, kind }: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (typeof apiVersion !== 'string' || apiVersion === '') errors.push(required(`${path}.apiVersion`));
  else if (apiVersion.split('/').length > 2) {
    errors.push(invalid(`${path}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (typeof kind !== 'string' || kind === '') errors.push(required(`${path}.kind`));
  else {
    for (const problem of dns1035LabelErrors(kind.toLowerCase())) {
      errors.push(invalid(`${path}.kind`, kind, `may have mixed case, but should otherwise match: ${problem}`));
    }
  }
  return errors;
}
