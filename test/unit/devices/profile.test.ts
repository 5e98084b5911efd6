import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigMap } from '../../../src/api/kinds.ts';
import { deviceAs, modelAs } from '../../../src/devices/conversion/index.ts';
import type { Device, DeviceModel } from '../../../src/devices/device-kinds.ts';
import type { AttachedDevice } from '../../../src/devices/index.ts';
import { deviceProfile, profilePart } from '../../../src/devices/profile/device-profile.ts';
import { planProfile, PROFILE_KEY, type ProfileState } from '../../../src/devices/profile/plan-profile.ts';
import { readProfile } from '../../support/old-mapper.ts';

/** As the documentation of KubeEdge 1.12 has them. */
const OLD_MODEL = {
  apiVersion: 'devices.kubeedge.io/v1alpha2',
  metadata: { name: 'tag', namespace: 'default' },
  spec: {
    properties: [
      {
        name: 'temp',
        description: 'in °C',
        type: { int: { accessMode: 'ReadWrite', minimum: 5, maximum: 40, unit: '°C' } },
      },
      { name: 'level', type: { float: { accessMode: 'ReadOnly', minimum: 0.5, maximum: 2 } } },
    ],
  },
};
const OLD_DEVICE = {
  apiVersion: 'devices.kubeedge.io/v1alpha2',
  metadata: { name: 'sensor', namespace: 'default' },
  spec: {
    deviceModelRef: { name: 'tag' },
    protocol: { modbus: { slaveID: 1 }, common: { tcp: { ip: '192.0.2.1', port: 502 } } },
    propertyVisitors: [
      { propertyName: 'temp', collectCycle: 500, modbus: { register: 'HoldingRegister', offset: 2, limit: 1 } },
      { propertyName: 'level', modbus: { register: 'InputRegister', offset: 3, limit: 2 } },
      { propertyName: 'unknown', modbus: {} },
    ],
    data: { dataTopic: '$ke/a', dataProperties: [{ propertyName: 'temp' }] },
  },
  status: { twins: [{ propertyName: 'temp', desired: { value: '20' } }] },
};
// Both are stored as v1beta1; the conversion answers with what it is given a shape of.
const device = deviceAs(OLD_DEVICE, 'v1beta1') as Device;
const model = modelAs(OLD_MODEL, 'v1beta1') as DeviceModel;
const told = { value: '20', metadata: { timestamp: 7 } };
const twinned = { id: 'default/sensor', twin: { temp: { expected: told, metadata: { type: 'int' } } } };
const SENSOR: AttachedDevice = { id: 'default/sensor', device, model };

/** The profile of those that a mapper could serve. */
function profileOf(...devices: readonly AttachedDevice[]) {
  return deviceProfile(profiled(devices));
}

function profiled(devices: readonly AttachedDevice[]) {
  return devices.flatMap((each) => {
    const part = profilePart(each);
    return part === undefined ? [] : [{ part, twinned: each.id === SENSOR.id ? twinned : undefined }];
  });
}

test('a device of v1alpha2 reaches its mapper as it was written', () => {
  const profile = profileOf(SENSOR);
  const devices = readProfile(JSON.stringify(profile), 'modbus');
  assert.deepEqual([...devices.keys()], ['sensor']);
  const { protocol, points } = devices.get('sensor')!;
  assert.deepEqual(protocol.protocolConfig, { slaveID: 1 });
  assert.deepEqual(protocol.protocolCommonConfig, { tcp: { ip: '192.0.2.1', port: 502 } });
  const temp = points.get('temp')!;
  assert.deepEqual(temp.visitor.visitorConfig, { register: 'HoldingRegister', offset: 2, limit: 1 });
  assert.equal(temp.visitor.collectCycle, 500);
  assert.deepEqual(temp.twin.desired, { value: '20', metadata: { type: 'int', timestamp: '7' } });
  const { description, ...property } = temp.property as typeof temp.property & { description: string };
  assert.deepEqual(property, {
    name: 'temp',
    dataType: 'int',
    accessMode: 'ReadWrite',
    unit: '°C',
    minimum: 5,
    maximum: 40,
  });
  assert.equal(description, 'in °C');
  assert.equal(points.get('level')?.property.minimum, undefined, 'a mapper reads whole numbers only');
  assert.deepEqual(points.get('level')?.twin.desired, { value: '', metadata: { type: 'float' } });
  assert.equal(points.has('unknown'), false, 'the model has no such property');
});

test('values for other programs, and the places that things had before v1alpha2', () => {
  const profile = profileOf(SENSOR) as Record<string, Record<string, unknown>[]>;
  const [instance] = profile['deviceInstances']!;
  assert.equal(instance!['dataTopic'], '$ke/a');
  assert.deepEqual(instance!['data'], { dataProperties: [{ propertyName: 'temp' }], datatopic: '$ke/a' });
  assert.deepEqual(profile['protocols']![0]!['protocol_config'], { slaveID: 1 });
  assert.deepEqual(
    profile['propertyVisitors']!.map(({ name, modelName, protocol }) => [name, modelName, protocol]),
    [
      ['temp', 'tag', 'modbus'],
      ['level', 'tag', 'modbus'],
    ],
  );
});

test('devices that no such mapper could serve are left out, for they would end it', () => {
  const { protocol: _, ...spec } = device.spec ?? {};
  assert.equal(profilePart({ ...SENSOR, model: undefined }), undefined);
  assert.equal(profilePart({ ...SENSOR, device: { ...device, spec } }), undefined);
});

test('a device of another namespace has its namespace in the id, which mappers put into topics', () => {
  const other = { ...SENSOR, id: 'plant/sensor' };
  assert.deepEqual([...readProfile(JSON.stringify(profileOf(other)), 'modbus').keys()], ['plant/sensor']);
});

test('whatever devices and models there are, a mapper can read the profile', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const property = fc.record({
    name,
    type: fc.constantFrom('INT', 'FLOAT', 'DOUBLE', 'STRING', 'BOOLEAN', 'BYTES', 'STREAM'),
    minimum: fc.constantFrom('0', '0.5', '-3', 'x'),
  });
  const config = fc.record({ protocolName: fc.constantFrom('modbus', 'own'), configData: fc.constant({ x: 1 }) });
  const someDevice = fc.record({
    properties: fc.uniqueArray(fc.record({ name, visitors: config }), { selector: (each) => each.name }),
    protocol: fc.option(config, { nil: undefined }),
    model: fc.option(fc.uniqueArray(property, { selector: (each) => each.name }), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(someDevice, { maxLength: 5 }), (devices) => {
      const attached = devices.map(({ properties, protocol, model: rules }, index) => ({
        id: `default/d${index}`,
        device: {
          apiVersion: 'devices.kubeedge.io/v1beta1',
          spec: {
            deviceModelRef: { name: `m${index}` },
            properties,
            ...(protocol === undefined ? {} : { protocol }),
          },
        },
        model:
          rules === undefined ? undefined : { apiVersion: 'devices.kubeedge.io/v1beta1', spec: { properties: rules } },
      }));
      const text = JSON.stringify(profileOf(...attached));
      const served = [...readProfile(text, 'modbus').keys(), ...readProfile(text, 'customized-protocol').keys()];
      const wanted = attached.filter((each) => each.model !== undefined && each.device.spec.protocol !== undefined);
      assert.deepEqual(served.sort(), wanted.map(({ id }) => id.slice('default/'.length)).sort());
    }),
  );
});

const CONFIG_MAP_NAME = 'device-profile-config-edge-node';
const plan = (changes: Partial<ProfileState>) => {
  const state = { namespace: 'default', name: CONFIG_MAP_NAME, devices: profiled([SENSOR]), configMap: undefined };
  return planProfile({ ...state, restMs: 0, toldBytes: undefined, ...changes });
};

test('the ConfigMap comes, changes and goes with the devices', () => {
  const [create] = plan({}).actions;
  assert.ok(create?.kind === 'create');
  const { configMap } = create;
  assert.deepEqual(plan({ configMap }), { actions: [] });
  const [write] = plan({ configMap: { ...configMap, data: { [PROFILE_KEY]: '{}' } } }).actions;
  assert.equal(write?.kind, 'write');
  assert.equal(plan({ configMap, devices: [] }).actions[0]?.kind, 'remove');
  assert.deepEqual(plan({ devices: [] }), { actions: [] });
  const foreign: ConfigMap = { metadata: { name: CONFIG_MAP_NAME } };
  assert.deepEqual(plan({ configMap: foreign, devices: [] }), { actions: [] }, 'somebody else has made it');
});

test('nothing is taken for gone while the API is away, and a write rests', () => {
  assert.deepEqual(plan({ devices: undefined }), { actions: [], recheckAfterMs: 1_000 });
  assert.deepEqual(plan({ restMs: 300 }), { actions: [], recheckAfterMs: 300 });
});

test('a profile that does not fit is told of once', () => {
  const [part] = profiled([SENSOR]);
  const devices = Array.from({ length: 3_000 }, () => part!);
  const [tell] = plan({ devices }).actions;
  assert.ok(tell?.kind === 'tellTooLarge');
  assert.match(tell.reason, /^the profile of 3000 devices has \d{7} bytes, and a ConfigMap holds 1048576: it stays/);
  assert.deepEqual(plan({ devices, toldBytes: tell.bytes }), { actions: [] });
});
