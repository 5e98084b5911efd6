import assert from 'node:assert/strict';
import { test } from 'node:test';
import { declarationOf } from '../../../src/devices/declaration-of.ts';
import type { Device, DeviceModel, DeviceStatus } from '../../../src/devices/device-kinds.ts';
import type { TwinnedDevice, TwinProperty } from '../../../src/devices/device-twins.ts';
import { type DeclarationState, planDeclaration } from '../../../src/devices/plan-declaration.ts';
import { planReport, type ReportState } from '../../../src/devices/plan-report.ts';
import { summaryOf } from '../../../src/devices/reported-status.ts';

const metadata = { name: 'hall', namespace: 'default', uid: 'u', creationTimestamp: '2026-01-01T00:00:00Z' };
const CREATED = Date.parse(metadata.creationTimestamp);
const device: Device = {
  metadata,
  spec: {
    deviceModelRef: { name: 'thermostat' },
    nodeName: 'edge-node',
    properties: [
      { name: 'temp', desired: { value: '20', metadata: { own: 'x' } } },
      { name: 'secret', reportToCloud: false },
    ],
  },
};
const model: DeviceModel = {
  spec: {
    properties: [
      { name: 'temp', type: 'INT', accessMode: 'ReadOnly', maximum: '40' },
      { name: 'secret', type: 'STRING' },
    ],
  },
};

function side(value: string, timestamp = 1) {
  return { value, metadata: { timestamp } };
}

const twinned: TwinnedDevice = {
  id: 'default/hall',
  state: 'online',
  lastOnline: '2026-01-01T00:00:10Z',
  declared: {},
  twin: {
    temp: { actual: side('19', CREATED + 10_000), expected: side('20', 5), metadata: { type: 'int' } },
    secret: { actual: side('x'), metadata: { type: 'string' } },
    own: { actual: side('x'), metadata: { type: 'string' } },
  },
};

test('a declaration takes types and limits from the model, times from the writes, metrics from the annotation', () => {
  const managedFields = [
    { manager: 'kubectl', time: '2026-01-01T00:01:00Z' },
    { manager: 'edgesite', time: '2026-01-01T00:09:00Z', subresource: 'status' },
  ];
  const annotated = {
    ...device,
    metadata: { ...metadata, managedFields, annotations: { 'devices.edgesite.io/metrics': 'a, temp' } },
  };
  assert.deepEqual(declarationOf(annotated, model), {
    id: 'default/hall',
    name: 'hall',
    properties: {
      temp: {
        type: 'int',
        readOnly: true,
        maximum: '40',
        measured: true,
        desired: { value: '20', at: CREATED + 60_999 },
      },
      secret: { type: 'string', anyText: true },
    },
  });
  const typed = {
    ...device,
    spec: { properties: [{ name: 'a', desired: { value: '1', metadata: { type: 'FLOAT' } } }] },
  };
  assert.deepEqual(declarationOf(typed, undefined).properties['a']?.type, 'float');
});

function declarationState(changes: Partial<DeclarationState>): DeclarationState {
  return { device, model, twinned, unsettled: {}, isNews: () => false, restMs: 0, ...changes };
}

const kinds = (changes: Partial<DeclarationState>) =>
  planDeclaration(declarationState(changes)).actions.map(({ kind }) => kind);

test('what is to be done between object and twin', () => {
  assert.deepEqual(kinds({}), []);
  assert.deepEqual(kinds({ isNews: () => true }), ['declare']);
  assert.deepEqual(kinds({ isNews: () => true, model: undefined }), ['warnOfModel', 'declare']);
  assert.deepEqual(kinds({ device: undefined }), ['retire']);
  const { declared: _, ...introduced } = twinned;
  assert.deepEqual(kinds({ device: undefined, twinned: introduced }), [], 'nobody had declared it');
  assert.deepEqual(kinds({ device: undefined, twinned: undefined }), []);
});

test('what was set at the edge is patched into the object as it was read', () => {
  const pending: TwinProperty = { expected: side('25', 7), metadata: { type: 'int' } };
  const unsettled = { temp: pending, secret: pending, gone: pending };
  const [action] = planDeclaration(declarationState({ unsettled })).actions;
  assert.ok(action?.kind === 'writeBack');
  const value = { value: '25', metadata: { timestamp: '7', type: 'int' } };
  assert.deepEqual(action.patch, [
    { op: 'test', path: '/spec/properties/0/name', value: 'temp' },
    { op: 'test', path: '/spec/properties/0/desired/value', value: '20' },
    { op: 'add', path: '/spec/properties/0/desired', value: { ...value, metadata: { own: 'x', ...value.metadata } } },
    { op: 'test', path: '/spec/properties/1/name', value: 'secret' },
    { op: 'add', path: '/spec/properties/1/desired', value },
  ]);
});

const report = (state: Omit<ReportState, 'restMs'>) => planReport({ ...state, restMs: 0 });

const heard: NonNullable<DeviceStatus['status']> = {
  twins: [
    {
      propertyName: 'temp',
      reported: { value: '19', metadata: { timestamp: String(CREATED + 10_000), type: 'int' } },
      observedDesired: { value: '20', metadata: { timestamp: '5', type: 'int' } },
    },
  ],
  state: 'online',
  lastOnlineTime: '2026-01-01T00:00:10Z',
};

test('what was heard is told in both objects, and then there is nothing left to tell', () => {
  const [create] = report({ device, deviceStatus: undefined, twinned }).actions;
  assert.ok(create?.kind === 'createStatus');
  assert.deepEqual(create.object['status'], heard);
  const stale = report({ device, deviceStatus: {}, twinned }).actions;
  assert.deepEqual(
    stale.map(({ kind }) => kind),
    ['writeDeviceStatus', 'writeStatus'],
  );
  const told = { ...device, status: { ...heard, summary: 'temp=19 (20)' } };
  assert.deepEqual(report({ device: told, deviceStatus: { status: heard }, twinned }), { actions: [] });
  assert.deepEqual(
    report({ device, deviceStatus: undefined, twinned: { ...twinned, twin: {}, state: '', lastOnline: '' } }).actions
      .length,
    1,
  );
  assert.deepEqual(report({ device, deviceStatus: undefined, twinned: { id: 'default/hall', twin: {} } }), {
    actions: [],
  });
});

test('values that come again bring a write in ten seconds, not at once', () => {
  const at = (ms: number): TwinnedDevice => {
    const temp = { actual: side('19', CREATED + ms), expected: side('20', 5), metadata: { type: 'int' } };
    return { ...twinned, twin: { ...twinned.twin, temp } };
  };
  const told = { ...device, status: heard };
  const plan = (ms: number) => report({ device: told, deviceStatus: { status: heard }, twinned: at(ms) });
  assert.deepEqual(plan(13_000), { actions: [], recheckAfterMs: 7_000 });
  assert.deepEqual(
    plan(20_000).actions.map(({ kind }) => kind),
    ['writeDeviceStatus', 'writeStatus'],
  );
});

test('a device that was written just now rests, and is looked at again', () => {
  const resting = { device, deviceStatus: undefined, twinned, restMs: 40 };
  assert.deepEqual(planReport(resting), { actions: [], recheckAfterMs: 40 });
  assert.deepEqual(planReport({ ...resting, twinned: { id: 'default/hall', twin: {} } }), { actions: [] });
  const unsettled = { temp: { expected: side('25', 7), metadata: { type: 'int' } } };
  assert.deepEqual(planDeclaration(declarationState({ unsettled, restMs: 40 })), { actions: [], recheckAfterMs: 40 });
  assert.deepEqual(kinds({ unsettled, restMs: 40, isNews: () => true }), ['declare'], 'the device does not wait');
});

test('the summary is one line', () => {
  const twin = (propertyName: string, value: string) => ({ propertyName, reported: { value } });
  assert.equal(
    summaryOf([twin('temp', '19'), { propertyName: 'valve', observedDesired: { value: 'open' } }]),
    'temp=19, valve= (open)',
  );
  assert.equal(summaryOf([twin('text', 'x'.repeat(200))]).length, 80);
});
