import { type JsonObject, type JsonValue, ownMember } from '../../api/json.ts';

/** Those of the members that are there, changed where `change` is given; what it gives nothing for is left out. */
export function picked(
  object: JsonObject,
  members: readonly string[],
  change: (value: JsonValue) => JsonValue | undefined = (value) => value,
): JsonObject {
  return Object.fromEntries(
    members.flatMap((member) => {
      const value = ownMember(object, member);
      const kept = value === undefined ? undefined : change(value);
      return kept === undefined ? [] : [[member, kept]];
    }),
  );
}
