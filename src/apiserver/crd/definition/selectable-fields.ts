/** Fields by which lists of custom resources may be selected: upstream `ValidateCustomResourceSelectableFields`. */
import { duplicate, type FieldError, invalid, required, tooMany } from '../../../api/field-error.ts';
import type { Schema } from '../../../api/schema.ts';
import type { CrdVersion } from './model.ts';

type SelectableFields = NonNullable<CrdVersion['selectableFields']>;

const MAX_FIELDS = 8;
const TYPES: ReadonlySet<string | undefined> = new Set(['boolean', 'integer', 'string']);
const WRONG_TYPE =
  'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';

export function selectableFieldErrors(fields: SelectableFields, schema: Schema, path: string): FieldError[] {
  const seen = new Set<string>();
  const errors = fields.flatMap(({ jsonPath }, index) => {
    const at = `${path}[${index}]`;
    if (jsonPath === '') return [required(`${at}.jsonPath`)];
    const found = follow(jsonPath, schema);
    if (typeof found === 'string') return [invalid(`${at}.jsonPath`, jsonPath, `is an invalid path: ${found}`)];
    const repeated = seen.has(jsonPath);
    seen.add(jsonPath);
    return [
      ...(/^\.metadata\b/.test(jsonPath)
        ? [invalid(`${at}.jsonPath`, jsonPath, 'must not point to fields in metadata')]
        : []),
      ...(TYPES.has(found.type) ? [] : [invalid(`${at}.jsonPath`, jsonPath, WRONG_TYPE)]),
      ...(repeated ? [duplicate(`${at}.jsonPath`, jsonPath)] : []),
    ];
  });
  return seen.size > MAX_FIELDS ? [...errors, tooMany(path, seen.size, MAX_FIELDS)] : errors;
}

/** The schema at a path of names, or why there is none. */
function follow(jsonPath: string, schema: Schema): Schema | string {
  let at = schema;
  for (const token of jsonPath.match(/\.[^.[\]]+|[.[\]]|[^.[\]]+/g) ?? []) {
    if (token === '[') return 'array notation is not allowed';
    if (token === '.') return 'unexpected end of JSON path';
    if (!token.startsWith('.')) return `expected [ or . but got: ${token}`;
    const name = token.slice(1);
    const { properties, additionalProperties } = at;
    const own = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
    const next = properties === undefined && typeof additionalProperties === 'object' ? additionalProperties : own;
    if (next === undefined) return 'does not refer to a valid field';
    at = next;
  }
  return at;
}
