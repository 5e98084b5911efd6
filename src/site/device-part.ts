/** Device twins, their objects in Kubernetes, and the rules that carry messages. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Component } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import type { KubeObject } from '../api/object.ts';
import type { ResourceInfo } from '../api/resources.ts';
import { createKubeClient, type SnapshotPort } from '../client/index.ts';
import { DeviceController, DeviceProfiles, type DevicePusher } from '../devices/index.ts';
import { DeviceTwin, TwinPages } from '../devicetwin/index.ts';
import { type EdgeStore, InformerSnapshot } from '../edgestore/index.ts';
import { HttpServer } from '../http/index.ts';
import type { MessageBus } from '../mqtt/index.ts';
import { RuleRouter } from '../rules/index.ts';
import type { ApiAccess } from './api-access.ts';
import { endpointOf } from './endpoint.ts';
import { ExternalDefinitions } from './external-definitions.ts';
import type { Ground } from './ground.ts';
import { readManifests } from './manifests.ts';
import { specSnapshot } from './spec-snapshot.ts';

const MS_PER_HOUR = 3_600_000;
/** The most that KubeEdge's router takes in a message. */
const MAX_MESSAGE_BYTES = 12 * 1024 * 1024;

export function deviceTwin({ config, dataDir, nodeName, clock, logger }: Ground, bus: MessageBus): DeviceTwin {
  const { 'history-values': maxValues, 'history-hours': hours } = config.devicetwin;
  const history = { maxValues, maxAgeMs: hours * MS_PER_HOUR };
  const options = { file: join(dataDir.path, 'twins.db'), nodeName, registerUnknown: true, history };
  return new DeviceTwin(options, { bus, clock, newId: randomUUID, logger: logger.child('devicetwin') });
}

export function deviceController(
  ground: Ground,
  access: ApiAccess,
  store: EdgeStore,
  twins: DeviceTwin,
): DeviceController {
  const { nodeName, clock, random } = ground;
  const logger = ground.logger.child('devices');
  const client = clientAs('devices', ground, access);
  const snapshot = snapshots(store, logger);
  return new DeviceController({ client, twins, snapshot, nodeName, clock, random, logger });
}

/** For mappers of KubeEdge up to 1.14. */
export function deviceProfiles(
  ground: Ground,
  access: ApiAccess,
  devices: DeviceController,
  twins: DeviceTwin,
): DeviceProfiles {
  const { nodeName, clock, random } = ground;
  const client = clientAs('devices', ground, access);
  const logger = ground.logger.child('device-profiles');
  return new DeviceProfiles({ client, devices, twins, nodeName, clock, random, logger });
}

export type DevicePages = Pick<TwinPages, 'page' | 'metrics'>;

/** What can be read of devices over HTTP, measurements among it. */
export function devicePages(twins: DeviceTwin, pusher: DevicePusher | undefined): DevicePages {
  const pages = new TwinPages(twins);
  return {
    page: (path, query) => pages.page(path, query),
    metrics: () => `${pages.metrics()}${pusher?.metrics() ?? ''}`,
  };
}

/** The router and, where the configuration has an address for it, the server for rules of type rest. */
export function rules(ground: Ground, access: ApiAccess, store: EdgeStore, bus: MessageBus): Component[] {
  const { config, nodeName, clock, random } = ground;
  const logger = ground.logger.child('rules');
  const client = clientAs('rules', ground, access);
  const router = new RuleRouter({ client, bus, snapshot: snapshots(store, logger), nodeName, clock, random, logger });
  if (config.rules.server === '') return [router];
  const { address: host, port } = endpointOf(config.rules.server);
  const server = { name: 'rules-server', host, port, handler: router, logger, bodyLimitBytes: MAX_MESSAGE_BYTES };
  return [router, new HttpServer(server)];
}

/** Copies for times without the API. */
function snapshots(store: EdgeStore, logger: Logger) {
  return <T extends KubeObject>(resource: ResourceInfo): SnapshotPort<T> =>
    specSnapshot(new InformerSnapshot<T>(store, { resource }, logger));
}

/** For an API server of somebody else, whose administrator may have forbidden it. */
export function externalDefinitions(ground: Ground, access: ApiAccess): ExternalDefinitions {
  const { clock, random } = ground;
  const client = clientAs('definitions', ground, access);
  const logger = ground.logger.child('definitions');
  return new ExternalDefinitions({ client, read: readManifests, clock, random, logger });
}

/** `manifests/` says what the group may. */
function clientAs(part: 'definitions' | 'devices' | 'rules', { nodeName }: Ground, access: ApiAccess) {
  const name = `system:edgesite:${part}:${nodeName}`;
  return createKubeClient(access.transportAs({ name, groups: [`edgesite:${part}`, 'system:authenticated'] }));
}
