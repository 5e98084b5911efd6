import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { silentLogger } from '../../../src/base/logger.ts';
import { ExternalBroker, JoinedBus, type Message, TopicBridge } from '../../../src/mqtt/index.ts';
import { freePort } from '../../support/free-port.ts';
import { KillableBroker } from '../../support/killable-broker.ts';
import { inbox, testBroker } from '../../support/mqtt.ts';
import { testPki } from '../../support/pki.ts';
import { runTool } from '../../support/site-process.ts';

const children = new Set<ChildProcess>();
const buses = new Set<ExternalBroker>();

/** What a test that failed has left would keep this process from its end. */
after(async () => {
  for (const bus of buses) await bus.close();
  for (const child of children) child.kill('SIGKILL');
});

/** mosquitto on the port; its sessions stay in the folder when it ends by SIGTERM. */
async function mosquitto(folder: string, port: number, more = 'allow_anonymous true'): Promise<ChildProcess> {
  const file = join(folder, 'mosquitto.conf');
  const common = `listener ${port} 127.0.0.1\npersistence true\npersistence_location ${folder}/\nuser root\n`;
  writeFileSync(file, `${common}${more}\n`);
  const child = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.add(child);
  let output = '';
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const ended = once(child, 'exit').then(() => {
    throw new Error(`mosquitto ended before it was ready:\n${output}`);
  });
  while (!output.includes('running')) await Promise.race([once(child.stderr, 'data'), ended]);
  ended.catch(() => undefined);
  return child;
}

/** What its session has waiting comes together with CONNACK, so the inbox is there before. */
async function connected(url: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = connect(url, { reconnectPeriod: 0, ...options });
  inbox(client);
  await once(client as never, 'connect');
  return client;
}

async function end(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

function external(port: number, queueSize = 10): ExternalBroker {
  const options = {
    url: `tcp://127.0.0.1:${port}`,
    clientId: 'edgesite-test',
    qos: 1 as const,
    retain: false,
    queueSize,
  };
  const bus = new ExternalBroker(options, () => 1, silentLogger);
  buses.add(bus);
  return bus;
}

function nextMessage(bus: ExternalBroker | JoinedBus, filter: string): Promise<Message> {
  return new Promise((resolve) => {
    bus.subscribe(filter, resolve);
  });
}

test('an external broker may come late and go: the newest messages are kept, subscriptions stay', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const watch = () => connected(`mqtt://127.0.0.1:${port}`, { clientId: 'watcher', clean: false });
  // A session that is there before the site connects: whatever comes is kept for it, so nothing depends on who is first.
  let broker = await mosquitto(folder, port);
  const first = await watch();
  await first.subscribeAsync(['away', 'late'], { qos: 1 });
  await first.endAsync();
  await end(broker);

  const bus = external(port, 3);
  await bus.start();
  const heard = nextMessage(bus, 'to/site');
  for (const value of ['1', '2', '3', '4', '5']) await bus.publish('away', value);
  assert.deepEqual([bus.queued, bus.dropped], [3, 2]);

  broker = await mosquitto(folder, port);
  const second = await watch();
  const mail = inbox(second);
  const values = (await mail.take(3)).map(({ text }) => text);
  assert.deepEqual(values.sort(), ['3', '4', '5']);
  await second.publishAsync('to/site', 'hello', { qos: 1, retain: true });
  assert.equal((await heard).payload.toString(), 'hello');
  await second.endAsync();

  await end(broker);
  await bus.publish('late', 'kept');
  broker = await mosquitto(folder, port);
  const third = await watch();
  assert.equal((await inbox(third).take(1))[0]!.text, 'kept');
  await third.endAsync();
  await bus.close();
  await end(broker);
  rmSync(folder, { recursive: true });
});

test('what an external broker that is killed again and again has not acknowledged, it is told again', async (context) => {
  const outer = await KillableBroker.start(context);
  const watcher = { clientId: 'watcher', clean: false };
  const first = await outer.connect(watcher);
  await first.subscribeAsync('count', { qos: 1 });
  await first.endAsync();
  const bus = external(outer.port, 1_000);
  await bus.start();
  context.after(() => bus.close());
  const numbers = Array.from({ length: 120 }, (_, index) => String(index));
  for (const number of numbers) {
    await bus.publish('count', number);
    if (Number(number) % 30 !== 29) continue;
    while (!bus.connected) await new Promise((resolve) => setTimeout(resolve, 5));
    await outer.kill();
    await outer.start();
  }
  const mail = inbox(await outer.connect(watcher));
  const missing = new Set(numbers);
  while (missing.size > 0) missing.delete((await mail.take(1))[0]?.text ?? '');
  assert.equal(bus.dropped, 0);
});

test('a message that the external broker does not take does not keep the others waiting for ever', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const broker = await mosquitto(folder, port, 'allow_anonymous true\nmax_packet_size 1000');
  const watcher = await connected(`mqtt://127.0.0.1:${port}`);
  const mail = inbox(watcher);
  await watcher.subscribeAsync('a', { qos: 1 });
  const bus = external(port);
  await bus.start();
  await bus.publish('a', 'x'.repeat(2_000));
  await bus.publish('a', 'behind it');
  assert.equal((await mail.take(1))[0]?.text, 'behind it');
  await watcher.endAsync();
  await bus.close();
  await end(broker);
  rmSync(folder, { recursive: true });
});

test('mode 1 hears and speaks on both brokers, and nothing goes round', async () => {
  const inner = await testBroker();
  const outer = await testBroker();
  const link = external(outer.broker.port);
  await link.start();
  const bus = new JoinedBus(inner.broker, link);
  const heard: string[] = [];
  bus.subscribe('ask', async ({ payload }) => {
    heard.push(payload.toString());
    await bus.publish('answer', payload);
  });
  const [insider, outsider] = [await inner.connect(), await outer.connect()];
  const [inside, outside] = [inbox(insider), inbox(outsider)];
  await insider.subscribeAsync('answer', { qos: 1 });
  await outsider.subscribeAsync('answer', { qos: 1 });
  while (!link.connected) await new Promise((resolve) => setImmediate(resolve));
  await insider.publishAsync('ask', 'inside', { qos: 1 });
  assert.deepEqual([(await inside.take(1))[0]!.text, (await outside.take(1))[0]!.text], ['inside', 'inside']);
  await outsider.publishAsync('ask', 'outside', { qos: 1 });
  assert.deepEqual([(await inside.take(1))[0]!.text, (await outside.take(1))[0]!.text], ['outside', 'outside']);
  assert.deepEqual(heard, ['inside', 'outside']);
  await link.close();
  await inner.close();
  await outer.close();
});

test('with TLS, a client certificate and a password; and topics that pass between the brokers', {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  const pki = await testPki();
  const file = (name: string, text: string) => (writeFileSync(join(folder, name), text), join(folder, name));
  const users = join(folder, 'users');
  assert.equal((await runTool('mosquitto_passwd', ['-b', '-c', users, 'site', 'secret'])).code, 0);
  const settings = {
    cafile: file('ca.crt', pki.authority.certPem),
    certfile: file('server.crt', pki.apiServer.certPem),
    keyfile: file('server.key', pki.apiServer.keyPem),
    require_certificate: 'true',
    password_file: users,
    allow_anonymous: 'false',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  const broker = await mosquitto(folder, port, lines.join('\n'));
  const tls = { ca: pki.authority.certPem, cert: pki.admin.certPem, key: pki.admin.keyPem };
  const login = { username: 'site', password: 'secret' };
  const options = { url: `mqtts://127.0.0.1:${port}`, clientId: 'edgesite-test', qos: 1 as const, retain: false };
  const outer = new ExternalBroker({ ...options, ...login, tls, queueSize: 10 }, () => 1, silentLogger);
  const inner = await testBroker();
  const mapping = (direction: 'in' | 'out', filter: string, before: string, after: string) =>
    ({ direction, filter, 'remove-prefix': before, 'add-prefix': after }) as const;
  const mappings = [
    mapping('out', 'plant/#', 'plant/', 'site1/'),
    mapping('in', 'orders/site1/#', 'orders/site1/', 'orders/'),
  ];
  const bridge = new TopicBridge(inner.broker, outer, mappings, silentLogger);
  await outer.start();
  await bridge.start();

  const cloud = await connected(`mqtts://127.0.0.1:${port}`, { ...login, ...tls });
  const arrived = inbox(cloud);
  await cloud.subscribeAsync('site1/#', { qos: 1 });
  const device = await inner.connect();
  const orders = inbox(device);
  await device.subscribeAsync('orders/#', { qos: 1 });
  await device.publishAsync('plant/pump/flow', '7', { qos: 1 });
  assert.deepEqual(await arrived.take(1), [{ topic: 'site1/pump/flow', text: '7', qos: 1, retain: false, dup: false }]);
  await cloud.publishAsync('orders/site1/stop', 'now', { qos: 1 });
  assert.deepEqual(await orders.take(1), [{ topic: 'orders/stop', text: 'now', qos: 1, retain: false, dup: false }]);

  await cloud.endAsync();
  await bridge.close();
  await outer.close();
  await inner.close();
  await end(broker);
  rmSync(folder, { recursive: true });
});
