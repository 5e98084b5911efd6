/**
 * Lists of named things as maps and back, so that a merge patch may speak of one of them. Pure. Deep in the objects of
 * devices only these lists are keyed; all others are values.
 */
import { isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../../api/json.ts';

/** Where a list is (`spec.properties`), and by which member its items are told apart. */
export type KeyedLists = Readonly<Record<string, string>>;

/** With the lists as maps from name to item. Items without a name, and second ones of a name, are left out. */
export function keyed(object: JsonObject, lists: KeyedLists): JsonObject {
  return changed(object, lists, (list, key) => {
    if (!Array.isArray(list)) return list;
    const map: JsonObject = {};
    for (const item of list) {
      const name = isObject(item) ? ownMember(item, key) : undefined;
      if (typeof name === 'string' && !Object.hasOwn(map, name)) setOwn(map, name, item);
    }
    return map;
  });
}

/** The reverse of `keyed`; what has lost its name is left out: it belongs to an item that has gone. */
export function listed(object: JsonObject, lists: KeyedLists): JsonObject {
  return changed(object, lists, (map, key) => {
    if (!isObject(map)) return map;
    return Object.values(map).filter((item) => isObject(item) && typeof ownMember(item, key) === 'string');
  });
}

function changed(
  object: JsonObject,
  lists: KeyedLists,
  change: (value: JsonValue, key: string) => JsonValue,
): JsonObject {
  let result = object;
  for (const [path, key] of Object.entries(lists)) result = changedAt(result, path.split('.'), (at) => change(at, key));
  return result;
}

function changedAt(object: JsonObject, path: string[], change: (value: JsonValue) => JsonValue): JsonObject {
  const [member = '', ...rest] = path;
  const value = ownMember(object, member);
  if (value === undefined) return object;
  if (rest.length === 0) return { ...object, [member]: change(value) };
  return isObject(value) ? { ...object, [member]: changedAt(value, rest, change) } : object;
}
