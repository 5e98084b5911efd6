/** The ConfigMap for mappers of KubeEdge up to 1.14, on a real API server with the rights of the node's controller. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ConfigMap } from '../../../src/api/kinds.ts';
import type { KubeObject } from '../../../src/api/object.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { DEVICE_MODELS, DEVICES } from '../../../src/devices/device-kinds.ts';
import { type DeviceController, DeviceProfiles } from '../../../src/devices/index.ts';
import { type DeviceCluster, NODE, startDeviceCluster } from '../../support/device-cluster.ts';
import { type OldDevice, readProfile } from '../../support/old-mapper.ts';

const NAMESPACE = 'default';
const CONFIG_MAPS = builtIn('v1', 'configmaps');
const NAME = `device-profile-config-${NODE}`;
const OLD_DEVICES = { ...DEVICES, version: 'v1alpha2' };
const signal = AbortSignal.timeout(60_000);

let cluster: DeviceCluster;
let controller: DeviceController;
let profiles: DeviceProfiles;

before(async () => {
  cluster = await startDeviceCluster(signal);
  controller = cluster.newController();
  await controller.start();
  profiles = newProfiles();
  await profiles.start();
});

after(async () => {
  await profiles.close();
  await controller.close();
  await cluster.close();
});

function newProfiles(): DeviceProfiles {
  const { ownClient, twins } = cluster;
  const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
  return new DeviceProfiles({ client: ownClient(), devices: controller, twins, nodeName: NODE, ...tools });
}

/** As it was written for KubeEdge up to 1.14. */
function oldDevice(name: string, desired: string): KubeObject {
  const matchExpressions = [{ key: '', operator: 'In', values: [NODE] }];
  return {
    apiVersion: 'devices.kubeedge.io/v1alpha2',
    kind: 'Device',
    metadata: { name },
    spec: {
      deviceModelRef: { name: 'thermostat' },
      nodeSelector: { nodeSelectorTerms: [{ matchExpressions }] },
      protocol: { modbus: { slaveID: 1 }, common: { tcp: { ip: '192.0.2.1', port: 502 } } },
      propertyVisitors: [{ propertyName: 'temp', modbus: { register: 'HoldingRegister', offset: 2, limit: 1 } }],
    },
    status: { twins: [{ propertyName: 'temp', desired: { value: desired } }] },
  };
}

const create = (device: KubeObject) => cluster.admin.create(OLD_DEVICES, { namespace: NAMESPACE }, device, signal);
const remove = (name: string) => cluster.admin.delete(DEVICES, { namespace: NAMESPACE, name }, signal);

/** The devices as an old mapper reads them, when they are as wanted. */
async function untilRead(reached: (devices: Map<string, OldDevice>) => boolean): Promise<Map<string, OldDevice>> {
  const read = ({ data }: ConfigMap) => readProfile(data?.['deviceProfile.json'] ?? '{}', 'modbus');
  return read(await cluster.until<ConfigMap>(CONFIG_MAPS, NAME, (configMap) => reached(read(configMap))));
}

async function untilGone(): Promise<void> {
  const fieldSelector = `metadata.name=${NAME}`;
  const how = { namespace: NAMESPACE, fieldSelector, sendInitialEvents: true, allowWatchBookmarks: true };
  let isThere = false;
  for await (const { type } of cluster.admin.watch(CONFIG_MAPS, how, signal)) {
    if (type !== 'BOOKMARK') isThere = type !== 'DELETED';
    if (!isThere) return; // the first bookmark comes after all that is there
  }
  throw new Error('the watch ended');
}

const desired = (devices: Map<string, OldDevice>, id: string) =>
  devices.get(id)?.points.get('temp')?.twin.desired.value;

test('mappers read the devices, what is desired of them, and every change', async () => {
  await create(oldDevice('first', '20'));
  await create(oldDevice('second', '99'));
  const devices = await untilRead((each) => desired(each, 'first') === '20' && each.has('second'));
  assert.equal(desired(devices, 'second'), '', 'the model refuses 99');
  assert.deepEqual(devices.get('first')?.protocol.protocolCommonConfig, { tcp: { ip: '192.0.2.1', port: 502 } });

  await cluster.setDesired('first', '25');
  await untilRead((each) => desired(each, 'first') === '25');
  await cluster.twins.update('default/first', { temp: { expected: { value: '30' } } });
  await untilRead((each) => desired(each, 'first') === '30');

  const patch = [{ op: 'replace', path: '/spec/properties/0/maximum', value: '100' }];
  await cluster.admin.patch(DEVICE_MODELS, { namespace: NAMESPACE, name: 'thermostat' }, 'json', patch, signal);
  const changed = await untilRead((each) => desired(each, 'second') === '99');
  assert.equal(changed.get('second')?.points.get('temp')?.property.maximum, 100);
});

test('one that was changed by hand is put right', async () => {
  const data = { 'deviceProfile.json': '{}' };
  await cluster.admin.patch(CONFIG_MAPS, { namespace: NAMESPACE, name: NAME }, 'merge', { data }, signal);
  await untilRead((each) => each.size === 2);
});

test('it goes with the last device, also where that one went meanwhile', async () => {
  await remove('first');
  await untilRead((each) => !each.has('first') && each.has('second'));
  await remove('second');
  await untilGone();
  await create(oldDevice('third', '20'));
  await untilRead((each) => each.has('third'));
  await profiles.close();
  await remove('third');
  await cluster.twinned('third', (device) => device === undefined);
  profiles = newProfiles();
  await profiles.start();
  await untilGone();
});
