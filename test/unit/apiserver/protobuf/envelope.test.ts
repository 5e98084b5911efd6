import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { StatusError } from '../../../../src/api/status-error.ts';
import { protobufToJson } from '../../../../src/apiserver/protobuf/envelope.ts';

const bytes = (number: number, ...content: (string | Buffer)[]): Buffer => {
  const body = Buffer.concat(content.map((each) => Buffer.from(each)));
  assert.ok(body.length < 128 && number < 16);
  return Buffer.concat([Buffer.from([(number << 3) | 2, body.length]), body]);
};
const integer = (number: number, value: number): Buffer => Buffer.from([number << 3, value]);

function envelope(apiVersion: string, kind: string, object: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), bytes(1, bytes(1, apiVersion), bytes(2, kind)), bytes(2, object)]);
}

function decoded(body: Buffer): unknown {
  return JSON.parse(protobufToJson(body).toString());
}

test('maps, bytes, times and fields that JSON has inline', () => {
  const metadata = bytes(1, bytes(1, 'c'), bytes(8, integer(1, 0)), bytes(11, bytes(1, 'app'), bytes(2, 'web')));
  const data = bytes(2, bytes(1, 'k'), bytes(2, 'v'));
  const binary = bytes(3, bytes(1, 'b'), bytes(2, Buffer.from([1, 2])));
  assert.deepEqual(decoded(envelope('v1', 'ConfigMap', Buffer.concat([metadata, data, binary]))), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'c', creationTimestamp: '1970-01-01T00:00:00Z', labels: { app: 'web' } },
    data: { k: 'v' },
    binaryData: { b: 'AQI=' },
  });
  const volume = bytes(1, bytes(1, 'tmp'), bytes(2, bytes(2)));
  assert.deepEqual(decoded(envelope('v1', 'Pod', bytes(2, volume, integer(4, 7)))), {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: { volumes: [{ name: 'tmp', emptyDir: {} }], terminationGracePeriodSeconds: 7 },
  });
});

test('whatever else comes is refused as a bad request', () => {
  assert.throws(() => protobufToJson(Buffer.from('{}')), /expected prefix/);
  assert.throws(() => protobufToJson(envelope('example.com/v1', 'Thing', Buffer.alloc(0))), /send JSON/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
      try {
        protobufToJson(envelope('v1', 'Pod', Buffer.from(noise)));
      } catch (error) {
        assert.ok(error instanceof StatusError && error.code === 400, String(error));
      }
    }),
  );
});
