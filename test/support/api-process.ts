/** An API server as a process of its own, which can be killed, stopped and set back. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childSays } from './child-says.ts';
import { freePort } from './free-port.ts';

export class ApiProcess {
  readonly #root = mkdtempSync(join(tmpdir(), 'edgesite-api-process-'));
  readonly #port: number;
  #child: ChildProcess | undefined;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(): Promise<ApiProcess> {
    const api = new ApiProcess(await freePort());
    mkdirSync(api.#folder);
    await api.start();
    return api;
  }

  get kubeconfig(): string {
    return join(this.#folder, 'admin.kubeconfig');
  }

  get #folder(): string {
    return join(this.#root, 'data');
  }

  /** Resolves when it serves. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['scripts/serve-api.ts', String(this.#port), this.#folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    await childSays(child);
  }

  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name);
  }

  async stop(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(name);
    await exited;
  }

  /** What it holds, while it is stopped. */
  backup(): void {
    cpSync(this.#folder, join(this.#root, 'backup'), { recursive: true });
  }

  restore(): void {
    rmSync(this.#folder, { recursive: true });
    cpSync(join(this.#root, 'backup'), this.#folder, { recursive: true });
  }

  /** Without waiting: for the end of a process. */
  kill(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.#root, { recursive: true, force: true });
  }
}
