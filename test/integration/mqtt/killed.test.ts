/** What is there after SIGKILL beside messages: wills are said, what was for the life of a connection is gone. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { bundledBroker } from '../../support/bundled-program.ts';
import { freePort } from '../../support/free-port.ts';
import { inbox } from '../../support/mqtt.ts';

/** A broker in a process of its own that can be killed and started again. */
class KillableBroker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'killed-'));
  readonly #port: number;
  readonly #program: string;
  readonly #clients: MqttClient[] = [];
  #child: ChildProcess | undefined;

  static async start(context: TestContext): Promise<KillableBroker> {
    const broker = new KillableBroker(await freePort(), await bundledBroker());
    context.after(() => broker.end());
    await broker.start();
    return broker;
  }

  private constructor(port: number, program: string) {
    this.#port = port;
    this.#program = program;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program, this.#folder, String(this.#port)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    child.stdin.write('go\n');
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('ready')) return;
    }
    throw new Error(`the broker ended before it was ready; it had said ${said}`);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async connect(options: IClientOptions): Promise<MqttClient> {
    const client = connect(`mqtt://127.0.0.1:${this.#port}`, { reconnectPeriod: 0, ...options });
    this.#clients.push(client);
    // What a session has waiting comes together with CONNACK.
    inbox(client);
    await once(client as never, 'connect');
    client.on('error', () => undefined);
    return client;
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.endAsync(true)));
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

test('the will of a client that was connected is said after the restart, once, to whoever has subscribed', async (context) => {
  const broker = await KillableBroker.start(context);
  const watcher = { clientId: 'watcher', clean: false };
  const first = await broker.connect(watcher);
  await first.subscribeAsync('wills/#', { qos: 2 });
  const will = (name: string) => ({
    topic: `wills/${name}`,
    payload: Buffer.from('lost'),
    qos: 2 as const,
    retain: true,
  });
  await broker.connect({ clientId: 'lost', will: will('lost') });
  const polite = await broker.connect({ clientId: 'polite', will: will('polite') });
  await polite.endAsync();
  await broker.kill();
  await broker.start();
  const again = await broker.connect(watcher);
  assert.equal((await inbox(again).take(1))[0]?.topic, 'wills/lost');
  await again.endAsync();
  await broker.kill();
  await broker.start();
  const third = await broker.connect(watcher);
  await third.subscribeAsync('mark', { qos: 1 });
  await third.publishAsync('mark', '', { qos: 1 });
  assert.equal((await inbox(third).take(1))[0]?.topic, 'mark', 'neither will is said again');
  await third.subscribeAsync('wills/#', { qos: 1 });
  assert.deepEqual((await inbox(third).take(1))[0]?.topic, 'wills/lost', 'it is retained');
});

test('sessions that were to end with their connection leave nothing behind', async (context) => {
  const broker = await KillableBroker.start(context);
  const kept = await broker.connect({ clientId: 'kept', clean: false });
  await kept.subscribeAsync('a', { qos: 1 });
  for (const clientId of ['one', 'two']) {
    const client = await broker.connect({ clientId, clean: true });
    await client.subscribeAsync(['a', 'b', 'c/#'], { qos: 1 });
  }
  await broker.kill();
  await broker.start();
  const client = await broker.connect({ clientId: 'counting' });
  await client.subscribeAsync(['$SYS/broker/subscriptions/count', '$SYS/broker/clients/total']);
  const figures = (await inbox(client).take(2)).map(({ topic, text }) => [topic.split('/').at(-1), text]);
  assert.deepEqual(Object.fromEntries(figures), { count: '1', total: '1' });
});
