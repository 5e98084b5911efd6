/** Publishers at QoS 1 and 2 and twin updates, while the broker is killed again and again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { childSays } from './child-says.ts';
import { freePort } from './free-port.ts';
import { bundledBroker, COMPILE_CACHE } from './bundled-program.ts';

/** Messages of a publisher that are not acknowledged yet. */
const WINDOW = 10;
const DEVICES = 4;
/** Nothing more is on its way when nothing has come for so long. */
const QUIET_MS = 30_000;
const KILL_WITHIN_MS = 100;

export interface CrashOutcome {
  readonly rounds: number;
  /** Acknowledged, by quality of service. */
  readonly acknowledged: readonly [number, number];
  /** Of these never received. */
  readonly lost: readonly [number, number];
  /** At QoS 2 received more than once, acknowledged or not. */
  readonly doubled: number;
  /** At QoS 2 received after a later one. */
  readonly disordered: number;
  readonly twinUpdates: number;
  /** Twin values found older than what had been acknowledged. */
  readonly twinsLost: readonly string[];
}

export async function crashRounds(rounds: number): Promise<CrashOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const port = await freePort();
  const program = await bundledBroker();
  const children: Child[] = [];
  const child = () => {
    const made = spawned(program, folder, port);
    children.push(made);
    return made;
  };
  const clients: MqttClient[] = [];
  const client = (clientId: string) => {
    const made = connect(`mqtt://127.0.0.1:${port}`, { clientId, clean: false, reconnectPeriod: 5, keepalive: 600 });
    made.on('error', () => undefined);
    clients.push(made);
    return made;
  };
  const standby = [child(), child()];
  /** The next one takes over, and another begins to load. */
  const next = async () => {
    standby.push(child());
    return go(standby.shift() ?? child());
  };
  try {
    let broker = await next();
    const subscriber = new Subscriber(client('subscriber'));
    await subscriber.ready;
    const publishers = ([1, 2] as const).map((qos) => new Publisher(client(`publisher-${qos}`), qos));
    const devices = new Devices(client('devices'));
    await devices.ready;
    for (let round = 0; round < rounds; round += 1) {
      await standby[0]?.warm;
      await sleep(randomInt(KILL_WITHIN_MS));
      const gone = once(broker, 'exit');
      broker.kill('SIGKILL');
      await gone;
      broker = await next();
      await devices.check();
    }
    await Promise.all([...publishers, devices].map((source) => source.finish()));
    const outcome = await subscriber.count(publishers.map(({ acknowledged }) => acknowledged));
    return { rounds, ...outcome, twinUpdates: devices.acknowledged, twinsLost: devices.lost };
  } finally {
    await Promise.all(clients.map((made) => made.endAsync(true)));
    for (const { process: made } of children) made.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

/** Publishes numbers, some at a time, until it is told to finish. */
class Publisher {
  readonly #client: MqttClient;
  readonly #qos: 1 | 2;
  #underWay = 0;
  #finishing = false;
  #finished: () => void = () => undefined;
  #next = 0;
  readonly acknowledged = new Set<number>();

  constructor(client: MqttClient, qos: 1 | 2) {
    this.#client = client;
    this.#qos = qos;
    this.#fill();
  }

  /** Resolves when it is known of all whether they are acknowledged. */
  async finish(): Promise<void> {
    this.#finishing = true;
    while (this.#underWay > 0) await new Promise<void>((resolve) => (this.#finished = resolve));
  }

  #fill(): void {
    while (!this.#finishing && this.#underWay < WINDOW) {
      const number = this.#next;
      this.#next += 1;
      this.#underWay += 1;
      this.#client.publish(`crash/${this.#qos}`, String(number), { qos: this.#qos }, (error) => {
        this.#underWay -= 1;
        // The client gives up what two connections in a row did not get through: nobody knows whether that arrives.
        if (!error) this.acknowledged.add(number);
        // Some at a time, so that the disk and not the processor sets the pace.
        setTimeout(() => this.#fill(), 5);
        this.#finished();
      });
    }
  }
}

const NONE: ReadonlySet<number> = new Set();

/** How many of the one are not in the other. */
function without(all: ReadonlySet<number>, found: ReadonlyMap<number, number>): number {
  return [...all].filter((number) => !found.has(number)).length;
}

class Subscriber {
  readonly ready: Promise<unknown>;
  readonly #received = { '1': new Map<number, number>(), '2': new Map<number, number>() };
  #last = -1;
  #disordered = 0;
  #wake: () => void = () => undefined;

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => this.#take(topic, Number(payload.toString())));
    this.ready = client.subscribeAsync('crash/#', { qos: 2 });
  }

  /** Waits for what was acknowledged, as long as something comes. */
  async count(acknowledged: readonly ReadonlySet<number>[]) {
    const [one = NONE, two = NONE] = acknowledged;
    const missing = () => [without(one, this.#received['1']), without(two, this.#received['2'])] as const;
    while (missing().some((count) => count > 0)) {
      const more = new Promise<boolean>((resolve) => (this.#wake = () => resolve(true)));
      if (!(await Promise.race([more, sleep(QUIET_MS, false)]))) break;
    }
    return {
      acknowledged: [one.size, two.size] as const,
      lost: missing(),
      doubled: [...this.#received['2'].values()].filter((times) => times > 1).length,
      disordered: this.#disordered,
    };
  }

  #take(topic: string, number: number): void {
    const counts = this.#received[topic === 'crash/1' ? '1' : '2'];
    counts.set(number, (counts.get(number) ?? 0) + 1);
    if (topic === 'crash/2') {
      if (number < this.#last) this.#disordered += 1;
      this.#last = number;
    }
    this.#wake();
  }
}

/** Devices that report rising numbers; what was acknowledged must be what the twin holds, or older than that. */
class Devices {
  readonly #client: MqttClient;
  readonly #acknowledged = new Map<string, number>();
  readonly #answers = new Map<string, (value: number | undefined) => void>();
  readonly ready: Promise<unknown>;
  readonly lost: string[] = [];
  acknowledged = 0;
  #next = 0;
  #finishing = false;
  readonly #loops: Promise<void>[];

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload) => {
      const { twin } = JSON.parse(payload.toString()) as { twin?: Record<string, { actual?: { value: string } }> };
      this.#answers.get(topic)?.(Number(twin?.['value']?.actual?.value ?? -1));
    });
    // An answer is sent at QoS 0, and may go down with the connection.
    client.on('close', () => {
      for (const answered of this.#answers.values()) answered(undefined);
    });
    this.ready = client.subscribeAsync('$hw/events/device/+/+/twin/get/result', { qos: 1 });
    this.#loops = Array.from({ length: DEVICES }, (_, index) => this.#report(`default/dev${index}`));
  }

  async finish(): Promise<void> {
    this.#finishing = true;
    await Promise.all(this.#loops);
    await this.check();
  }

  async check(): Promise<void> {
    const acknowledged = [...this.#acknowledged];
    for (const [device, atLeast] of acknowledged) {
      const held = await this.#get(device);
      if (!(held >= atLeast)) this.lost.push(`${device}: ${held} after ${atLeast} was acknowledged`);
    }
  }

  async #report(device: string): Promise<void> {
    while (!this.#finishing) {
      this.#next += 1;
      const value = this.#next;
      const update = { event_id: '', timestamp: 0, twin: { value: { actual: { value: String(value) } } } };
      if (!(await this.#said(`$hw/events/device/${device}/twin/update`, update))) continue;
      this.#acknowledged.set(device, value);
      this.acknowledged += 1;
    }
  }

  /** Whether it was acknowledged; the client gives up what two connections in a row did not get through. */
  #said(topic: string, request: object): Promise<boolean> {
    return new Promise((resolve) => {
      this.#client.publish(topic, JSON.stringify(request), { qos: 1 }, (error) => resolve(!error));
    });
  }

  async #get(device: string): Promise<number> {
    const topic = `$hw/events/device/${device}/twin`;
    for (;;) {
      const answer = new Promise<number | undefined>((resolve) => this.#answers.set(`${topic}/get/result`, resolve));
      if (!(await this.#said(`${topic}/get`, { event_id: '', timestamp: 0 }))) continue;
      const held = await answer;
      if (held !== undefined) return held;
    }
  }
}

interface Child {
  readonly process: ChildProcess;
  readonly warm: Promise<unknown>;
}

/** Loads while another one runs, so that a round costs no start of Node. */
function spawned(program: string, folder: string, port: number): Child {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const made = spawn(process.execPath, [program, folder, String(port)], { stdio: ['pipe', 'pipe', 'inherit'], env });
  const warm = said(made, 'warm');
  // Those that stand by at the end are killed cold, and nobody waits for them.
  warm.catch(() => undefined);
  return { process: made, warm };
}

async function go({ process: made, warm }: Child): Promise<ChildProcess> {
  await warm;
  const ready = said(made, 'ready');
  made.stdin?.write('go\n');
  await ready;
  return made;
}

async function said(made: ChildProcess, word: string): Promise<void> {
  const text = await childSays(made);
  if (text !== word) throw new Error(`the broker said ${text} instead of ${word}`);
}
