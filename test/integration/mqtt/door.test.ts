/** The broker's door: TLS, WebSockets, users, tokens and rules, with mosquitto's own clients and a real API server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect as tlsConnect } from 'node:tls';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { WebSocket } from 'ws';
import type { KubeObject } from '../../../src/api/object.ts';
import type { Secret } from '../../../src/api/kinds.ts';
import { builtIn } from '../../../src/api/resources.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { createKubeClient, InProcessTransport, type KubeClient } from '../../../src/client/index.ts';
import { AccessSecret, ClientAccess, LoginLanes, MqttBroker, TokenReviewer } from '../../../src/mqtt/index.ts';
import { parsePasswords } from '../../../src/mqtt/access/password-file.ts';
import { startApiServer, type TestApiServer } from '../../support/api-server.ts';
import { inbox } from '../../support/mqtt.ts';
import { testPki } from '../../support/pki.ts';
import { runTool } from '../../support/site-process.ts';

const NEVER = new AbortController().signal;
const SECRETS = builtIn('v1', 'secrets');
const folder = mkdtempSync(join(tmpdir(), 'mqtt-door-'));
const pki = await testPki();
const caFile = join(folder, 'ca.crt');
const passwordFile = join(folder, 'passwords');
let api: TestApiServer;
let client: KubeClient;
let secret: AccessSecret;
let broker: MqttBroker;
/** Ends when the Secret is heard of next. */
let rulesHeard = Promise.withResolvers<void>();
let tcp = 0;
let tls = 0;
let ws = 0;
let wss = 0;

before(async () => {
  writeFileSync(caFile, pki.authority.certPem);
  const made = await runTool('mosquitto_passwd', ['-b', '-c', passwordFile, 'pump', 'right']);
  assert.equal(made.code, 0, made.stderr);
  api = await startApiServer();
  client = createKubeClient(new InProcessTransport(api.server, { name: 'admin', groups: ['system:masters'] }));
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kubeedge' } };
  await client.create(builtIn('v1', 'namespaces'), {}, namespace, NEVER);
  const access = new ClientAccess({
    anonymous: 'never',
    tokens: new TokenReviewer(client, systemClock),
    sources: ['files', 'secret'],
    logins: new LoginLanes(systemClock),
  });
  access.replace('files', { passwords: parsePasswords(readFileSync(passwordFile, 'utf8'), passwordFile) });
  broker = new MqttBroker(
    {
      urls: ['tcp://127.0.0.1:0', 'mqtts://127.0.0.1:0', 'ws://127.0.0.1:0/mqtt', 'wss://127.0.0.1:0'],
      tls: { cert: pki.kubelet.certPem, key: pki.kubelet.keyPem, clientCa: pki.authority.certPem },
      origins: ['https://plant.example'],
      file: join(folder, 'mqtt.db'),
      maxQueuedPerClient: 10,
      qos: 1,
      authenticator: access,
      authorizer: access,
    },
    systemClock,
    silentLogger,
  );
  secret = new AccessSecret({
    client,
    snapshot: { load: () => undefined, replace: () => undefined, apply: () => undefined },
    onRules: (rules) => {
      broker.disconnect(access.replace('secret', rules));
      rulesHeard.resolve();
      rulesHeard = Promise.withResolvers();
    },
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  const known = rulesHeard.promise;
  await secret.start();
  await known;
  await broker.start();
  [tcp = 0, tls = 0, ws = 0, wss = 0] = broker.ports;
});

after(async () => {
  await broker.close();
  await secret.close();
  await api.close();
  rmSync(folder, { recursive: true });
});

/** Resolves to the client, or to what refused it. */
async function arrive(url: string, options: IClientOptions): Promise<MqttClient | Error> {
  const mqtt = connect(url, { reconnectPeriod: 0, ...options });
  return new Promise((resolve) => {
    mqtt.once('connect', () => resolve(mqtt));
    mqtt.once('error', resolve);
  });
}

async function welcome(url: string, options: IClientOptions): Promise<MqttClient> {
  const mqtt = await arrive(url, options);
  if (mqtt instanceof Error) throw mqtt;
  return mqtt;
}

const PUMP = { username: 'pump', password: 'right' };
const publish = (port: number, ...args: string[]) =>
  runTool('mosquitto_pub', ['-h', '127.0.0.1', '-p', String(port), '-t', 'plant/a', '-m', 'x', '-q', '1', ...args]);

test('mosquitto_pub is let in by the password that mosquitto_passwd has stored, and by no other', async () => {
  assert.equal((await publish(tcp, '-u', 'pump', '-P', 'right')).code, 0);
  assert.match((await publish(tcp, '-u', 'pump', '-P', 'wrong')).stderr, /not authori[sz]ed|bad user name/i);
  assert.match((await publish(tcp, '-u', 'tank', '-P', 'right')).stderr, /not authori[sz]ed|bad user name/i);
  assert.match((await publish(tcp)).stderr, /not authori[sz]ed/i);
});

test('over TLS with the authority of the site, and not without', async () => {
  assert.equal((await publish(tls, '--cafile', caFile, '-u', 'pump', '-P', 'right')).code, 0);
  const other = join(folder, 'other.crt');
  writeFileSync(
    other,
    readFileSync('/etc/ssl/certs/ca-certificates.crt', 'utf8').split(/(?<=END CERTIFICATE-----\n)/)[0] ?? '',
  );
  assert.notEqual((await publish(tls, '--cafile', other, '-u', 'pump', '-P', 'right')).code, 0);
});

test('a renewed certificate is shown to new connections', async () => {
  const shown = async (port: number) => {
    const socket = tlsConnect({ host: '127.0.0.1', port, ca: pki.authority.certPem });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };
  const renew = ({ certPem: cert, keyPem: key }: typeof pki.kubelet) => broker.renewTls({ cert, key });
  assert.equal(await shown(tls), 'system:node:edge-node');
  renew(pki.apiServer);
  assert.deepEqual([await shown(tls), await shown(wss)], ['kube-apiserver', 'kube-apiserver']);
  renew(pki.kubelet);
});

test('a client certificate names its user', async () => {
  const files = { cert: pki.admin.certPem, key: pki.admin.keyPem, ca: pki.authority.certPem };
  const mqtt = await welcome(`mqtts://127.0.0.1:${tls}`, files);
  await mqtt.publishAsync('plant/a', 'x', { qos: 1 });
  await mqtt.endAsync();
});

for (const secure of [false, true]) {
  test(`over WebSockets${secure ? ' with TLS' : ''}, both ways`, async () => {
    const url = secure ? `wss://127.0.0.1:${wss}/any/path` : `ws://127.0.0.1:${ws}/mqtt`;
    const mqtt = await welcome(url, { ...PUMP, ca: pki.authority.certPem });
    await mqtt.subscribeAsync('echo', { qos: 1 });
    const received = inbox(mqtt);
    const payload = 'x'.repeat(200_000);
    await mqtt.publishAsync('echo', payload, { qos: 1 });
    const [message] = await received.take(1);
    assert.equal(message?.text, payload);
    await mqtt.endAsync();
  });
}

/** The status with which the request for a WebSocket is refused; 101 where it is not. */
async function statusOf(options: { path?: string; origin?: string; protocols?: string[] }): Promise<number> {
  const { path = '/mqtt', origin, protocols = ['mqtt'] } = options;
  const socket = new WebSocket(`ws://127.0.0.1:${ws}${path}`, protocols, origin === undefined ? {} : { origin });
  socket.on('error', () => undefined);
  const status = await new Promise<number>((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });
  socket.terminate();
  return status;
}

test('a web page from elsewhere does not reach the broker of this machine', async () => {
  assert.equal(await statusOf({ origin: 'https://evil.example' }), 401);
  assert.equal(await statusOf({ origin: 'null' }), 401);
  assert.equal(await statusOf({ origin: 'https://plant.example' }), 101);
  assert.equal(await statusOf({ origin: `http://127.0.0.1:8080` }), 101);
  assert.equal(await statusOf({}), 101);
  assert.equal(await statusOf({ path: '/elsewhere' }), 400);
  assert.equal((await fetch(`http://127.0.0.1:${ws}/mqtt`)).status, 426);
});

test('text over a WebSocket ends the connection', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${ws}/mqtt`, ['mqtt']);
  await once(socket, 'open');
  socket.send('CONNECT');
  const [code] = (await once(socket, 'close')) as [number];
  assert.equal(code, 1003);
});

test('the token of a service account is a password for the topics of its namespace', async () => {
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } };
  const accounts = builtIn('v1', 'serviceaccounts');
  await client.create(accounts, { namespace: 'default' }, account, NEVER);
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const target = { namespace: 'default', name: 'reader', subresource: 'token' };
  const { status } = await client.create<KubeObject & { status?: { token: string } }>(accounts, target, request, NEVER);
  const password = status?.token ?? '';
  const mqtt = await welcome(`mqtt://127.0.0.1:${tcp}`, { username: 'token', password });
  const [mine, all] = [
    await mqtt.subscribeAsync('default/user/#', { qos: 1 }),
    await mqtt.subscribeAsync('#').catch(String),
  ];
  assert.equal(mine[0]?.qos, 1);
  assert.match(JSON.stringify(all), /128|Unspecified error/);
  await mqtt.endAsync();
  const forged = `${password.slice(0, -8)}AAAAAAAA`;
  assert.ok((await arrive(`mqtt://127.0.0.1:${tcp}`, { username: 'token', password: forged })) instanceof Error);
});

test('users and rules of the Secret hold at once, and those that lose their login are disconnected', async () => {
  const second = join(folder, 'second');
  await runTool('mosquitto_passwd', ['-b', '-c', second, 'tank', 'first']);
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const data = { passwords: encoded(readFileSync(second, 'utf8')), acl: encoded('user tank\ntopic plant/#\n') };
  const object: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'mqtt-access' }, data };
  const target = { namespace: 'kubeedge', name: 'mqtt-access' };
  let heard = rulesHeard.promise;
  await client.create(SECRETS, { namespace: 'kubeedge' }, object, NEVER);
  await heard;
  const mqtt = await welcome(`mqtt://127.0.0.1:${tcp}`, { username: 'tank', password: 'first' });
  assert.equal((await mqtt.subscribeAsync('plant/a', { qos: 1 }))[0]?.qos, 1);
  await assert.rejects(mqtt.subscribeAsync('other', { qos: 1 }));
  await runTool('mosquitto_passwd', ['-b', second, 'tank', 'second']);
  const closed = new Promise<void>((resolve) => mqtt.once('close', () => resolve()));
  heard = rulesHeard.promise;
  const patch = { data: { passwords: encoded(readFileSync(second, 'utf8')) } };
  await client.patch(SECRETS, target, 'merge', patch, NEVER);
  await Promise.all([closed, heard]);
  const again = await welcome(`mqtt://127.0.0.1:${tcp}`, { username: 'tank', password: 'second' });
  await again.endAsync();
});

test('a Secret that cannot be read leaves the rules as they were', async () => {
  const target = { namespace: 'kubeedge', name: 'mqtt-access' };
  const patch = { data: { acl: Buffer.from('let everybody in').toString('base64') } };
  await client.patch(SECRETS, target, 'merge', patch, NEVER);
  const mqtt = await welcome(`mqtt://127.0.0.1:${tcp}`, { username: 'tank', password: 'second' });
  await assert.rejects(mqtt.subscribeAsync('other', { qos: 1 }));
  await mqtt.endAsync();
});
