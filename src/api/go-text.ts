import type { Json } from './object.ts';

/** A JSON value as Go's `%v` prints it: some messages of upstream hold such dumps. */
export function goText(value: Json | undefined): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `[${value.map(goText).join(' ')}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, member]) => `${key}:${goText(member)}`).join(' ')}]`;
}

/** `Array.isArray` does not narrow to readonly arrays. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
