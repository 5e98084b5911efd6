/** What one version of an object says and another cannot: taken off, and filled in again. Pure. */
import { isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../../api/json.ts';

/** The members of `whole`, at any depth, that `part` lacks. Lists are values. Nothing where it lacks none. */
export function lackedBy(part: JsonObject, whole: JsonObject): JsonObject | undefined {
  const lacked: JsonObject = {};
  for (const [key, value] of Object.entries(whole)) {
    const there = ownMember(part, key);
    const missing =
      there === undefined ? value : isObject(there) && isObject(value) ? lackedBy(there, value) : undefined;
    if (missing !== undefined) setOwn(lacked, key, missing);
  }
  return Object.keys(lacked).length === 0 ? undefined : lacked;
}

/** `part` with what it lacks; what it has stays as it is, since somebody may have changed it. */
export function filledIn(part: JsonObject, lacked: JsonObject): JsonObject {
  const whole: JsonObject = { ...part };
  for (const [key, value] of Object.entries(lacked)) {
    const there: JsonValue | undefined = ownMember(whole, key);
    if (there === undefined) setOwn(whole, key, value);
    else if (isObject(there) && isObject(value)) setOwn(whole, key, filledIn(there, value));
  }
  return whole;
}
