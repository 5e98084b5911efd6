/**
 * @facts KubeEdge's Device Mapper Interface `v1beta1` (`apis/dmi/v1beta1/api.proto`): names and numbers of the fields that
 * the site reads and writes. A table and no `.proto` file, so that it is part of the bundle.
 */

/** `name: [number, type]`; `map<…>` has text as keys, `…[]` is repeated. */
type Fields = Readonly<Record<string, readonly [number, string]>>;

const NAMED = { deviceName: [1, 'string'], deviceNamespace: [2, 'string'] } as const;
const CONFIG = { protocolName: [1, 'string'], configData: [2, 'CustomizedValue'] } as const;

const MESSAGES: Readonly<Record<string, Fields>> = {
  MapperRegisterRequest: { withData: [1, 'bool'], mapper: [2, 'MapperInfo'] },
  MapperRegisterResponse: { modelList: [1, 'DeviceModel[]'], deviceList: [2, 'Device[]'] },
  MapperInfo: {
    name: [1, 'string'],
    version: [2, 'string'],
    api_version: [3, 'string'],
    protocol: [4, 'string'],
    address: [5, 'bytes'],
    state: [6, 'string'],
  },
  DeviceModel: { name: [1, 'string'], spec: [2, 'DeviceModelSpec'], namespace: [3, 'string'] },
  DeviceModelSpec: { properties: [1, 'ModelProperty[]'] },
  ModelProperty: {
    name: [1, 'string'],
    description: [2, 'string'],
    type: [3, 'string'],
    accessMode: [4, 'string'],
    minimum: [5, 'string'],
    maximum: [6, 'string'],
    unit: [7, 'string'],
  },
  Device: { name: [1, 'string'], spec: [2, 'DeviceSpec'], status: [3, 'DeviceStatus'], namespace: [4, 'string'] },
  DeviceSpec: {
    deviceModelReference: [1, 'string'],
    protocol: [2, 'ProtocolConfig'],
    properties: [3, 'DeviceProperty[]'],
    methods: [4, 'DeviceMethod[]'],
  },
  DeviceMethod: { name: [1, 'string'], description: [2, 'string'], propertyNames: [3, 'string[]'] },
  DeviceProperty: {
    name: [1, 'string'],
    desired: [2, 'TwinProperty'],
    visitors: [3, 'VisitorConfig'],
    reportCycle: [4, 'int64'],
    collectCycle: [5, 'int64'],
    reportToCloud: [6, 'bool'],
    pushMethod: [7, 'PushMethod'],
  },
  ProtocolConfig: CONFIG,
  VisitorConfig: CONFIG,
  CustomizedValue: { data: [1, 'map<google.protobuf.Any>'] },
  PushMethod: {
    http: [1, 'PushMethodHTTP'],
    mqtt: [2, 'PushMethodMQTT'],
    dbMethod: [3, 'DBMethod'],
    otel: [4, 'PushMethodOTEL'],
    anomalyDetection: [5, 'CustomizedValue'],
  },
  PushMethodHTTP: { hostname: [1, 'string'], port: [2, 'int64'], requestpath: [3, 'string'], timeout: [4, 'int64'] },
  PushMethodMQTT: { address: [1, 'string'], topic: [2, 'string'], qos: [3, 'int32'], retained: [4, 'bool'] },
  PushMethodOTEL: { endpointURL: [1, 'string'] },
  DBMethod: {
    influxdb2: [1, 'DBMethodInfluxdb2'],
    redis: [2, 'DBMethodRedis'],
    tdengine: [3, 'DBMethodTDEngine'],
    mysql: [4, 'DBMethodMySQL'],
  },
  DBMethodInfluxdb2: {
    influxdb2ClientConfig: [1, 'Influxdb2ClientConfig'],
    influxdb2DataConfig: [2, 'Influxdb2DataConfig'],
  },
  Influxdb2ClientConfig: { url: [1, 'string'], org: [2, 'string'], bucket: [3, 'string'] },
  Influxdb2DataConfig: { measurement: [1, 'string'], tag: [2, 'map<string>'], fieldKey: [3, 'string'] },
  DBMethodRedis: { redisClientConfig: [1, 'RedisClientConfig'] },
  RedisClientConfig: { addr: [1, 'string'], db: [2, 'int32'], poolsize: [3, 'int32'], minIdleConns: [4, 'int32'] },
  DBMethodTDEngine: { tdEngineClientConfig: [1, 'TDEngineClientConfig'] },
  TDEngineClientConfig: { addr: [1, 'string'], dbname: [2, 'string'] },
  DBMethodMySQL: { mysqlClientConfig: [1, 'MySQLClientConfig'] },
  MySQLClientConfig: { addr: [1, 'string'], database: [2, 'string'], userName: [3, 'string'] },
  DeviceStatus: { twins: [1, 'Twin[]'], reportToCloud: [2, 'bool'], reportCycle: [3, 'int64'] },
  Twin: { propertyName: [1, 'string'], observedDesired: [2, 'TwinProperty'], reported: [3, 'TwinProperty'] },
  TwinProperty: { value: [1, 'string'], metadata: [2, 'map<string>'] },
  ReportDeviceStatusRequest: {
    deviceName: [1, 'string'],
    reportedDevice: [2, 'DeviceStatus'],
    deviceNamespace: [3, 'string'],
  },
  ReportDeviceStatesRequest: { ...NAMED, state: [3, 'string'] },
  RegisterDeviceRequest: { device: [1, 'Device'] },
  RegisterDeviceResponse: NAMED,
  UpdateDeviceRequest: { device: [1, 'Device'] },
  RemoveDeviceRequest: NAMED,
  CreateDeviceModelRequest: { model: [1, 'DeviceModel'] },
  CreateDeviceModelResponse: { deviceModelName: [1, 'string'], deviceModelNamespace: [2, 'string'] },
  UpdateDeviceModelRequest: { model: [1, 'DeviceModel'] },
  RemoveDeviceModelRequest: { modelName: [1, 'string'], modelNamespace: [2, 'string'] },
  ReportDeviceStatusResponse: {},
  ReportDeviceStatesResponse: {},
  UpdateDeviceResponse: {},
  RemoveDeviceResponse: {},
  UpdateDeviceModelResponse: {},
  RemoveDeviceModelResponse: {},
};

export const PACKAGE = 'v1beta1';
/** Served by the site. */
export const MANAGER_METHODS = ['MapperRegister', 'ReportDeviceStatus', 'ReportDeviceStates'] as const;
/** Served by mappers. */
export const MAPPER_METHODS = [
  'RegisterDevice',
  'RemoveDevice',
  'UpdateDevice',
  'CreateDeviceModel',
  'RemoveDeviceModel',
  'UpdateDeviceModel',
] as const;

export type ManagerMethod = (typeof MANAGER_METHODS)[number];
export type MapperMethod = (typeof MAPPER_METHODS)[number];

/** In the form that protobufjs reads. */
export function dmiSchema() {
  const messages = Object.entries(MESSAGES).map(([name, fields]) => [name, { fields: fieldsOf(fields) }] as const);
  const services = {
    DeviceManagerService: { methods: methodsOf(MANAGER_METHODS) },
    DeviceMapperService: { methods: methodsOf(MAPPER_METHODS) },
  };
  const any = { fields: { type_url: { id: 1, type: 'string' }, value: { id: 2, type: 'bytes' } } };
  return {
    nested: {
      google: { nested: { protobuf: { nested: { Any: any } } } },
      [PACKAGE]: { nested: { ...services, ...Object.fromEntries(messages) } },
    },
  };
}

interface Field {
  readonly id: number;
  readonly type: string;
  readonly rule?: 'repeated';
  readonly keyType?: 'string';
}

function fieldsOf(fields: Fields): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).map(([name, [id, type]]) => [name, fieldOf(id, type)]));
}

function fieldOf(id: number, type: string): Field {
  if (type.startsWith('map<')) return { keyType: 'string', type: type.slice('map<'.length, -1), id };
  if (type.endsWith('[]')) return { rule: 'repeated', type: type.slice(0, -2), id };
  return { type, id };
}

function methodsOf(names: readonly string[]) {
  const methods = names.map((name) => [name, { requestType: `${name}Request`, responseType: `${name}Response` }]);
  return Object.fromEntries(methods) as Record<string, { requestType: string; responseType: string }>;
}
