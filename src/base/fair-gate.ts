/** Lets few tasks run at once. Those who wait have their turn one after the other, however many tasks one of them brings. */
export class FairGate {
  readonly #max: number;
  #running = 0;
  /** Who waits, the next first, each with its tasks in order. */
  readonly #lines = new Map<string, (() => void)[]>();

  /** @param max - tasks that run at once */
  constructor(max: number) {
    this.#max = max;
  }

  async run<T>(who: string, task: () => Promise<T>): Promise<T> {
    if (this.#running < this.#max) this.#running += 1;
    else await this.#turn(who);
    try {
      return await task();
    } finally {
      this.#pass();
    }
  }

  #turn(who: string): Promise<void> {
    return new Promise((resolve) => {
      const line = this.#lines.get(who);
      if (line === undefined) this.#lines.set(who, [resolve]);
      else line.push(resolve);
    });
  }

  /** The place of a task that has ended goes to the next in turn. */
  #pass(): void {
    const [next] = this.#lines;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    const [who, line] = next;
    const go = line.shift();
    this.#lines.delete(who);
    if (line.length > 0) this.#lines.set(who, line);
    go?.();
  }
}
