/**
 * What KubeEdge up to 1.14 handed to mappers: `deviceProfile.json` in a ConfigMap, in the words of v1alpha2 (KubeEdge
 * `devicecontroller/types/deviceprofile.go`). Its mappers give up at the first thing that they do not find, so what has no
 * protocol or no place in its model is left out. Pure.
 */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import { splitKey } from '../../api/object.ts';
import type { AttachedDevice } from '../attached-devices.ts';
import { deviceAs, modelAs } from '../conversion/index.ts';
import { picked } from '../conversion/picked.ts';
import type { TwinnedDevice } from '../device-twins.ts';

/** As they are called in v1alpha2, and in the profile. */
const PROTOCOLS = {
  opcua: 'opcua',
  modbus: 'modbus',
  bluetooth: 'bluetooth',
  customizedProtocol: 'customized-protocol',
};
/** The namespace in which a device may go by its name alone: mappers put the id into topics as it is. */
const SHORT_NAMESPACE = 'default';

/** What a profile says of one device: dear to make, the same until the device or its model is written. */
export interface ProfilePart {
  readonly instance: JsonObject;
  readonly model: { readonly name: string; readonly properties: readonly JsonObject[] };
  readonly protocol: JsonObject;
  readonly visitors: readonly ProfileVisitor[];
}

interface ProfileVisitor extends JsonObject {
  propertyName: string;
  modelName: string;
}

export interface ProfiledDevice {
  readonly part: ProfilePart;
  readonly twinned: TwinnedDevice | undefined;
}

export function deviceProfile(devices: readonly ProfiledDevice[]): JsonObject {
  const parts = devices.map(({ part }) => part);
  const models = new Map(parts.map(({ model: { name, properties } }) => [name, { name, properties: [...properties] }]));
  const visitors = new Map(
    parts.flatMap((part) => part.visitors.map((each) => [`${each.modelName}/${each.propertyName}`, each] as const)),
  );
  return {
    deviceInstances: devices.map(({ part, twinned }) => {
      return { ...part.instance, twins: twinsOf(part, twinned), propertyVisitors: [...part.visitors] };
    }),
    deviceModels: [...models.values()],
    protocols: parts.map(({ protocol }) => protocol),
    propertyVisitors: [...visitors.values()], // where they were before v1alpha2: one of each model
  };
}

/** Nothing where no such mapper could serve the device. */
export function profilePart({ id, device, model }: AttachedDevice): ProfilePart | undefined {
  const { name } = splitKey(id);
  const old = objectOf(deviceAs(device, 'v1alpha2')['spec']);
  const named = protocolOf(objectOf(old['protocol']));
  const modelName = device.spec?.deviceModelRef?.name;
  if (named === undefined || model === undefined || modelName === undefined) return undefined;
  const properties = itemsOf(objectOf(modelAs(model, 'v1alpha2')['spec'])['properties']).map(modelProperty);
  const known = new Set(properties.map((property) => property['name']));
  const visitors = itemsOf(old['propertyVisitors']).flatMap((visitor) => {
    const property = visitor['propertyName'];
    return typeof property === 'string' && known.has(property) ? [visitorOf(visitor, property, modelName)] : [];
  });
  const protocol = `${named.protocol}-${name}`;
  return {
    instance: {
      id: id.startsWith(`${SHORT_NAMESPACE}/`) ? name : id,
      name,
      protocol,
      model: modelName,
      ...dataOf(objectOf(old['data'])),
    },
    model: { name: modelName, properties },
    protocol: { name: protocol, ...named },
    visitors,
  };
}

/** Without one there is no mapper that the device could be for. */
function protocolOf(protocols: JsonObject): { protocol: string; [key: string]: JsonValue } | undefined {
  const found = Object.entries(PROTOCOLS).find(([member]) => isObject(protocols[member]));
  if (found === undefined) return undefined;
  const [member, protocol] = found;
  const config = protocols[member] ?? {};
  const { common } = protocols;
  return {
    protocol,
    protocolConfig: config,
    protocol_config: config, // its name before v1alpha2
    ...(common === undefined ? {} : { protocolCommonConfig: common }),
  };
}

function visitorOf(visitor: JsonObject, propertyName: string, modelName: string): ProfileVisitor {
  const found = protocolOf(visitor);
  return {
    name: propertyName,
    propertyName,
    modelName,
    ...picked(visitor, ['reportCycle', 'collectCycle', 'customizedValues']),
    ...(found === undefined ? {} : { protocol: found.protocol }),
    visitorConfig: found?.['protocolConfig'] ?? {},
  };
}

/** Each property has one, or mappers do not read it. A desired value is the one that the device is told. */
function twinsOf({ visitors, model }: ProfilePart, twinned: TwinnedDevice | undefined): JsonObject[] {
  const types = new Map(model.properties.map(({ name, dataType }) => [name, dataType]));
  return visitors.map(({ propertyName }) => {
    const { expected } = twinned?.twin[propertyName] ?? {};
    const timestamp = expected === undefined ? {} : { timestamp: String(expected.metadata.timestamp) };
    const metadata = { type: types.get(propertyName) ?? 'string', ...timestamp };
    return { propertyName, desired: { value: expected?.value ?? '', metadata } };
  });
}

/** Limits are whole numbers to mappers, which read no profile with others: those that are none are left out. */
function modelProperty({ name, description, type }: JsonObject): JsonObject {
  const [dataType = 'string', facts] = Object.entries(objectOf(type))[0] ?? [];
  return {
    name: name ?? '',
    dataType,
    ...(description === undefined ? {} : { description }),
    ...picked(objectOf(facts), ['accessMode', 'defaultValue', 'unit']),
    ...picked(objectOf(facts), ['minimum', 'maximum'], (limit) => (Number.isSafeInteger(limit) ? limit : undefined)),
  };
}

/** Values for other programs at the edge: where KubeEdge's controller puts them, and where its mappers look. */
function dataOf(data: JsonObject): JsonObject {
  const { dataProperties, dataTopic } = data;
  const given = picked(data, ['dataProperties', 'dataTopic']);
  if (Object.keys(given).length === 0) return {};
  return { ...given, data: { dataProperties: dataProperties ?? [], datatopic: dataTopic ?? '' } };
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function itemsOf(value: JsonValue | undefined): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
