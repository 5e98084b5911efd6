import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { HostFacts, HostOrder } from './host.ts';

/** The measured process, with the heap limits of the launcher. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly facts: HostFacts;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, facts: HostFacts) {
    this.#child = child;
    this.facts = facts;
  }

  /** `factor`: how much faster than ours its time passes. `api`: whether the API server is in the same process. */
  static async start(factor = 1, api: 'within' | 'apart' = 'within'): Promise<HostProcess> {
    const child = fork(join(import.meta.dirname, 'host.ts'), [String(factor), api], {
      execArgv: ['--expose-gc', '--max-old-space-size=384', '--max-semi-space-size=4'],
    });
    const [facts] = (await once(child, 'message')) as [HostFacts];
    return new HostProcess(child, facts);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** One order after the other. */
  async tell<T = unknown>(order: HostOrder): Promise<T> {
    const turn = this.#turn.then(async () => {
      const answered = once(this.#child, 'message');
      this.#child.send(order);
      const [answer] = (await answered) as [T];
      return answer;
    });
    this.#turn = turn;
    return await turn;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}
