/**
 * The real process: `./edgesite`, or the program that EDGESITE names, on free ports with a data directory of its own, and
 * kubectl against it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';
import { kubectlPath } from './kubectl.ts';

const START_DEADLINE_MS = 120_000;
const STOP_DEADLINE_MS = 60_000;
const KUBECTL_DEADLINE_MS = 60_000;

export interface Ports {
  readonly api: number;
  readonly kubelet: number;
  readonly readOnly: number;
  readonly metaserver: number;
  readonly mqtt: number;
}

export interface SiteOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  /** Further `--set key=value`. */
  readonly set?: readonly string[];
  readonly args?: readonly string[];
}

export interface Output {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running site. `lines` holds everything it printed. */
export class SiteProcess {
  readonly options: SiteOptions;
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly exited: Promise<number | null>;

  private constructor(options: SiteOptions, child: ChildProcess, lines: string[]) {
    this.options = options;
    this.child = child;
    this.lines = lines;
    this.exited = once(child, 'exit').then(([code]) => code as number | null);
  }

  /** Resolves when the process says that it is ready; rejects with its output when it ends before. */
  static async start(options: SiteOptions): Promise<SiteProcess> {
    const child = spawn(process.env['EDGESITE'] ?? './edgesite', argumentsOf(options), {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const site = new SiteProcess(options, child, lines);
    const ready = Promise.withResolvers<void>();
    const read = (line: string): void => {
      lines.push(line);
      if (line.startsWith('edgesite is ready')) ready.resolve();
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    const late = setTimeout(
      () => ready.reject(new Error(`not ready in time:\n${lines.join('\n')}`)),
      START_DEADLINE_MS,
    );
    void site.exited.then((code) =>
      ready.reject(new Error(`ended with ${code} before it was ready:\n${lines.join('\n')}`)),
    );
    try {
      await ready.promise;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(late);
    }
    return site;
  }

  get kubeconfig(): string {
    return join(this.options.dataDir, 'admin.kubeconfig');
  }

  /** Sends the signal and resolves to the exit code; may be called again. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const late = setTimeout(() => this.child.kill('SIGKILL'), STOP_DEADLINE_MS);
    this.child.kill(signal);
    const code = await this.exited;
    clearTimeout(late);
    return code;
  }

  kubectl(...args: string[]): Promise<Output> {
    return runTool(kubectlPath('1.35'), ['--kubeconfig', this.kubeconfig, ...args]);
  }
}

export function argumentsOf(options: SiteOptions): string[] {
  const { ports } = options;
  const settings = [
    `apiserver.port=${ports.api}`,
    `edged.kubelet-port=${ports.kubelet}`,
    `edged.read-only-port=${ports.readOnly}`,
    `metamanager.server=127.0.0.1:${ports.metaserver}`,
    `mqtt.internal-server=tcp://127.0.0.1:${ports.mqtt}`,
    ...(options.set ?? []),
  ];
  return ['--data-dir', options.dataDir, ...settings.flatMap((each) => ['--set', each]), ...(options.args ?? [])];
}

export async function runTool(command: string, args: readonly string[], stdin?: string): Promise<Output> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: KUBECTL_DEADLINE_MS });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.end(stdin);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Ports that were free a moment ago. */
export async function freePorts(): Promise<Ports> {
  const [api, kubelet, readOnly, metaserver, mqtt] = await Promise.all(Array.from({ length: 5 }, freePort));
  return { api: api!, kubelet: kubelet!, readOnly: readOnly!, metaserver: metaserver!, mqtt: mqtt! };
}

/** A folder for one test, with what takes it away again. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'edgesite-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
