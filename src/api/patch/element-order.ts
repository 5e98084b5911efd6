/** The order of merged lists: what the patch names comes in the patch's order, the rest keeps its place around it. */
import { isObject, type JsonValue } from '../json.ts';

/** What makes elements the same, as text: the merge key of objects, the value of scalars. */
export function elementId(element: JsonValue, mergeKey: string): string {
  return JSON.stringify(mergeKey !== '' && isObject(element) ? (element[mergeKey] ?? null) : element);
}

/** The place of each element by its identity. */
export function placesOf(list: readonly JsonValue[], mergeKey: string): Map<string, number> {
  return new Map(list.map((element, place) => [elementId(element, mergeKey), place]));
}

interface Placed {
  readonly element: JsonValue;
  /** In the order wanted; undefined where that does not name the element. */
  readonly wanted: number | undefined;
  /** In the live list; undefined for what is new. */
  readonly live: number | undefined;
}

/**
 * Orders `merged` so that elements named in `order` stand as there. The others keep the order of `live`, each before the
 * first ordered element that it preceded in `live`.
 */
export function orderElements(
  merged: readonly JsonValue[],
  order: readonly JsonValue[],
  live: readonly JsonValue[],
  mergeKey: string,
): JsonValue[] {
  const [wantedPlaces, livePlaces] = [placesOf(order, mergeKey), placesOf(live, mergeKey)];
  const placed = merged.map((element): Placed => {
    const id = elementId(element, mergeKey);
    return { element, wanted: wantedPlaces.get(id), live: livePlaces.get(id) };
  });
  const named = placed.filter(({ wanted }) => wanted !== undefined).sort((a, b) => compare(a.wanted, b.wanted));
  const others = placed.filter(({ wanted }) => wanted === undefined).sort((a, b) => compare(a.live, b.live));
  return interleave(named, others).map(({ element }) => element);
}

function interleave(named: readonly Placed[], others: Placed[]): Placed[] {
  const result: Placed[] = [];
  let next = 0;
  for (const each of named) {
    for (; precedes(others[next], each); next += 1) result.push(...others.slice(next, next + 1));
    result.push(each);
  }
  return [...result, ...others.slice(next)];
}

function precedes(one: Placed | undefined, other: Placed): boolean {
  return one?.live !== undefined && other.live !== undefined && one.live < other.live;
}

function compare(one = 0, other = 0): number {
  return one - other;
}
