/** JSON values that may be changed in place: what patches work on. */

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

export interface JsonObject {
  [key: string]: JsonValue;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A deep copy. Members that are undefined are left out, as they would be on the wire. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const copy: Record<string, unknown> = {};
  for (const [key, member] of Object.entries(value)) if (member !== undefined) setOwn(copy, key, cloneJson(member));
  return copy as T;
}

/** Deep equality; the order of members does not count, undefined members count as absent. */
export function equalJson(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => equalJson(item, other[index]));
  }
  return equalMembers(one as Record<string, unknown>, other as Record<string, unknown>);
}

function equalMembers(one: Record<string, unknown>, other: Record<string, unknown>): boolean {
  for (const [key, value] of Object.entries(one)) {
    if (value !== undefined && !(Object.hasOwn(other, key) && equalJson(value, other[key]))) return false;
  }
  return Object.entries(other).every(
    ([key, value]) => value === undefined || (Object.hasOwn(one, key) && one[key] !== undefined),
  );
}

/** The own member `key`: never something of the prototype, whatever a client may call its keys. */
export function ownMember(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own member, also one named `__proto__`. */
export function setOwn<V>(object: Record<string, V>, key: string, value: V): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    object[key] = value;
  }
}
