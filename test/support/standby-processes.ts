/** Processes that load while another one runs, so that a round costs no start of Node. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { bundledProgram, COMPILE_CACHE } from './bundled-program.ts';

interface Standby {
  readonly process: ChildProcess;
  readonly lines: AsyncIterator<string>;
}

export interface RunningProcess {
  /** What it said when it had started. */
  readonly said: string;
  /** Resolves when it is gone. */
  kill(): Promise<void>;
}

/** The program says one line when it has loaded, starts at the first byte on its input, and says another one then. */
export class StandbyProcesses {
  readonly #program: string;
  readonly #args: readonly string[];
  readonly #all: ChildProcess[] = [];
  #next: Standby;

  private constructor(program: string, args: readonly string[]) {
    this.#program = program;
    this.#args = args;
    this.#next = this.#spawn();
  }

  static async of(source: string, args: readonly string[]): Promise<StandbyProcesses> {
    return new StandbyProcesses(await bundledProgram(source), args);
  }

  /** Starts the one that stands by. Rejects where it ends instead. */
  async start(): Promise<RunningProcess> {
    const { process: child, lines } = this.#next;
    this.#next = this.#spawn();
    await lineOf(lines);
    child.stdin?.write('go\n');
    const said = await lineOf(lines);
    const kill = async (): Promise<void> => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    };
    return { said, kill };
  }

  close(): void {
    for (const child of this.#all) child.kill('SIGKILL');
  }

  #spawn(): Standby {
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
    const child = spawn(process.execPath, [this.#program, ...this.#args], { stdio: ['pipe', 'pipe', 'inherit'], env });
    this.#all.push(child);
    const reader: Interface = createInterface({ input: child.stdout });
    return { process: child, lines: reader[Symbol.asyncIterator]() };
  }
}

async function lineOf(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('the process ended before it had started');
  return value;
}
