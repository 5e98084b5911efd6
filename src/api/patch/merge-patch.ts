/** JSON merge patch, RFC 7386. */
import { cloneJson, isObject, type JsonObject, type JsonValue, ownMember, setOwn } from '../json.ts';

/** The document after the patch; neither is changed. */
export function applyMergePatch(document: JsonValue, patch: JsonValue): JsonValue {
  return merge(cloneJson(document), patch);
}

function merge(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return cloneJson(patch);
  const result: JsonObject = isObject(target) ? target : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else setOwn(result, key, merge(ownMember(result, key), value));
  }
  return result;
}
