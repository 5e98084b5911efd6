import { hasReason } from '../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { WorkQueue } from '../base/work-queue.ts';

/** One thing to do, and why. */
export interface Action {
  readonly kind: string;
  readonly reason: string;
}

/** One executor for each kind of action: a forgotten one does not compile. */
export type Executors<A extends Action> = {
  readonly [K in A['kind']]: (action: Extract<A, { kind: K }>, signal: AbortSignal) => Promise<void>;
};

export interface Plan<A extends Action> {
  readonly actions: readonly A[];
  /** Look again after this time, though nothing changes until then. */
  readonly recheckAfterMs?: number | undefined;
}

/** What is special about one reconciler. `read` looks only into memory, `plan` only at its arguments. */
export interface Reconciliation<S, A extends Action> {
  readonly name: string;
  /** The present state behind the key; nothing where there is nothing to do. */
  read(key: string): S | undefined;
  plan(state: S, now: number): Plan<A>;
  readonly executors: Executors<A>;
}

export interface ReconcilerTools {
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}

const CONCURRENCY = 8;
const RETRY: BackoffPolicy = { baseMs: 10, maxMs: 60_000, jitter: 0.2 };
/** A plan that is still not empty after so many rounds in a row is slowed down: two writers may be at odds. */
const MAX_ROUNDS = 20;
const WARN_AFTER_FAILURES = 3;
/** Timers cannot wait for more than 24.8 days; looking once a day costs nothing. */
const MAX_RECHECK_MS = 24 * 3_600_000;

/**
 * Keys in, deeds out: read the present state, plan, execute, and read again until the plan is empty. A lost race is read
 * and planned again at once; any other failure waits, longer each time. The untyped form is what registries hold.
 */
export class Reconciler<S = never, A extends Action = never> {
  readonly name: string;
  readonly #reconciliation: Reconciliation<S, A>;
  readonly #tools: ReconcilerTools;
  readonly #queue: WorkQueue;
  readonly #failures = new Map<string, number>();
  readonly #rounds = new Map<string, number>();

  constructor(reconciliation: Reconciliation<S, A>, tools: ReconcilerTools) {
    this.name = reconciliation.name;
    this.#reconciliation = reconciliation;
    this.#tools = tools;
    this.#queue = new WorkQueue({
      clock: tools.clock,
      concurrency: CONCURRENCY,
      work: (key, signal) => this.#work(key, signal),
    });
  }

  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Resolves when nothing is left to do at once. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  close(): Promise<void> {
    return this.#queue.close();
  }

  async #work(key: string, signal: AbortSignal): Promise<void> {
    try {
      const acted = await this.#round(key, signal);
      this.#failures.delete(key);
      if (acted) this.#again(key);
      else this.#rounds.delete(key);
    } catch (error) {
      if (!signal.aborted) this.#retry(key, error);
    }
  }

  /** Whether there was something to do. */
  async #round(key: string, signal: AbortSignal): Promise<boolean> {
    const state = this.#reconciliation.read(key);
    if (state === undefined) return false;
    const { actions, recheckAfterMs } = this.#reconciliation.plan(state, this.#tools.clock.now());
    if (recheckAfterMs !== undefined) this.#queue.addAfter(key, Math.min(recheckAfterMs, MAX_RECHECK_MS));
    for (const action of actions) {
      this.#tools.logger.debug({ key, action: action.kind, reason: action.reason }, this.name);
      await this.#execute(action, signal);
    }
    return actions.length > 0;
  }

  #execute(action: A, signal: AbortSignal): Promise<void> {
    // The mapped type holds an executor for every kind; TypeScript cannot see that it takes an action of that kind.
    const executors: Record<string, (action: never, signal: AbortSignal) => Promise<void>> =
      this.#reconciliation.executors;
    return executors[action.kind]?.(action as never, signal) ?? Promise.resolve();
  }

  #again(key: string): void {
    const rounds = (this.#rounds.get(key) ?? 0) + 1;
    this.#rounds.set(key, rounds);
    if (rounds < MAX_ROUNDS) return this.#queue.add(key);
    if (rounds === MAX_ROUNDS) this.#tools.logger.warn({ key, rounds }, `${this.name}: the plan does not settle`);
    this.#queue.addAfter(key, backoffMs(RETRY, rounds - MAX_ROUNDS, this.#tools.random));
  }

  #retry(key: string, error: unknown): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    if (failures === 1 && hasReason(error, 'Conflict')) return this.#queue.add(key);
    const retryAfterMs = backoffMs(RETRY, failures - 1, this.#tools.random);
    const fields = { key, failures, retryAfterMs: Math.round(retryAfterMs), why: messageOf(error) };
    if (failures === WARN_AFTER_FAILURES) this.#tools.logger.warn(fields, `${this.name}: still failing`);
    else this.#tools.logger.debug(fields, `${this.name}: failed, trying again`);
    this.#queue.addAfter(key, retryAfterMs);
  }
}
