/** The half of the site that lives without the API: edge store, broker. */
import { join } from 'node:path';
import { SqliteEdgeStore } from '../edgestore/index.ts';
import { API_KEYS_DOCUMENT, GATE_COLLECTIONS } from '../metaserver/index.ts';
import { ExternalBroker, JoinedBus, type MessageBus, MqttBroker, type Qos } from '../mqtt/index.ts';
import type { Ground } from './ground.ts';

const BYTES_PER_MIB = 1024 * 1024;
/** Modes of KubeEdge's event bus; 1 is both. */
const INTERNAL_ONLY = 0;
const EXTERNAL_ONLY = 2;

export function edgeStore({ config, dataDir, nodeName, clock, logger }: Ground): SqliteEdgeStore {
  const file = join(dataDir.path, 'edge.db');
  const maxBytes = config.metamanager['store-max-mib'] * BYTES_PER_MIB;
  const secured = config.featureGates.requireAuthorization;
  // What the metaserver's decisions rest on must not be forgotten, however much is read.
  const pinned = secured ? { collections: GATE_COLLECTIONS, documents: [API_KEYS_DOCUMENT] } : undefined;
  return new SqliteEdgeStore(
    { file, maxBytes, nodeName, ...(pinned === undefined ? {} : { pinned }) },
    clock,
    logger.child('edgestore'),
  );
}

/** What the modes of the configuration mean. `server`: absent where only an external broker is used. */
export function messaging(ground: Ground): { bus: MessageBus; server?: MqttBroker; external?: ExternalBroker } {
  switch (ground.config.mqtt.mode) {
    case INTERNAL_ONLY: {
      const server = mqttBroker(ground);
      return { bus: server, server };
    }
    case EXTERNAL_ONLY: {
      const external = externalBroker(ground);
      return { bus: external, external };
    }
    default: {
      const server = mqttBroker(ground);
      const external = externalBroker(ground);
      return { bus: new JoinedBus(server, external), server, external };
    }
  }
}

function mqttBroker({ config, dataDir, clock, logger }: Ground): MqttBroker {
  const { mqtt } = config;
  return new MqttBroker(
    {
      url: mqtt['internal-server'],
      file: join(dataDir.path, 'mqtt.db'),
      maxQueuedPerClient: mqtt['session-queue-size'],
      qos: mqtt.qos as Qos, // the schema allows 0 to 2
    },
    clock,
    logger.child('mqtt'),
  );
}

function externalBroker({ config, nodeName, random, logger }: Ground): ExternalBroker {
  const { mqtt } = config;
  const options = {
    url: mqtt.server,
    clientId: `edgesite-${nodeName}`,
    qos: mqtt.qos as Qos, // the schema allows 0 to 2
    retain: mqtt.retain,
    queueSize: mqtt['session-queue-size'],
  };
  return new ExternalBroker(options, random, logger.child('mqtt-external'));
}
