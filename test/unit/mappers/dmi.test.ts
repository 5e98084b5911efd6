/** Device objects as messages of the DMI, and what a mapper is told when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../../src/api/json.ts';
import { anyMap, anyOf } from '../../../src/mappers/dmi/any-value.ts';
import { deviceMessage, idOf, modelMessage, named } from '../../../src/mappers/dmi/dmi-messages.ts';
import type { DeviceProperty, DeviceSpec } from '../../../src/mappers/dmi/dmi-ports.ts';
import { planMapper, type Told } from '../../../src/mappers/dmi/plan-mapper.ts';

const WRAPPED: readonly [JsonValue, string, string][] = [
  ['', 'StringValue', '0a00'],
  ['°C', 'StringValue', '0a03c2b043'],
  ['x'.repeat(200), 'StringValue', `0ac801${'78'.repeat(200)}`],
  [true, 'BoolValue', '0801'],
  [false, 'BoolValue', '0800'],
  [0, 'Int64Value', '0800'],
  [502, 'Int64Value', '08f603'],
  [-1, 'Int64Value', '08ffffffffffffffffff01'],
  [Number.MAX_SAFE_INTEGER, 'Int64Value', '08ffffffffffffff0f'],
  [0.5, 'DoubleValue', '09000000000000e03f'],
  [[1], 'StringValue', '0a035b315d'],
  [{ a: 1 }, 'StringValue', '0a077b2261223a317d'],
];
for (const [value, message, hex] of WRAPPED) {
  test(`${JSON.stringify(value).slice(0, 20)} is wrapped as ${message}`, () => {
    const any = anyOf(value);
    assert.equal(any.type_url, `type.googleapis.com/google.protobuf.${message}`);
    assert.equal(Buffer.from(any.value).toString('hex'), hex);
  });
}

test('members without a value are left out of a configuration', () => {
  assert.deepEqual(Object.keys(anyMap({ a: null, b: 1 })), ['b']);
  assert.deepEqual(anyMap(), {});
});

test('ids and names are two ways to say the same', () => {
  assert.equal(idOf('plant', 'pump'), 'plant/pump');
  assert.equal(idOf('', 'pump'), 'default/pump');
  assert.deepEqual(named('plant/pump'), { namespace: 'plant', name: 'pump' });
});

/** The one property of a device as a mapper is told of it. */
function propertyTold(property: Omit<DeviceProperty, 'name'>, desired = {}): unknown {
  const spec: DeviceSpec = { properties: [{ name: 'p', ...property }] };
  const { properties } = deviceMessage({ id: 'n/d', device: { spec }, model: undefined }, desired).spec as {
    properties: unknown[];
  };
  return properties[0];
}

/** Each member is there: mappers made by KubeEdge's framework do not look whether they are. */
const BARE = {
  name: 'p',
  desired: { value: '' },
  visitors: { protocolName: '', configData: { data: {} } },
  reportToCloud: true,
};
const PROPERTIES: readonly [string, Omit<DeviceProperty, 'name'>, object][] = [
  ['nothing said', {}, {}],
  ['cycles', { reportCycle: 10, collectCycle: 20 }, { reportCycle: 10, collectCycle: 20 }],
  ['not for the cloud', { reportToCloud: false }, { reportToCloud: false }],
  [
    'push over http',
    { pushMethod: { http: { hostName: 'http://h', port: 80, requestPath: '/x', timeout: 3 } } },
    { pushMethod: { http: { hostname: 'http://h', port: 80, requestpath: '/x', timeout: 3 } } },
  ],
  [
    'push over mqtt',
    { pushMethod: { mqtt: { address: 'tcp://b:1883', topic: 't', qos: 1, retained: true } } },
    { pushMethod: { mqtt: { address: 'tcp://b:1883', topic: 't', qos: 1, retained: true } } },
  ],
  [
    'databases',
    { pushMethod: { dbMethod: { TDEngine: { TDEngineClientConfig: { addr: 'a', dbName: 'd' } } } } },
    { pushMethod: { dbMethod: { tdengine: { tdEngineClientConfig: { addr: 'a', dbname: 'd' } } } } },
  ],
];
for (const [what, property, told] of PROPERTIES) {
  test(`a property with ${what}`, () => assert.deepEqual(propertyTold(property), { ...BARE, ...told }));
}

test('the desired value is that of the twin', () => {
  const desired = { p: { value: '5', type: 'int' }, other: { value: '6', type: 'int' } };
  assert.deepEqual(propertyTold({}, desired), { ...BARE, desired: { value: '5', metadata: { type: 'int' } } });
});

test('a model is told with the namespace of its device, and not at all where there is none', () => {
  const device = { spec: { deviceModelRef: { name: 'm' } } };
  const model = { spec: { properties: [{ name: 'p', type: 'INT', minimum: '1' }] } };
  assert.deepEqual(modelMessage({ id: 'n/d', device, model }), {
    name: 'm',
    namespace: 'n',
    spec: { properties: [{ name: 'p', type: 'INT', minimum: '1' }] },
  });
  assert.equal(modelMessage({ id: 'n/d', device, model: undefined }), undefined);
});

const DEVICE = { name: 'd', namespace: 'n', spec: {} };
const MODEL = { name: 'm', namespace: 'n', spec: {} };
const OLD = '{}';
const NOW = { text: JSON.stringify(DEVICE), model: 'n/m' };

function told(
  devices: Record<string, { text: string; model: string }>,
  models: Record<string, string>,
  restored = false,
): Told {
  return { restored, devices: new Map(Object.entries(devices)), models: new Map(Object.entries(models)) };
}

const MODEL_TEXT = JSON.stringify(MODEL);
const OF_ANOTHER = { text: OLD, model: 'n/old' };
const PLANS: readonly [string, Told, readonly string[]][] = [
  ['knows nothing', told({}, {}), ['createModel', 'registerDevice']],
  ['knows all', told({ 'n/d': NOW }, { 'n/m': MODEL_TEXT }), []],
  ['knows another model', told({ 'n/d': NOW }, { 'n/m': OLD }), ['updateModel']],
  ['knows another device', told({ 'n/d': { ...NOW, text: OLD } }, { 'n/m': MODEL_TEXT }), ['updateDevice']],
  ['was restored', told({}, {}, true), ['updateModel', 'updateDevice']],
  [
    'knows it of a model of its own',
    told({ 'n/d': OF_ANOTHER }, { 'n/old': OLD }),
    ['createModel', 'updateDevice', 'removeModel'],
  ],
  [
    'knows it of a model of another device too',
    told({ 'n/d': OF_ANOTHER, 'n/e': OF_ANOTHER }, { 'n/old': OLD }),
    ['createModel', 'updateDevice'],
  ],
];
for (const [what, mapper, kinds] of PLANS) {
  test(`a mapper that ${what} is told ${kinds.join(', ') || 'nothing'}`, () => {
    const { actions } = planMapper({ id: 'n/d', mapper, strangers: [], device: DEVICE, model: MODEL });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      kinds,
    );
  });
}

test('a device that is gone is removed, its model with the last of it', () => {
  const gone = { id: 'n/d', mapper: undefined, device: undefined, model: undefined };
  const last = planMapper({ ...gone, strangers: [told({ 'n/d': NOW }, { 'n/m': MODEL_TEXT })] });
  assert.deepEqual(
    last.actions.map(({ kind }) => kind),
    ['removeDevice', 'removeModel'],
  );
  const shared = planMapper({ ...gone, strangers: [told({ 'n/d': NOW, 'n/e': NOW }, { 'n/m': MODEL_TEXT })] });
  assert.deepEqual(
    shared.actions.map(({ kind }) => kind),
    ['removeDevice'],
  );
});
