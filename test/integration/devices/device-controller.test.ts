/** Device objects on a real API server, a real broker, and a device that speaks MQTT. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { CoreEvent } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../../src/api/resources.ts';
import { StatusError } from '../../../src/api/status-error.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { type Logger, silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, type KubeClient, type SnapshotPort } from '../../../src/client/index.ts';
import { type Device, DEVICE_STATUSES, type DeviceStatus, DEVICES } from '../../../src/devices/device-kinds.ts';
import type { DeviceController } from '../../../src/devices/index.ts';
import { DeviceTwin } from '../../../src/devicetwin/index.ts';
import { type DeviceCluster, deviceObject, startDeviceCluster } from '../../support/device-cluster.ts';
import { inbox } from '../../support/mqtt.ts';

const NAMESPACE = 'default';
const signal = AbortSignal.timeout(120_000);

let cluster: DeviceCluster;
let site: DeviceCluster['site'];
let admin: KubeClient;
let twins: DeviceTwin;
let controller: DeviceController;

before(async () => {
  cluster = await startDeviceCluster(signal);
  ({ site, admin, twins } = cluster);
  controller = cluster.newController();
  await controller.start();
});

after(async () => {
  await controller.close();
  await cluster.close();
});

function reportedTemp({ status }: Device | DeviceStatus): string | undefined {
  return status?.twins?.find(({ propertyName }) => propertyName === 'temp')?.reported?.value;
}

test('a device that is created and patched gets deltas', async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('$hw/events/device/default/first/twin/update/delta');
  await cluster.create(deviceObject('first', '20'));
  const [first] = await mail.take(1);
  assert.deepEqual((JSON.parse(first!.text) as { delta: object }).delta, { temp: '20' });
  await cluster.setDesired('first', '21');
  const [second] = await mail.take(1);
  assert.deepEqual((JSON.parse(second!.text) as { delta: object }).delta, { temp: '21' });
});

test('the first report, the state and the time appear in both statuses', async () => {
  await cluster.create(deviceObject('second'));
  await cluster.twinned('second', (device) => device !== undefined);
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
    cluster.until<Device>(DEVICES, 'second', done),
    cluster.until<DeviceStatus>(DEVICE_STATUSES, 'second', done),
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
  await cluster.create(deviceObject('third', '20'));
  await cluster.twinned('third', (device) => device !== undefined);
  const client = await site.connect();
  await client.publishAsync(
    '$hw/events/device/default/third/twin/update',
    '{"twin":{"temp":{"expected":{"value":"25"}}}}',
    { qos: 1 },
  );
  const desired = ({ spec }: Device): string | undefined => spec?.properties?.[0]?.desired?.value;
  const device = await cluster.until<Device>(DEVICES, 'third', (each) => desired(each) === '25');
  assert.equal(device.spec?.properties?.[0]?.desired?.metadata?.['type'], 'int');
  await cluster.setDesired('third', '30');
  await cluster.twinned('third', (device) => device?.twin['temp']?.expected?.value === '30');
});

test('what breaks the model is refused, and an Event says so', async () => {
  await cluster.create(deviceObject('fourth', '99'));
  const reasons = new Set<string>();
  const selector = 'involvedObject.name=fourth';
  const seen = (reason: string) =>
    cluster.untilSelected<CoreEvent>(builtIn('v1', 'events'), selector, (event) => {
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
  assert.equal(
    reportedTemp(await cluster.until<Device>(DEVICES, 'fourth', (each) => reportedTemp(each) === '50')),
    '50',
  );
});

test('a device whose object goes leaves its node', async () => {
  const client = await site.connect();
  const mail = inbox(client);
  await client.subscribeAsync('$hw/events/node/edge-node/membership/updated');
  await cluster.create(deviceObject('fifth'));
  await mail.take(1);
  await admin.delete(DEVICES, { namespace: NAMESPACE, name: 'fifth' }, signal);
  const [gone] = await mail.take(1);
  assert.deepEqual((JSON.parse(gone!.text) as { removed_devices: object }).removed_devices, [{ id: 'default/fifth' }]);
});

test('reports made while the API does not listen are told when it does, with the newest values', async () => {
  await cluster.create(deviceObject('sixth', '20'));
  await cluster.twinned('sixth', (device) => device !== undefined);
  await controller.close();
  const client = await site.connect();
  const update = (twin: object) =>
    client.publishAsync('$hw/events/device/default/sixth/twin/update', JSON.stringify({ twin }), { qos: 1 });
  for (const value of ['17', '18', '19']) await update({ temp: { actual: { value } } });
  await update({ temp: { expected: { value: '22' } } });
  await admin.delete(DEVICES, { namespace: NAMESPACE, name: 'first' }, signal);
  controller = cluster.newController();
  await controller.start();
  const device = await cluster.until<Device>(DEVICES, 'sixth', (each) => reportedTemp(each) === '19');
  const desired = device.spec?.properties?.[0]?.desired?.value;
  if (desired !== '22')
    await cluster.until<Device>(DEVICES, 'sixth', ({ spec }) => spec?.properties?.[0]?.desired?.value === '22');
  await cluster.twinned('first', (first) => first === undefined);
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
  await cluster.create(deviceObject('seventh'));
  assert.equal(await described.promise, 'default/seventh');
  end();
  await cluster.twinned('seventh', (device) => device !== undefined);
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
  const alone = cluster.newController({
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

test('a device that always says more than is told yet is told of at intervals, and nobody is warned', {
  timeout: 60_000,
}, async () => {
  const id = `${NAMESPACE}/eighth`;
  const warnings: string[] = [];
  const logger: Logger = { ...silentLogger, warn: (_, message) => void warnings.push(message), child: () => logger };
  const client = cluster.ownClient();
  const writes = Promise.withResolvers<void>();
  let count = 0;
  const speak = (): Promise<void> => {
    const side = { value: String(10 + (count % 20)) };
    return twins.update(id, { temp: { actual: side, expected: side } });
  };
  const restless = cluster.newController({
    logger,
    client: {
      ...client,
      patch: async <T extends KubeObject>(...args: Parameters<KubeClient['patch']>) => {
        count += 1;
        await speak();
        if (count >= 80) writes.resolve(); // two reconcilers write at once
        return client.patch<T>(...args);
      },
    },
  });
  await restless.start();
  await cluster.create(deviceObject('eighth'));
  await cluster.twinned('eighth', (device) => device !== undefined);
  await speak();
  await writes.promise;
  await restless.close();
  assert.deepEqual(warnings, []);
});

test('an annotation alone makes measurements of properties', async (t) => {
  const restarted = cluster.newController();
  await restarted.start();
  t.after(() => restarted.close());
  await cluster.create(deviceObject('ninth'));
  await cluster.setDesired('ninth', '20');
  await cluster.twinned('ninth', (device) => device?.twin['temp']?.expected?.value === '20');
  const patch = { metadata: { annotations: { 'devices.edgesite.io/metrics': 'temp' } } };
  await admin.patch(DEVICES, { namespace: NAMESPACE, name: 'ninth' }, 'merge', patch, signal);
  await cluster.twinned('ninth', (device) => device?.declared?.['temp']?.measured === true);
});

test('a device that moves leaves its node and is declared on the other, whose reports count from then on', {
  timeout: 60_000,
}, async (t) => {
  const here = cluster.newController();
  await here.start();
  t.after(() => here.close());
  const folder = mkdtempSync(join(tmpdir(), 'other-node-'));
  const other = new DeviceTwin(
    {
      file: join(folder, 'twins.db'),
      nodeName: 'other-node',
      registerUnknown: true,
      history: { maxValues: 10, maxAgeMs: 60_000 },
    },
    {
      bus: { publish: () => Promise.resolve(), subscribe: () => () => undefined },
      clock: systemClock,
      newId: randomUUID,
      logger: silentLogger,
    },
  );
  await other.start();
  const there = cluster.newController({ twins: other, nodeName: 'other-node' });
  await there.start();
  t.after(async () => {
    await there.close();
    await other.close();
    rmSync(folder, { recursive: true });
  });
  await cluster.create(deviceObject('tenth', '20'));
  await cluster.twinned('tenth', (device) => device !== undefined);
  await twins.update('default/tenth', { temp: { actual: { value: '11' } } });
  await cluster.until<Device>(DEVICES, 'tenth', (each) => reportedTemp(each) === '11');
  const arrived = new Promise<void>((resolve) => {
    other.listen({ changed: (id) => id === 'default/tenth' && resolve() });
  });
  const patch = { spec: { nodeName: 'other-node' } };
  await admin.patch(DEVICES, { namespace: NAMESPACE, name: 'tenth' }, 'merge', patch, signal);
  await Promise.all([arrived, cluster.twinned('tenth', (device) => device === undefined)]);
  assert.equal(other.get('default/tenth')?.twin['temp']?.expected?.value, '20');
  await other.update('default/tenth', { temp: { actual: { value: '12' } } });
  const statuses = [DEVICES, DEVICE_STATUSES].map((resource) =>
    cluster.until<Device | DeviceStatus>(resource, 'tenth', (each) => reportedTemp(each) === '12'),
  );
  await Promise.all(statuses);
});
