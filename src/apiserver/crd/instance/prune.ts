/** Takes away what a structural schema does not know: upstream `apiextensions-apiserver/pkg/apiserver/schema/pruning`. */
import { isObject, type JsonObject, type JsonValue } from '../../../api/json.ts';
import { ANYTHING, type Schema } from '../../../api/schema.ts';
import { pathText } from '../../schema/typed-decoder.ts';

/** What every object has without its schema saying so. */
const OBJECT_MEMBERS = new Set(['apiVersion', 'kind', 'metadata']);

/** Changes `object` in place; returns the paths of what went, sorted. `metadata` is left to its own type. */
export function prune(object: JsonObject, schema: Schema): string[] {
  const pruned: string[] = [];
  pruneValue(object, schema, true, [], pruned);
  return pruned.sort();
}

/** The same for a value of a field. */
export function pruneInside(value: JsonValue, schema: Schema): void {
  pruneValue(value, schema, schema['x-kubernetes-embedded-resource'] === true, [], []);
}

type Path = (string | number)[];

function pruneValue(value: JsonValue, schema: Schema, root: boolean, path: Path, pruned: string[]): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) =>
      at(path, index, () => pruneValue(item, schema.items ?? ANYTHING, false, path, pruned)),
    );
  } else if (isObject(value)) pruneObject(value, schema, root, path, pruned);
}

function pruneObject(object: JsonObject, schema: Schema, root: boolean, path: Path, pruned: string[]): void {
  const keepsUnknown = schema['x-kubernetes-preserve-unknown-fields'] === true || allows(schema);
  for (const [key, member] of Object.entries(object)) {
    if (root && OBJECT_MEMBERS.has(key)) continue;
    const known = memberSchema(schema, key);
    at(path, key, () => {
      if (known !== undefined) {
        pruneValue(member, known, known['x-kubernetes-embedded-resource'] === true, path, pruned);
      } else if (!keepsUnknown) {
        delete object[key];
        pruned.push(pathText(path));
      }
    });
  }
}

/** The schema of a member; undefined where it is unknown. */
export function memberSchema(schema: Schema, key: string): Schema | undefined {
  const { properties, additionalProperties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, key)) return properties[key];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function allows(schema: Schema): boolean {
  return schema.additionalProperties === true;
}

function at(path: Path, step: string | number, visit: () => void): void {
  path.push(step);
  visit();
  path.pop();
}
