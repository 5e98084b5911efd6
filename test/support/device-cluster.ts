/** Device objects on a real API server, with twins and a broker: what tests of their controllers share. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/api/object.ts';
import { builtIn, type ResourceInfo } from '../../src/api/resources.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../src/client/index.ts';
import { type Device, DEVICE_MODELS, DEVICES } from '../../src/devices/device-kinds.ts';
import { DEVICE_CONVERTERS, DeviceController, type DeviceControllerNeeds } from '../../src/devices/index.ts';
import { type Device as TwinDevice, DeviceTwin } from '../../src/devicetwin/index.ts';
import { startApiServer } from './api-server.ts';
import { testBroker } from './mqtt.ts';

const NAMESPACE = 'default';
export const NODE = 'edge-node';

export type DeviceCluster = Awaited<ReturnType<typeof startDeviceCluster>>;

/** With the definitions of `manifests/devices.yaml` and a model `thermostat`. */
export async function startDeviceCluster(signal: AbortSignal) {
  const api = await startApiServer({ converters: DEVICE_CONVERTERS });
  const site = await testBroker();
  const clientAs = (name: string, ...groups: string[]): KubeClient =>
    createKubeClient(new InProcessTransport(api.server, { name, groups: [...groups, 'system:authenticated'] }));
  const admin = clientAs('admin', 'system:masters');
  for (const document of parseAllDocuments(readFileSync('manifests/devices.yaml', 'utf8'))) {
    const object = document.toJS() as KubeObject;
    const plural = `${object.kind?.toLowerCase()}s`;
    await admin.create(builtIn(object.apiVersion ?? '', plural), {}, object, signal);
  }
  const options = { file: join(site.folder, 'twins.db'), nodeName: NODE, registerUnknown: true };
  const twins = new DeviceTwin(
    { ...options, history: { maxValues: 10, maxAgeMs: 60_000 } },
    { bus: site.broker, clock: systemClock, newId: randomUUID, logger: silentLogger },
  );
  await twins.start();
  const ownClient = (): KubeClient => clientAs(`system:edgesite:devices:${NODE}`, 'edgesite:devices');
  const newController = (changes: Partial<DeviceControllerNeeds> = {}): DeviceController => {
    const tools = { clock: systemClock, random: Math.random, logger: silentLogger };
    return new DeviceController({ client: ownClient(), twins, nodeName: NODE, ...tools, ...changes });
  };
  const create = (device: Device) => admin.create<Device>(DEVICES, { namespace: NAMESPACE }, device, signal);
  const setDesired = (name: string, value: string) => {
    const patch = [{ op: 'add', path: '/spec/properties/0/desired', value: { value } }];
    return admin.patch(DEVICES, { namespace: NAMESPACE, name }, 'json', patch, signal);
  };
  /** The object when it fulfils the condition, by list and watch. */
  const untilSelected = async <T extends KubeObject>(
    resource: ResourceInfo,
    fieldSelector: string,
    reached: (object: T) => boolean,
  ): Promise<T> => {
    const how = { namespace: NAMESPACE, fieldSelector, sendInitialEvents: true, allowWatchBookmarks: true };
    for await (const event of admin.watch<T>(resource, how, signal)) {
      if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && reached(event.object)) return event.object;
    }
    throw new Error('the watch ended');
  };
  const until = <T extends KubeObject>(
    resource: ResourceInfo,
    name: string,
    reached: (object: T) => boolean,
  ): Promise<T> => untilSelected(resource, `metadata.name=${name}`, reached);
  /** Waits until the twin is as wanted. */
  const twinned = async (name: string, reached: (device: TwinDevice | undefined) => boolean): Promise<void> => {
    const id = `${NAMESPACE}/${name}`;
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (reached(twins.get(id))) done.resolve();
    };
    const fail = (): void => done.reject(signal.reason);
    const end = twins.listen({ changed: look });
    signal.addEventListener('abort', fail);
    look();
    await done.promise.finally(() => {
      end();
      signal.removeEventListener('abort', fail);
    });
  };
  await eventually(() => admin.create(DEVICE_MODELS, { namespace: NAMESPACE }, THERMOSTAT, signal), signal);
  const close = async (): Promise<void> => {
    await twins.close();
    await site.close();
    await api.close();
  };
  return { site, admin, twins, ownClient, newController, create, setDesired, until, untilSelected, twinned, close };
}

const THERMOSTAT = {
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

/** Of the model `thermostat`. */
export function deviceObject(name: string, desired?: string): Device {
  return {
    apiVersion: 'devices.kubeedge.io/v1beta1',
    kind: 'Device',
    metadata: { name },
    spec: {
      deviceModelRef: { name: 'thermostat' },
      nodeName: NODE,
      properties: [
        { name: 'temp', ...(desired === undefined ? {} : { desired: { value: desired } }) },
        { name: 'serial' },
      ],
    },
  };
}

/** Definitions are served a moment after their creation. */
async function eventually<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
