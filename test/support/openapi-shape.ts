/** Brings two OpenAPI documents into one shape, so that they can be compared: without prose, lists that are sets sorted. */

/** Keys whose lists have no order. */
const SETS = new Set(['required', 'tags', 'consumes', 'produces', 'x-kubernetes-group-version-kind', 'parameters']);
const PROSE = new Set(['description', 'summary']);

type Lookup = (reference: string) => unknown;

/** References to parameters are followed, those to definitions stay; an `allOf` of one is that one. */
export function comparable(value: unknown, lookup: Lookup = () => undefined, inside = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item, lookup));
    return SETS.has(inside) ? sortedBy(items, (item) => JSON.stringify(item)) : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const reference = '$ref' in value && typeof value.$ref === 'string' ? value.$ref : '';
  if (reference.startsWith('#/parameters/')) return comparable(lookup(reference), lookup);
  if ('allOf' in value && Array.isArray(value.allOf) && value.allOf.length === 1) {
    const { allOf, ...beside } = value;
    return comparable({ ...beside, ...allOf[0] }, lookup);
  }
  const names = inside === 'properties' || inside === 'definitions' || inside === 'schemas';
  const entries = Object.entries(value).filter(([key]) => names || !PROSE.has(key));
  const shown = entries.map(([key, member]): [string, unknown] => [key, comparable(member, lookup, names ? '' : key)]);
  return Object.fromEntries(sortedBy(shown, ([key]) => key));
}

/** One line for each difference: `paths//api/v1/pods/get/tags: ours …, theirs …`. */
export function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (!isRecord(ours) || !isRecord(theirs)) return [`${path}: ours ${shown(ours)}, theirs ${shown(theirs)}`];
  const keys = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])];
  return keys.flatMap((key) => differences(ours[key], theirs[key], path === '' ? key : `${path}/${key}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200);
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...items].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}
