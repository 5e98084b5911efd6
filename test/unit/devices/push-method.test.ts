import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../src/api/json.ts';
import { pushedText } from '../../../src/devices/push/push-message.ts';
import { pushesOf } from '../../../src/devices/push/push-method.ts';
import { pushMetrics } from '../../../src/devices/push/push-metrics.ts';
import { addressOf } from '../../../src/devices/push/push-sender.ts';

const of = (pushMethod: JsonObject) => pushesOf({ name: 'temp', pushMethod });

test('an HTTP server, named with its scheme as for the mappers of KubeEdge, or without', () => {
  const table: [JsonObject, string, number][] = [
    [
      { hostName: 'http://127.0.0.1', port: 6666, requestPath: '/in?a=1', timeout: 50 },
      'http://127.0.0.1:6666/in?a=1',
      50,
    ],
    [{ hostName: 'plant.local', requestPath: 'in' }, 'http://plant.local/in', 10_000],
    [{ hostName: 'https://plant.local', port: 8443, timeout: 900_000 }, 'https://plant.local:8443/', 60_000],
  ];
  for (const [http, url, timeoutMs] of table) {
    assert.deepEqual(of({ http }), { methods: [{ kind: 'http', url, timeoutMs }], problems: [] });
  }
});

test('an MQTT broker', () => {
  const mqtt = { address: 'tcp://127.0.0.1:1883', topic: 'plant/temp', qos: 1, retained: true };
  const method = { kind: 'mqtt', url: 'tcp://127.0.0.1:1883', topic: 'plant/temp', qos: 1, retain: true };
  assert.deepEqual(of({ mqtt }), { methods: [method], problems: [] });
  const plain = { ...method, qos: 0, retain: false };
  assert.deepEqual(of({ mqtt: { address: '127.0.0.1:1883', topic: 'plant/temp' } }).methods, [plain]);
  assert.equal(of({ mqtt, http: { hostName: 'a' } }).methods.length, 2);
});

test('what cannot be pushed is said with its reason', () => {
  const table: [JsonObject, string][] = [
    [{ http: {} }, 'temp: pushMethod.http: http:// is no address of an HTTP server'],
    [{ http: { hostName: 'ftp://a', port: 1 } }, 'temp: pushMethod.http: ftp://a:1 is no address of an HTTP server'],
    [{ mqtt: { topic: 'a' } }, 'temp: pushMethod.mqtt: "" is no address of an MQTT broker'],
    [
      { mqtt: { address: 'http://a', topic: 'a' } },
      'temp: pushMethod.mqtt: "http://a" is no address of an MQTT broker',
    ],
    [{ mqtt: { address: 'a', topic: 'a/#' } }, 'temp: pushMethod.mqtt: the topic must be one without wildcards'],
    [{ mqtt: { address: 'a', topic: 'a', qos: 3 } }, 'temp: pushMethod.mqtt: qos must be 0, 1 or 2'],
    [
      { dbMethod: { influxdb2: {} } },
      'temp: pushMethod.dbMethod is for mappers: the site itself pushes by http and mqtt only',
    ],
  ];
  for (const [pushMethod, problem] of table) assert.deepEqual(of(pushMethod), { methods: [], problems: [problem] });
  assert.deepEqual(pushesOf({ name: 'temp' }), { methods: [], problems: [] });
});

test('what is sent reads as the mappers of KubeEdge write it', () => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
  const [http, mqtt] = of({ http: { hostName: 'a' }, mqtt: { address: 'a', topic: 'plant/t' } }).methods;
  assert.ok(http !== undefined && mqtt !== undefined);
  const form = pushedText(http, { property: 'temp', value: '19 °C & more', at });
  assert.deepEqual(
    [...new URLSearchParams(form)],
    [
      ['temp', '19 °C & more'],
      ['time', '2026-01-02 03:04:05'],
    ],
  );
  assert.equal(pushedText(mqtt, { property: 'temp', value: '19', at }), 'time is 2026-01-02 03:04:05  plant/t: 19');
});

test('addresses for people hold no secrets, and metrics escape them', () => {
  const [http] = of({ http: { hostName: 'http://me:secret@a', port: 1, requestPath: '/in?token=x' } }).methods;
  assert.ok(http !== undefined);
  assert.equal(addressOf(http), 'http://a:1/in');
  const counts = { target: 'tcp://a"b', delivered: 3, failed: 1, waiting: 2 };
  assert.match(pushMetrics([counts]), /^edgesite_device_pushes_total\{target="tcp:\/\/a\\"b",result="delivered"\} 3$/m);
  assert.match(pushMetrics([counts]), /^edgesite_device_pushes_waiting\{target="tcp:\/\/a\\"b"\} 2$/m);
  assert.match(pushMetrics([counts, counts]), /result="delivered"\} 6\n[^\n]*result="failed"\} 2\n#/, 'one series');
  assert.equal(pushMetrics([]), '');
});
