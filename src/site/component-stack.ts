/** Starts components in order and closes them in reverse, each close with a deadline. */
import type { Clock } from '../base/clock.ts';
import type { Component, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';

/** How long one component may drain before the next one is closed regardless. */
const CLOSE_DEADLINE_MS = 10_000;

export interface ComponentStackOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ComponentStack {
  readonly #options: ComponentStackOptions;
  readonly #started: Component[] = [];
  #closing: Promise<void> | undefined;

  constructor(options: ComponentStackOptions) {
    this.#options = options;
  }

  /** Starts one more. When it cannot be started it is closed and the error is rethrown; the others stay up. */
  async start(component: Component, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const began = this.#options.clock.now();
    this.#started.push(component);
    await component.start(signal);
    this.#options.logger.debug({ part: component.name, ms: this.#options.clock.now() - began }, 'started');
  }

  /** Who is not ready, with the reason; the names of all where each is. */
  readiness(): { name: string; readiness: Readiness }[] {
    return this.#started.map((component) => ({
      name: component.name,
      readiness: component.readiness?.() ?? { ready: true },
    }));
  }

  /** Closes all in reverse. May be called twice; the second call waits for the first. */
  async close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    await this.#closing;
  }

  async #closeAll(): Promise<void> {
    for (const component of this.#started.toReversed()) {
      const deadline = new AbortController();
      try {
        const outcome = await Promise.race([
          component.close().then(() => 'closed' as const),
          this.#options.clock.sleep(CLOSE_DEADLINE_MS, deadline.signal).then(() => 'late' as const),
        ]);
        if (outcome === 'late') {
          this.#options.logger.warn({ part: component.name, deadlineMs: CLOSE_DEADLINE_MS }, 'did not close in time');
        }
      } catch (error) {
        this.#options.logger.warn({ part: component.name, error }, 'failed to close');
      } finally {
        deadline.abort();
      }
    }
  }
}
