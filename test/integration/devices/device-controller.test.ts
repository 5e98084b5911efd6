/** Device objects on a real API server, a real broker, and a device that speaks MQTT. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { CoreEvent } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, InProcessTransport, type KubeClient, type SnapshotPort } from '../../../src/client/index.ts';
import {
  type Device,
  DEVICE_MODELS,
  DEVICE_STATUSES,
  type DeviceStatus,
  DEVICES,
} from '../../../src/devices/device-kinds.ts';
import { DEVICE_CONVERTERS, DeviceController, type DeviceControllerNeeds } from '../../../src/devices/index.ts';
import { type Device as TwinDevice, DeviceTwin } from '../../../src/devicetwin/index.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';

const NAMESPACE = 'default';
const signal = AbortSignal.timeout(120_000);

let api: TestApiServer;
let site: Awaited<ReturnType<typeof testBroker>>;
let admin: KubeClient;
let twins: DeviceTwin;
let controller: DeviceController;

function clientAs(name: string, ...groups: string[]): KubeClient {
  return createKubeClient(new InProcessTransport(api.server, { name, groups: [...groups, 'system:authenticated'] }));
}

before(async () => {
  api = await startApiServer({ converters: DEVICE_CONVERTERS });
  site = await testBroker();
  admin = clientAs('admin', 'system:masters');
  for (const document of parseAllDocuments(readFileSync('manifests/devices.yaml', 'utf8'))) {
    const object = document.toJS() as KubeObject;
    const plural = `${object.kind?.toLowerCase()}s`;
    const resource = builtIn(object.apiVersion ?? '', plural);
    await admin.create(resource, {}, object, signal);
  }
  twins = new DeviceTwin(
    {
      file: join(site.folder, 'twins.db'),
      nodeName: 'edge-node',
      registerUnknown: true,
      history: { maxValues: 10, maxAgeMs: 60_000 },
    },
    { bus: site.broker, clock: systemClock, newId: randomUUID, logger: silentLogger },
  );
  await twins.start();
  controller = newController();
  await controller.start();
  const model = {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'DeviceModel',
    metadata: { name: 'thermostat' },
    spec: {
      properties: [
        { name: 'temp', type: 'INT', accessMode: 'ReadWrite', minimum: '5', maximum: '40' },
        { name: 'serial', type: 'STRING', accessMode: 'ReadOnly' },
      ],
    },
  };
  await eventually(() => admin.create(DEVICE_MODELS, { namespace: NAMESPACE }, model, signal));
});

after(async () => {
  await controller.close();
  await twins.close();
  await site.close();
  await api.close();
});

function newController(changes: Partial<DeviceControllerNeeds> = {}): DeviceController {
  const client = clientAs('system:edgesite:devices:edge-node', 'edgesite:devices');
  return new DeviceController({
    client,
    twins,
    nodeName: 'edge-node',
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
    ...changes,
  });
}

/** Definitions are served a moment after their creation. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function deviceObject(name: string, desired?: string): Device {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name },
    spec: {
      deviceModelRef: { name: 'thermostat' },
      nodeName: 'edge-node',
      properties: [
        { name: 'temp', ...(desired === undefined ? {} : { desired: { value: desired } }) },
        { name: 'serial' },
      ],
    },
  };
}

/** The object when it fulfils the condition, by list and watch. */
function until<T extends KubeObject>(
  resource: ResourceInfo,
  name: string,
  reached: (object: T) => boolean,
): Promise<T> {
  return untilSelected(resource, `metadata.name=${name}`, reached);
}

async function untilSelected<T extends KubeObject>(
  resource: ResourceInfo,
  fieldSelector: string,
  reached: (object: T) => boolean,
): Promise<T> {
  const options = { namespace: NAMESPACE, fieldSelector, sendInitialEvents: true, allowWatchBookmarks: true };
  for await (const event of admin.watch<T>(resource, options, signal)) {
    if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && reached(event.object)) return event.object;
  }
  throw new Error('the watch ended');
}

/** Waits until the twin is as wanted. */
async function twinned(name: string, reached: (device: TwinDevice | undefined) => boolean): Promise<void> {
  const id = `${NAMESPACE}/${name}`;
  const done = Promise.withResolvers<void>();
  const look = (): void => {
    if (reached(twins.get(id))) done.resolve();
  };
  const end = twins.listen({ changed: look });
  look();
  await done.promise;
  end();
}

const create = (device: Device) => admin.create<Device>(DEVICES, { namespace: NAMESPACE }, device, signal);
const setDesired = (name: string, value: string) =>
  admin.patch(
    DEVICES,
    { namespace: NAMESPACE, name },
    'json',
    [{ op: 'add', path: '/spec/properties/0/desired', value: { value } }],
    signal,
  );

function reportedTemp({ status }: Device | DeviceStatus): string | undefined {
  return status?.twins?.find(({ propertyName }) => propertyName === 'temp')?.reported?.value;
}

test('a device that is created and patched gets deltas', async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('$hw/events/device/default/first/twin/update/delta');
  await create(deviceObject('first', '20'));
  const [first] = await mail.take(1);
  assert.deepEqual((JSON.parse(first!.text) as { delta: object }).delta, { temp: '20' });
  await setDesired('first', '21');
  const [second] = await mail.take(1);
  assert.deepEqual((JSON.parse(second!.text) as { delta: object }).delta, { temp: '21' });
});

test('the first report, the state and the time appear in both statuses', async () => {
  await create(deviceObject('second'));
  await twinned('second', (device) => device !== undefined);
  const client = await site.connect();
  await client.publishAsync(
    '$hw/events/device/default/second/twin/update',
    '{"twin":{"temp":{"actual":{"value":"19"}}}}',
    { qos: 1 },
  );
  await client.publishAsync('$hw/events/device/default/second/state/update', '{"state":"online"}', { qos: 1 });
  const done = (object: Device | DeviceStatus): boolean =>
    reportedTemp(object) === '19' && object.status?.state === 'online';
  const [device, status] = await Promise.all([
    until<Device>(DEVICES, 'second', done),
    until<DeviceStatus>(DEVICE_STATUSES, 'second', done),
  ]);
  assert.equal(device.status?.summary, 'temp=19');
  assert.match(device.status?.lastOnlineTime ?? '', /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(
    status.metadata?.ownerReferences?.map(({ kind, name }) => [kind, name]),
    [['Device', 'second']],
  );
  assert.equal(status.status?.twins?.[0]?.reported?.metadata?.['type'], 'int');
});

test('a desired value set over MQTT is written back to the object, and one of the object then wins again', async () => {
  await create(deviceObject('third', '20'));
  await twinned('third', (device) => device !== undefined);
  const client = await site.connect();
  await client.publishAsync(
    '$hw/events/device/default/third/twin/update',
    '{"twin":{"temp":{"expected":{"value":"25"}}}}',
    { qos: 1 },
  );
  const desired = ({ spec }: Device): string | undefined => spec?.properties?.[0]?.desired?.value;
  const device = await until<Device>(DEVICES, 'third', (each) => desired(each) === '25');
  assert.equal(device.spec?.properties?.[0]?.desired?.metadata?.['type'], 'int');
  await setDesired('third', '30');
  await twinned('third', (device) => device?.twin['temp']?.expected?.value === '30');
});

test('what breaks the model is refused, and an Event says so', async () => {
  await create(deviceObject('fourth', '99'));
  const reasons = new Set<string>();
  const selector = 'involvedObject.name=fourth';
  const seen = (reason: string) =>
    untilSelected<CoreEvent>(builtIn('v1', 'events'), selector, (event) => {
      if (event.reason !== undefined) reasons.add(event.reason);
      return reasons.has(reason);
    });
  const refused = await seen('DesiredRefused');
  assert.equal(refused.message, 'temp: the value 99 is more than the maximum 40');
  assert.equal(twins.get('default/fourth')?.twin['temp']?.expected, undefined);
  const client = await site.connect();
  const update = (twin: object) =>
    client.publishAsync('$hw/events/device/default/fourth/twin/update', JSON.stringify({ twin }), { qos: 1 });
  await update({ serial: { expected: { value: 'x' } } });
  assert.equal((await seen('UpdateRefused')).message, 'the property is read-only');
  await update({ temp: { actual: { value: '50' } } });
  assert.equal((await seen('ReportedOutOfRange')).message, 'temp: the value 50 is more than the maximum 40');
  assert.equal(reportedTemp(await until<Device>(DEVICES, 'fourth', (each) => reportedTemp(each) === '50')), '50');
});

test('a device whose object goes leaves its node', async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('$hw/events/node/edge-node/membership/updated');
  await create(deviceObject('fifth'));
  await mail.take(1);
  await admin.delete(DEVICES, { namespace: NAMESPACE, name: 'fifth' }, signal);
  const [gone] = await mail.take(1);
  assert.deepEqual((JSON.parse(gone!.text) as { removed_devices: object }).removed_devices, [{ id: 'default/fifth' }]);
});

test('reports made while the API does not listen are told when it does, with the newest values', async () => {
  await create(deviceObject('sixth', '20'));
  await twinned('sixth', (device) => device !== undefined);
  await controller.close();
  const client = await site.connect();
  const update = (twin: object) =>
    client.publishAsync('$hw/events/device/default/sixth/twin/update', JSON.stringify({ twin }), { qos: 1 });
  for (const value of ['17', '18', '19']) await update({ temp: { actual: { value } } });
  await update({ temp: { expected: { value: '22' } } });
  await admin.delete(DEVICES, { namespace: NAMESPACE, name: 'first' }, signal);
  controller = newController();
  await controller.start();
  const device = await until<Device>(DEVICES, 'sixth', (each) => reportedTemp(each) === '19');
  const desired = device.spec?.properties?.[0]?.desired?.value;
  if (desired !== '22')
    await until<Device>(DEVICES, 'sixth', ({ spec }) => spec?.properties?.[0]?.desired?.value === '22');
  await twinned('first', (first) => first === undefined);
  const history = twins.history('default/sixth', 'temp', { limit: 10 });
  assert.deepEqual(
    history?.samples.map(({ value }) => value),
    ['17', '18', '19'],
    'in order, none lost',
  );
});

test('mappers are told which devices are attached, also from a snapshot without the API', async () => {
  const described = Promise.withResolvers<string>();
  const end = controller.onAttached((id) => described.resolve(id));
  await create(deviceObject('seventh'));
  assert.equal(await described.promise, 'default/seventh');
  end();
  await twinned('seventh', (device) => device !== undefined);
  const found = controller.attached().find(({ id }) => id === 'default/seventh');
  assert.deepEqual([found?.device.spec?.nodeName, found?.model?.metadata?.name], ['edge-node', 'thermostat']);
  await controller.close();
  const kept = new Map<string, readonly KubeObject[]>([
    ['devices', [found?.device ?? {}]],
    ['devicemodels', [found?.model ?? {}]],
  ]);
  const nobody = createKubeClient({
    send: () => Promise.reject(new StatusError('ServiceUnavailable', 'away')),
    upgrade: () => Promise.reject(new StatusError('ServiceUnavailable', 'away')),
  });
  const alone = newController({
    client: nobody,
    snapshot: <T extends KubeObject>({ plural }: ResourceInfo): SnapshotPort<T> => {
      // What the test has put under this name.
      return {
        load: () => kept.get(plural) as readonly T[] | undefined,
        replace: () => undefined,
        apply: () => undefined,
      };
    },
  });
  const again = Promise.withResolvers<string>();
  alone.onAttached((id) => again.resolve(id));
  await alone.start();
  assert.equal(await again.promise, 'default/seventh');
  assert.deepEqual(
    alone.attached().map(({ id }) => id),
    ['default/seventh'],
  );
  await alone.close();
  assert.notEqual(twins.get('default/sixth'), undefined, 'without the API no twin is taken for gone');
});

test('a device that always says more than is told yet is told of at intervals, and nobody is warned', async () => {
  const id = `${NAMESPACE}/eighth`;
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, message) => void warnings.push(message), child: () => logger };
  const client = clientAs('system:edgesite:devices:edge-node', 'edgesite:devices');
  const writes = Promise.withResolvers<void>();
  let count = 0;
  const speak = (): Promise<void> => {
    const side = { value: String(10 + (count % 20)) };
    return twins.update(id, { temp: { actual: side, expected: side } });
  };
  const restless = newController({
    logger,
    client: {
      ...client,
      patch: async <T extends KubeObject>(...args: Parameters<KubeClient['patch']>) => {
        count += 1;
        await speak();
        if (count === 80) writes.resolve();
        return client.patch<T>(...args);
      },
    },
  });
  await restless.start();
  await create(deviceObject('eighth'));
  await twinned('eighth', (device) => device !== undefined);
  await speak();
  await writes.promise;
  await restless.close();
  assert.deepEqual(warnings, []);
});
