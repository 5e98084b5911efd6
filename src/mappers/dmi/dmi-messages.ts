/** Device objects as messages of the DMI. Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import { anyMap } from './any-value.ts';
import type { DescribedDevice, Desired, DeviceProperty, NamedConfig } from './dmi-ports.ts';

/** A device or a model as a mapper is told of it. */
export interface Message {
  readonly name: string;
  readonly namespace: string;
  readonly spec: object;
  readonly status?: object;
}

/** The desired values are those of the twin: what the model refuses is not among them, what was set at the edge is. */
export function deviceMessage({ id, device: { spec = {} } }: DescribedDevice, desired: Desired): Message {
  const { reportToCloud, reportCycle } = spec.stateReport ?? {};
  return {
    ...named(id),
    spec: {
      deviceModelReference: spec.deviceModelRef?.name ?? '',
      protocol: configured(spec.protocol),
      properties: (spec.properties ?? []).map((property) => propertyMessage(property, desired)),
      methods: spec.methods ?? [],
    },
    status: { reportToCloud: reportToCloud !== false, ...(reportCycle === undefined ? {} : { reportCycle }) },
  };
}

/** Nothing where the cluster has no model of the name. */
export function modelMessage({ id, device, model }: DescribedDevice): Message | undefined {
  const name = device.spec?.deviceModelRef?.name;
  if (name === undefined || model === undefined) return undefined;
  const properties = (model.spec?.properties ?? []).map(
    ({ name, description, type, accessMode, minimum, maximum, unit }) => {
      return present({ name, description, type, accessMode, minimum, maximum, unit });
    },
  );
  return { name, namespace: named(id).namespace, spec: { properties } };
}

export function idOf(namespace: string, name: string): string {
  return `${namespace === '' ? 'default' : namespace}/${name}`;
}

export function named(id: string): { name: string; namespace: string } {
  const slash = id.indexOf('/');
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

function propertyMessage(property: DeviceProperty, desired: Desired): object {
  const { name, visitors, reportCycle, collectCycle, reportToCloud, pushMethod } = property;
  const wanted = desired[name];
  return {
    name,
    // Mappers made by KubeEdge's framework take it for granted, and end where it is missing.
    desired: wanted === undefined ? { value: '' } : { value: wanted.value, metadata: { type: wanted.type } },
    visitors: configured(visitors),
    ...present({ reportCycle, collectCycle }),
    reportToCloud: reportToCloud !== false,
    ...(pushMethod === undefined ? {} : { pushMethod: pushMessage(pushMethod) }),
  };
}

function configured({ protocolName = '', configData }: NamedConfig = {}): object {
  return { protocolName, configData: { data: anyMap(configData) } };
}

/** The objects' names of fields differ from the protocol's in a few places. */
function pushMessage({ http, mqtt, otel, dbMethod, anomalyDetection }: JsonObject): object {
  return present({
    http: isObject(http) ? renamed(http, { hostName: 'hostname', requestPath: 'requestpath' }) : undefined,
    mqtt: part(mqtt),
    otel: part(otel),
    dbMethod: isObject(dbMethod) ? databaseMessage(dbMethod) : undefined,
    anomalyDetection: isObject(anomalyDetection) ? { data: anyMap(anomalyDetection) } : undefined,
  });
}

function databaseMessage({ TDEngine: tdengine, influxdb2, redis, mysql }: JsonObject): object {
  const client = isObject(tdengine) ? tdengine['TDEngineClientConfig'] : undefined;
  return present({
    influxdb2: part(influxdb2),
    redis: part(redis),
    mysql: part(mysql),
    tdengine: isObject(client) ? { tdEngineClientConfig: renamed(client, { dbName: 'dbname' }) } : undefined,
  });
}

function part(value: JsonValue | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

function renamed(values: JsonObject, names: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [names[name] ?? name, value]));
}

function present(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
