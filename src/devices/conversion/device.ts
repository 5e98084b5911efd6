/** Device between v1alpha2 (desired values in the status) and v1beta1 (in the spec). Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import { fromNamedConfig, toNamedConfig } from './named-config.ts';
import { picked } from './picked.ts';

const HOSTNAME = 'kubernetes.io/hostname';

export function deviceToV1beta1({ spec, status }: JsonObject): JsonObject {
  const given = objectOf(spec);
  const nodeName = nodeOf(given['nodeSelector']);
  const protocol = isObject(given['protocol']) ? toNamedConfig(given['protocol'], 'common') : undefined;
  const properties = new Map<string, JsonObject>();
  for (const visitor of itemsOf(given['propertyVisitors'])) put(properties, visitor, propertyOf(visitor));
  for (const twin of itemsOf(objectOf(status)['twins'])) put(properties, twin, picked(twin, ['desired']));
  const twins = itemsOf(objectOf(status)['twins']).filter((twin) => twin['reported'] !== undefined);
  return {
    ...(spec === undefined && properties.size === 0
      ? {}
      : {
          spec: {
            ...picked(given, ['deviceModelRef']),
            ...(nodeName === undefined ? {} : { nodeName }),
            ...(properties.size === 0 ? {} : { properties: [...properties.values()] }),
            ...(protocol === undefined ? {} : { protocol }),
          },
        }),
    ...(twins.length === 0
      ? {}
      : { status: { twins: twins.map((twin) => picked(twin, ['propertyName', 'reported'])) } }),
  };
}

export function deviceToV1alpha2({ spec, status }: JsonObject): JsonObject {
  const given = objectOf(spec);
  const properties = itemsOf(given['properties']);
  const twins = new Map<string, JsonObject>();
  for (const property of properties) {
    if (property['desired'] !== undefined)
      put(twins, { propertyName: property['name'] ?? '' }, picked(property, ['desired']), 'propertyName');
  }
  for (const twin of itemsOf(objectOf(status)['twins'])) {
    if (twin['reported'] !== undefined) put(twins, twin, picked(twin, ['reported']), 'propertyName');
  }
  const { nodeName, protocol } = given;
  return {
    ...(spec === undefined
      ? {}
      : {
          spec: {
            ...picked(given, ['deviceModelRef']),
            ...(typeof nodeName === 'string' ? { nodeSelector: selectorOf(nodeName) } : {}),
            ...(isObject(protocol) ? { protocol: fromNamedConfig(protocol, 'common') } : {}),
            ...(properties.length === 0 ? {} : { propertyVisitors: properties.map(visitorOf) }),
          },
        }),
    ...(twins.size === 0 ? {} : { status: { twins: [...twins.values()] } }),
  };
}

/** Joins what is said of one property in two places. */
function put(map: Map<string, JsonObject>, named: JsonObject, said: JsonObject, as = 'name'): void {
  const name = named['propertyName'];
  if (typeof name === 'string') map.set(name, { [as]: name, ...map.get(name), ...said });
}

function propertyOf(visitor: JsonObject): JsonObject {
  const visitors = toNamedConfig(visitor, 'customizedValues');
  return { ...picked(visitor, ['collectCycle', 'reportCycle']), ...(visitors === undefined ? {} : { visitors }) };
}

function visitorOf(property: JsonObject): JsonObject {
  const { visitors } = property;
  return {
    propertyName: property['name'] ?? '',
    ...picked(property, ['collectCycle', 'reportCycle']),
    ...(isObject(visitors) ? fromNamedConfig(visitors, 'customizedValues') : {}),
  };
}

/** A selector that says no more than the name of one node; others have no counterpart. */
function nodeOf(selector: JsonValue | undefined): string | undefined {
  const terms = itemsOf(objectOf(selector)['nodeSelectorTerms']);
  const expressions = terms.flatMap((term) => itemsOf(term['matchExpressions']));
  const [only] = expressions;
  const { key, operator, values } = only ?? {};
  const simple = terms.length === 1 && expressions.length === 1 && terms[0]?.['matchFields'] === undefined;
  if (!simple || operator !== 'In' || (key !== '' && key !== HOSTNAME) || !Array.isArray(values)) return undefined;
  return values.length === 1 && typeof values[0] === 'string' ? values[0] : undefined;
}

function selectorOf(nodeName: string): JsonObject {
  const expression = { key: HOSTNAME, operator: 'In', values: [nodeName] };
  return { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function itemsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
