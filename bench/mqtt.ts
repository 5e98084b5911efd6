/** The broker beside mosquitto, by the same load generator in one run. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundledBroker } from '../test/support/bundled-program.ts';
import { freePort } from '../test/support/free-port.ts';
import { frozenLoad } from './frozen-load.ts';
import { printTable } from './table.ts';
import { measureUpdates } from './twins.ts';

/** As the launcher sets it. */
const NODE_OPTIONS = ['--max-semi-space-size=4'];

const RETRY_MS = 20;

interface Broker {
  readonly name: string;
  readonly port: number;
  readonly process: ChildProcess;
}

type Figures = Readonly<Record<string, number>>;
type Results = Readonly<Record<string, Figures>>;

export async function measureMqtt(script: string, args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mqtt-'));
  const brokers = [await own(folder), ...(await mosquitto(folder))];
  try {
    const results = new Map(brokers.map((broker) => [broker.name, generate(script, broker, folder, args)]));
    print(results);
    for (const { name, port } of brokers) {
      const { alone, besidePublishers, besideFrozen } = await frozenLoad(port);
      console.log(
        `| ${name}: unrelated pair alone, beside 20 publishers, beside a frozen subscriber of them; messages/s | ${alone}, ${besidePublishers}, ${besideFrozen} |`,
      );
    }
    const [site] = brokers;
    if (site === undefined) return;
    printTable(await measureUpdates({ mqttPort: site.port, pid: site.process.pid ?? 0 }));
  } finally {
    for (const { process: child } of brokers) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}

async function own(folder: string): Promise<Broker> {
  const port = await freePort();
  const child = spawn(process.execPath, [...NODE_OPTIONS, await bundledBroker(), folder, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.stdin.write('go\n');
  await once(child.stdout, 'data');
  return { name: 'edgesite', port, process: child };
}

/** None where it is not installed. */
async function mosquitto(folder: string): Promise<Broker[]> {
  if (spawnSync('mosquitto', ['-h']).error !== undefined) return [];
  const port = await freePort();
  const file = join(folder, 'mosquitto.conf');
  const settings = [
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'user root',
    'log_type none',
  ];
  // Its defaults drop what does not fit a queue of 1,000 messages.
  writeFileSync(file, [`listener ${port} 127.0.0.1`, ...settings, 'max_queued_messages 20000'].join('\n'));
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  await answers(port);
  return [{ name: 'mosquitto', port, process: child }];
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await sleep(RETRY_MS);
  }
}

function generate(script: string, broker: Broker, folder: string, args: readonly string[]): Results {
  const file = join(folder, `${broker.name}.json`);
  const target = ['--port', String(broker.port), '--pid', String(broker.process.pid), '--label', broker.name];
  spawnSync(process.execPath, [script, ...target, '--json', file, ...args], { stdio: 'inherit' });
  return (JSON.parse(readFileSync(file, 'utf8')) as { tests: Results }).tests;
}

/** What of each test goes into the table. */
const SHOWN: Readonly<Record<string, readonly string[]>> = {
  connect: ['per_s'],
  'lat-q0': ['p50', 'p99'],
  'lat-q1': ['p50', 'p99'],
  'lat-q2': ['p50', 'p99'],
  retained: ['publish_per_s', 'sub_all_ms', 'rss_with'],
  offline: ['enqueue_per_s', 'drain_per_s'],
  'idle-1000': ['rss_with'],
  'idle-5000': ['rss_with', 'kib_per_conn'],
};

function print(results: ReadonlyMap<string, Results>): void {
  const names = [...results.keys()];
  console.log(`\n| test | figure | ${names.join(' | ')} |\n|---|---|${names.map(() => '---|').join('')}`);
  const tests = new Set([...results.values()].flatMap((result) => Object.keys(result)));
  for (const test of tests) {
    for (const figure of SHOWN[test] ?? ['recv_per_s']) {
      const values = names.map((name) => (results.get(name)?.[test]?.[figure] ?? Number.NaN).toLocaleString('en'));
      console.log(`| ${test} | ${figure} | ${values.join(' | ')} |`);
    }
  }
  console.log('\n| figure | measured |\n|---|---|');
}
