/** Paths of fields as upstream's `field.Path` writes them, and the JSON paths in which rules name theirs. */
import type { Schema } from '../../../api/schema.ts';

/** The whole object has no path. */
export function joinPath(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** What stands in messages. */
export function shownPath(path: string): string {
  return path === '' ? '<nil>' : path;
}

const STEP = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/y;

/** Whether a `fieldPath` (`.spec.a['b c']`) leads to something that the schema has. */
export function leadsSomewhere(fieldPath: string, schema: Schema): boolean {
  let at: Schema | undefined = schema;
  STEP.lastIndex = 0;
  while (STEP.lastIndex < fieldPath.length) {
    const step = STEP.exec(fieldPath);
    if (step === null || at === undefined) return false;
    at = memberOf(at, step[1] ?? (step[2] ?? '').replace(/\\(.)/g, '$1'));
  }
  return at !== undefined;
}

function memberOf({ properties, additionalProperties }: Schema, name: string): Schema | undefined {
  if (properties !== undefined) return Object.hasOwn(properties, name) ? properties[name] : undefined;
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}
