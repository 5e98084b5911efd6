import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { bundledBroker } from './bundled-program.ts';
import { freePort } from './free-port.ts';
import { inbox } from './mqtt.ts';

/** A broker in a process of its own that can be killed and started again. */
export class KillableBroker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'killed-'));
  readonly port: number;
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
    this.port = port;
    this.#program = program;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [this.#program, this.#folder, String(this.port)], {
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
    const client = connect(`mqtt://127.0.0.1:${this.port}`, { reconnectPeriod: 0, ...options });
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
