/** The broker with those who guard it, the external broker, and what passes between the two. */
import { join } from 'node:path';
import type { Secret } from '../api/kinds.ts';
import { builtIn } from '../api/resources.ts';
import type { Component } from '../base/component.ts';
import { readNamedFile } from '../base/files.ts';
import { createKubeClient, type KubeClient } from '../client/index.ts';
import { type EdgeStore, InformerSnapshot } from '../edgestore/index.ts';
import {
  ACCESS_SECRET,
  AccessFiles,
  type AccessRules,
  AccessSecret,
  assertGuarded,
  ClientAccess,
  ExternalBroker,
  JoinedBus,
  listenAddress,
  type ListenerTls,
  LoginLanes,
  type MessageBus,
  MqttBroker,
  type Qos,
  TokenReviewer,
  TopicBridge,
} from '../mqtt/index.ts';
import type { SitePki } from '../pki/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';

/** Modes of KubeEdge's event bus; 1 is both. */
const INTERNAL_ONLY = 0;
const EXTERNAL_ONLY = 2;

/** To the API, where there is one, and to what was last heard of it. */
export interface Ways {
  readonly access: ApiAccess | undefined;
  readonly store: EdgeStore;
}

/** Parts in the order of their start: `before`, then who acts on messages, `server`, and `after`. */
export interface Messaging {
  readonly bus: MessageBus;
  readonly before: readonly Component[];
  /** Absent where only an external broker is used. */
  readonly server?: MqttBroker;
  readonly after: readonly Component[];
}

/** What the modes of the configuration mean. */
export async function messaging(ground: Ground, ways: Ways): Promise<Messaging> {
  const { mode, 'topic-mappings': mappings } = ground.config.mqtt;
  if (mode === EXTERNAL_ONLY) {
    const external = await externalBroker(ground);
    return { bus: external, before: [external], after: [] };
  }
  const { server, guards } = await internalBroker(ground, ways);
  if (mode === INTERNAL_ONLY) return { bus: server, before: guards, server, after: [] };
  const external = await externalBroker(ground);
  const bridge = new TopicBridge(server, external, mappings, ground.logger.child('mqtt-bridge'));
  return { bus: new JoinedBus(server, external), before: [external, ...guards], server, after: [bridge] };
}

async function internalBroker(ground: Ground, ways: Ways): Promise<{ server: MqttBroker; guards: Component[] }> {
  const { config, dataDir, clock } = ground;
  const { mqtt } = config;
  const logger = ground.logger.child('mqtt');
  const client = mqtt['kubernetes-access'] ? clientFor(ways.access) : undefined;
  assertAllGuarded(ground, client !== undefined);
  const tokens = client === undefined ? undefined : new TokenReviewer(client, clock);
  const sources = client === undefined ? ['files'] : ['files', 'secret'];
  const logins = new LoginLanes(clock);
  const access = new ClientAccess({ anonymous: mqtt.anonymous, tokens, sources, logins });
  const server = new MqttBroker(
    {
      urls: [mqtt['internal-server'], ...mqtt.listeners],
      tls: await tlsOf(ground),
      origins: mqtt['websocket-origins'],
      file: join(dataDir.path, 'mqtt.db'),
      maxQueuedPerClient: mqtt['session-queue-size'],
      qos: mqtt.qos as Qos, // the schema allows 0 to 2
      authenticator: access,
      authorizer: access,
    },
    clock,
    logger,
  );
  if (mqtt['tls-cert-file'] === '') ground.certificates.onRenewed((pki) => server.renewTls(nodePair(pki)));
  const rulesOf = (source: string) => (rules: AccessRules) => server.disconnect(access.replace(source, rules));
  const paths = { passwordFile: mqtt['password-file'], aclFile: mqtt['acl-file'] };
  const files = new AccessFiles(paths, { onRules: rulesOf('files'), clock, logger });
  if (client === undefined) return { server, guards: [logins, files] };
  const { random } = ground;
  const snapshot = secretSnapshot(ways.store, ground);
  const secret = new AccessSecret({ client, snapshot, onRules: rulesOf('secret'), clock, random, logger });
  return { server, guards: [logins, files, secret] };
}

/** `manifests/mqtt.yaml` says what it may. */
function clientFor(access: ApiAccess | undefined): KubeClient | undefined {
  if (access === undefined) return undefined;
  return createKubeClient(access.transportAs({ name: 'system:edgesite:mqtt', groups: ['system:authenticated'] }));
}

function secretSnapshot(store: EdgeStore, { logger }: Ground): InformerSnapshot<Secret> {
  const { namespace, name } = ACCESS_SECRET;
  const scope = { resource: builtIn('v1', 'secrets'), namespace, fieldSelector: `metadata.name=${name}` };
  return new InformerSnapshot<Secret>(store, scope, logger.child('mqtt'));
}

function assertAllGuarded({ config: { mqtt } }: Ground, asksKubernetes: boolean): void {
  const knowsUsers = asksKubernetes || mqtt['password-file'] !== '' || mqtt['tls-client-ca-file'] !== '';
  const meant = mqtt.anonymous === 'anybody-on-the-network';
  for (const [index, url] of [mqtt['internal-server'], ...mqtt.listeners].entries()) {
    const key = index === 0 ? 'mqtt.internal-server' : 'mqtt.listeners';
    assertGuarded(key, url, listenAddress(key, url), knowsUsers || meant);
  }
}

/** The configured certificate, or that of the node, which the site's authority has signed. */
async function tlsOf({ config: { mqtt }, pki }: Ground): Promise<ListenerTls> {
  const [certFile, caFile] = [mqtt['tls-cert-file'], mqtt['tls-client-ca-file']];
  const pair =
    certFile === ''
      ? nodePair(pki)
      : {
          cert: await readNamedFile('mqtt.tls-cert-file', certFile),
          key: await readNamedFile('mqtt.tls-key-file', mqtt['tls-key-file']),
        };
  return { ...pair, ...(caFile === '' ? {} : { clientCa: await readNamedFile('mqtt.tls-client-ca-file', caFile) }) };
}

/** The node's own certificate. */
function nodePair({ kubelet }: SitePki): { cert: string; key: string } {
  return { cert: kubelet.certPem, key: kubelet.keyPem };
}

async function externalBroker({ config, nodeName, random, logger }: Ground): Promise<ExternalBroker> {
  const { mqtt } = config;
  const optional = async (key: keyof typeof mqtt & `server-${string}-file`): Promise<string | undefined> =>
    mqtt[key] === '' ? undefined : readNamedFile(`mqtt.${key}`, mqtt[key]);
  const [ca, cert, key, password] = await Promise.all([
    optional('server-ca-file'),
    optional('server-cert-file'),
    optional('server-key-file'),
    optional('server-password-file'),
  ]);
  const username = mqtt['server-username'];
  const options = {
    url: mqtt.server,
    clientId: `edgesite-${nodeName}`,
    qos: mqtt.qos as Qos, // the schema allows 0 to 2
    retain: mqtt.retain,
    queueSize: mqtt['session-queue-size'],
    ...(username === '' ? {} : { username }),
    // An editor's last line feed is no part of a password.
    ...(password === undefined ? {} : { password: password.replace(/\r?\n$/, '') }),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  };
  return new ExternalBroker(options, random, logger.child('mqtt-external'));
}
