/** DeviceModel between v1alpha2 (a member for each type) and v1beta1 (the type as a word, limits as text). Pure. */
import { isObject, type JsonObject, type JsonValue, ownMember } from '../../api/json.ts';
import { picked } from './picked.ts';

/** v1beta1's STREAM has no counterpart. */
const TYPES = ['int', 'float', 'double', 'string', 'boolean', 'bytes'];
const LIMITS = ['minimum', 'maximum'];
const ALIKE = ['accessMode', 'unit'];

export function modelToV1beta1(model: JsonObject): JsonObject {
  return withProperties(model, (property) => {
    const types = property['type'];
    const type = isObject(types) ? TYPES.find((each) => isObject(ownMember(types, each))) : undefined;
    const facts = isObject(types) && type !== undefined ? types[type] : undefined;
    return {
      ...picked(property, ['name', 'description']),
      ...(type === undefined ? {} : { type: type.toUpperCase() }),
      ...(isObject(facts) ? { ...picked(facts, ALIKE), ...picked(facts, LIMITS, String) } : {}),
    };
  });
}

export function modelToV1alpha2(model: JsonObject): JsonObject {
  return withProperties(model, (property) => {
    const type = typeof property['type'] === 'string' ? property['type'].toLowerCase() : '';
    const facts = { ...picked(property, ALIKE), ...picked(property, LIMITS, numberOf) };
    return { ...picked(property, ['name', 'description']), type: TYPES.includes(type) ? { [type]: facts } : {} };
  });
}

function withProperties({ spec }: JsonObject, change: (property: JsonObject) => JsonObject): JsonObject {
  if (!isObject(spec)) return {};
  const { properties } = spec;
  const changed = Array.isArray(properties) ? { properties: properties.filter(isObject).map(change) } : {};
  return { spec: { ...picked(spec, ['protocol']), ...changed } };
}

function numberOf(value: JsonValue): JsonValue | undefined {
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}
