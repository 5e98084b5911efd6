/** Where a property's reported values are pushed: `spec.properties[].pushMethod` of a Device. Pure. */
import { isObject, type JsonObject, type JsonValue } from '../../api/json.ts';
import type { DeviceProperty } from '../device-kinds.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_TIMEOUT_MS = 60_000;
/** Of KubeEdge's methods those that need a database or a collector: its mappers have them, the site has not. */
const OF_MAPPERS = ['otel', 'dbMethod', 'anomalyDetection'];
const MQTT_SCHEMES = new Set(['tcp:', 'mqtt:', 'ssl:', 'mqtts:', 'ws:', 'wss:']);

export interface HttpPush {
  readonly kind: 'http';
  readonly url: string;
  readonly timeoutMs: number;
}

export interface MqttPush {
  readonly kind: 'mqtt';
  /** The broker's; may hold user and password. */
  readonly url: string;
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

export type PushMethod = HttpPush | MqttPush;

export interface PropertyPushes {
  readonly methods: readonly PushMethod[];
  /** What the object asks for and does not get, each with its reason. */
  readonly problems: readonly string[];
}

export function pushesOf({ name, pushMethod }: DeviceProperty): PropertyPushes {
  const { http, mqtt } = pushMethod ?? {};
  const read = [...(isObject(http) ? [httpPush(http)] : []), ...(isObject(mqtt) ? [mqttPush(mqtt)] : [])];
  const problems = [
    ...read.filter((each) => typeof each === 'string'),
    ...OF_MAPPERS.filter((method) => pushMethod?.[method] !== undefined).map(
      (method) => `pushMethod.${method} is for mappers: the site itself pushes by http and mqtt only`,
    ),
  ];
  return {
    methods: read.filter((each) => typeof each !== 'string'),
    problems: problems.map((problem) => `${name}: ${problem}`),
  };
}

/** KubeEdge's mappers want the scheme in `hostName`; a bare name is one of plain HTTP here. */
function httpPush({ hostName, port, requestPath, timeout }: JsonObject): HttpPush | string {
  const host = textOf(hostName);
  const path = textOf(requestPath);
  const base = `${host.includes('://') ? '' : 'http://'}${host}${typeof port === 'number' ? `:${port}` : ''}`;
  const url = URL.parse(`${base}${path === '' || path.startsWith('/') ? '' : '/'}${path}`);
  if (host === '' || url === null || !/^https?:$/.test(url.protocol)) {
    return `pushMethod.http: ${base} is no address of an HTTP server`;
  }
  const asked = typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_TIMEOUT_MS;
  return { kind: 'http', url: url.href, timeoutMs: Math.min(asked, MAX_TIMEOUT_MS) };
}

function mqttPush({ address, topic, qos, retained }: JsonObject): MqttPush | string {
  const broker = textOf(address);
  const url = URL.parse(broker.includes('://') ? broker : `tcp://${broker}`);
  if (broker === '' || url === null || !MQTT_SCHEMES.has(url.protocol) || url.hostname === '') {
    return `pushMethod.mqtt: "${broker}" is no address of an MQTT broker`;
  }
  const name = textOf(topic);
  if (name === '' || /[#+]/.test(name)) return 'pushMethod.mqtt: the topic must be one without wildcards';
  if (qos !== undefined && qos !== 0 && qos !== 1 && qos !== 2) return 'pushMethod.mqtt: qos must be 0, 1 or 2';
  return { kind: 'mqtt', url: url.href, topic: name, qos: qos ?? 0, retain: retained === true };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value.trim() : '';
}
