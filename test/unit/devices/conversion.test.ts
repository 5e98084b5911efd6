import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '../../../src/api/object.ts';
import { DEVICE_CONVERTERS } from '../../../src/devices/index.ts';

function convert(kind: 'devices' | 'devicemodels', object: KubeObject, version: string): KubeObject {
  const converter = DEVICE_CONVERTERS[`${kind}.devices.kubeedge.io`];
  assert.ok(converter);
  return JSON.parse(JSON.stringify(converter(structuredClone(object), version))) as KubeObject;
}

const OLD: KubeObject = {
  apiVersion: 'devices.kubeedge.io/v1alpha2',
  kind: 'Device',
  metadata: { name: 'sensor', namespace: 'default', annotations: { own: 'x' } },
  spec: {
    deviceModelRef: { name: 'tag' },
    nodeSelector: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['edge-node'] }] },
      ],
    },
    protocol: { modbus: { slaveID: 1 }, common: { tcp: { ip: '192.0.2.1', port: 502 } } },
    propertyVisitors: [
      {
        propertyName: 'temp',
        reportCycle: 100,
        modbus: { register: 'HoldingRegister', offset: 2 },
        customizedValues: { a: 1 },
      },
      { propertyName: 'hum', customizedProtocol: { protocolName: 'x', configData: { b: 2 } } },
    ],
    data: { dataTopic: '$ke/events/device/+/data/update' },
  },
  status: {
    twins: [
      { propertyName: 'temp', desired: { value: '20', metadata: { type: 'int' } }, reported: { value: '19' } },
      { propertyName: 'hum', reported: { value: '5' } },
    ],
  },
};

test('a v1alpha2 device becomes a v1beta1 one with its desired values in the spec', () => {
  const device = convert('devices', OLD, 'v1beta1');
  assert.deepEqual(device['spec'], {
    deviceModelRef: { name: 'tag' },
    nodeName: 'edge-node',
    properties: [
      {
        name: 'temp',
        reportCycle: 100,
        visitors: {
          protocolName: 'modbus',
          configData: { register: 'HoldingRegister', offset: 2, customizedValues: { a: 1 } },
        },
        desired: { value: '20', metadata: { type: 'int' } },
      },
      { name: 'hum', visitors: { protocolName: 'x', configData: { b: 2 } } },
    ],
    protocol: { protocolName: 'modbus', configData: { slaveID: 1, common: { tcp: { ip: '192.0.2.1', port: 502 } } } },
  });
  assert.deepEqual(device['status'], {
    twins: [
      { propertyName: 'temp', reported: { value: '19' } },
      { propertyName: 'hum', reported: { value: '5' } },
    ],
  });
  assert.deepEqual(convert('devices', device, 'v1alpha2'), OLD, 'nothing is lost on the way back');
});

test('what only v1beta1 can say outlives a change by a v1alpha2 client', () => {
  const spec = {
    nodeName: 'edge-node',
    properties: [
      { name: 'temp', reportToCloud: false, pushMethod: { http: { port: 80 } }, desired: { value: '1' } },
      { name: 'gone', reportToCloud: true },
    ],
    methods: [{ name: 'reset' }],
  };
  const status = {
    state: 'online',
    twins: [{ propertyName: 'temp', reported: { value: '1' }, observedDesired: { value: '1' } }],
  };
  const device = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', metadata: { name: 'a' }, spec, status };
  const old = convert('devices', device, 'v1alpha2') as unknown as {
    spec: { propertyVisitors: { propertyName: string }[] };
    status: { twins: { desired: { value: string } }[] };
  };
  old.status.twins[0]!.desired.value = '2';
  old.spec.propertyVisitors = old.spec.propertyVisitors.filter(({ propertyName }) => propertyName !== 'gone');
  const again = convert('devices', old, 'v1beta1');
  const [temp] = spec.properties;
  assert.deepEqual(again['spec'], { ...spec, properties: [{ ...temp, desired: { value: '2' } }] });
  assert.deepEqual(again['status'], status);
  assert.deepEqual(again.metadata, { name: 'a' });
});

test('a selector that names no single node is kept for its own version', () => {
  const selector = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }] };
  const device = { ...OLD, spec: { nodeSelector: selector }, status: undefined };
  const converted = convert('devices', device, 'v1beta1');
  assert.equal((converted['spec'] as { nodeName?: string }).nodeName, undefined);
  assert.deepEqual((convert('devices', converted, 'v1alpha2') as { spec?: object }).spec, { nodeSelector: selector });
});

test('models keep types, limits and units, and a type that v1alpha2 has not', () => {
  const properties = [
    { name: 'temp', type: 'INT', accessMode: 'ReadWrite', minimum: '-5', maximum: '40', unit: '°C' },
    { name: 'cam', type: 'STREAM', accessMode: 'ReadOnly', visitors: { protocolName: 'onvif' } },
  ];
  const model = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name: 'm' },
    spec: { protocol: 'modbus', properties },
  };
  const old = convert('devicemodels', model, 'v1alpha2');
  assert.deepEqual((old as { spec?: object }).spec, {
    protocol: 'modbus',
    properties: [
      { name: 'temp', type: { int: { accessMode: 'ReadWrite', unit: '°C', minimum: -5, maximum: 40 } } },
      { name: 'cam', type: {} },
    ],
  });
  assert.deepEqual(convert('devicemodels', old, 'v1beta1'), model);
});

const name = fc.stringMatching(/^[a-z]{1,6}$/);
const value = fc.record(
  { value: fc.string(), metadata: fc.dictionary(name, fc.string()) },
  { requiredKeys: ['value'] },
);
const config = fc.record({
  protocolName: fc.constantFrom('modbus', 'opcua', 'bluetooth', 'other'),
  configData: fc.dictionary(name, fc.oneof(fc.integer(), fc.string())),
});
const v1beta1Device = fc.record({
  properties: fc.uniqueArray(
    fc.record(
      { name, desired: value, visitors: config, reportToCloud: fc.boolean(), collectCycle: fc.nat() },
      { requiredKeys: ['name'] },
    ),
    { selector: (property) => property.name, maxLength: 4 },
  ),
  nodeName: name,
  protocol: config,
});

test('a v1beta1 device is the same after a way through v1alpha2', () => {
  fc.assert(
    fc.property(v1beta1Device, (generated) => {
      const spec = JSON.parse(JSON.stringify(generated)) as object; // as it comes from the wire
      const device = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'Device', metadata: { name: 'a' }, spec };
      assert.deepEqual(convert('devices', convert('devices', device, 'v1alpha2'), 'v1beta1'), device);
    }),
  );
});

test('what one version has taken away does not come back from the other', () => {
  const properties = [
    { name: 'gone', type: 'INT', minimum: '1.50' },
    { name: 'left', type: 'INT', minimum: '2.50', visitors: { protocolName: 'x' } },
  ];
  const head = { apiVersion: 'devices.kubeedge.io/v1beta1', kind: 'DeviceModel', metadata: { name: 'm' } };
  const old = convert('devicemodels', { ...head, spec: { properties } }, 'v1alpha2') as KubeObject & {
    spec: { properties: object[] };
  };
  old.spec.properties.shift();
  const again = convert('devicemodels', old, 'v1beta1');
  const [, left] = properties;
  assert.deepEqual(again, { ...head, spec: { properties: [{ ...left, minimum: '2.5' }] } });
});

const settings = fc.dictionary(name, fc.oneof(fc.integer(), fc.string()));
const byProtocol = fc.record(
  { modbus: settings, opcua: settings, bluetooth: settings, customizedProtocol: config },
  { requiredKeys: [] },
);
const v1alpha2Device = fc.record(
  {
    spec: fc.record(
      {
        deviceModelRef: fc.record({ name }),
        nodeSelector: fc.record({
          nodeSelectorTerms: fc.array(
            fc.record({
              matchExpressions: fc.array(
                fc.record({
                  key: fc.constantFrom('', 'zone', 'kubernetes.io/hostname'),
                  operator: fc.constantFrom('In', 'Exists'),
                  values: fc.array(name, { maxLength: 2 }),
                }),
                { maxLength: 2 },
              ),
            }),
            { maxLength: 2 },
          ),
        }),
        protocol: fc
          .tuple(byProtocol, fc.record({ common: settings }, { requiredKeys: [] }))
          .map(([a, b]) => ({ ...a, ...b })),
        propertyVisitors: fc.uniqueArray(
          fc
            .tuple(
              fc.record(
                { propertyName: name, collectCycle: fc.nat(), customizedValues: settings },
                { requiredKeys: ['propertyName'] },
              ),
              byProtocol,
            )
            .map(([a, b]) => ({ ...a, ...b })),
          { selector: ({ propertyName }) => propertyName, maxLength: 4 },
        ),
        data: fc.record({ dataTopic: fc.string() }),
      },
      { requiredKeys: [] },
    ),
    status: fc.record({
      twins: fc.uniqueArray(
        fc.record({ propertyName: name, desired: value, reported: value }, { requiredKeys: ['propertyName'] }),
        { selector: ({ propertyName }) => propertyName, maxLength: 4 },
      ),
    }),
  },
  { requiredKeys: [] },
);

test('a v1alpha2 device is the same after a way through v1beta1', () => {
  fc.assert(
    fc.property(v1alpha2Device, (generated) => {
      const content = JSON.parse(JSON.stringify(generated)) as object; // as it comes from the wire
      const device = {
        apiVersion: 'devices.kubeedge.io/v1alpha2',
        kind: 'Device',
        metadata: { name: 'a' },
        ...content,
      };
      assert.deepEqual(convert('devices', convert('devices', device, 'v1beta1'), 'v1alpha2'), device);
    }),
    { numRuns: 1_000 },
  );
});

const limits = (number: fc.Arbitrary<number>) =>
  fc.record(
    {
      accessMode: fc.constantFrom('ReadWrite', 'ReadOnly'),
      defaultValue: number,
      minimum: number,
      maximum: number,
      unit: fc.string(),
    },
    { requiredKeys: [] },
  );
const real = fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0); // JSON has no -0
const v1alpha2Property = fc.record(
  {
    name,
    description: fc.string(),
    type: fc.oneof(
      fc.record({ int: limits(fc.maxSafeInteger()) }),
      fc.record({ float: limits(real) }),
      fc.record({ double: limits(real) }),
      fc.record({ string: fc.record({ accessMode: fc.constant('ReadOnly'), defaultValue: fc.string() }) }),
      fc.record({ boolean: fc.record({ defaultValue: fc.boolean() }) }),
      fc.record({ bytes: fc.record({ accessMode: fc.constant('ReadWrite') }) }),
    ),
  },
  { requiredKeys: ['name', 'type'] },
);

test('a model is the same after a way through the other version', () => {
  const v1beta1Property = fc.record(
    {
      name,
      description: fc.string(),
      type: fc.constantFrom('INT', 'FLOAT', 'STREAM'),
      minimum: fc.constantFrom('1', '01', '1.50', 'x', '9223372036854775807'),
      unit: fc.string(),
    },
    { requiredKeys: ['name'] },
  );
  const unique = <T extends { name: string }>(property: fc.Arbitrary<T>) =>
    fc.uniqueArray(property, { selector: (each) => each.name, maxLength: 4 });
  const round = (version: string, other: string) => (properties: object[]) => {
    const spec = JSON.parse(JSON.stringify({ protocol: 'p', properties })) as object;
    const model = { apiVersion: `devices.kubeedge.io/${version}`, kind: 'DeviceModel', metadata: { name: 'm' }, spec };
    assert.deepEqual(convert('devicemodels', convert('devicemodels', model, other), version), model);
  };
  fc.assert(fc.property(unique(v1alpha2Property), round('v1alpha2', 'v1beta1')), { numRuns: 500 });
  fc.assert(fc.property(unique(v1beta1Property), round('v1beta1', 'v1alpha2')), { numRuns: 500 });
});
