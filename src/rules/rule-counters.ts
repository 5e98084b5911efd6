import type { RuleStatus } from './rule-kinds.ts';

const MAX_ERRORS = 5;

interface Counts {
  successes: number;
  failures: number;
  errors: string[];
}

/** What became of messages since the status of their rule was written last. */
export class RuleCounters {
  readonly #counts = new Map<string, Counts>();

  add(rule: string, error: string | undefined): void {
    const counts = this.#of(rule);
    if (error === undefined) counts.successes += 1;
    else counts.failures += 1;
    if (error !== undefined) this.tell(rule, error);
  }

  /** An error that concerns no message. */
  tell(rule: string, error: string): void {
    const { errors } = this.#of(rule);
    if (errors.at(-1) !== error) errors.push(error);
    errors.splice(0, errors.length - MAX_ERRORS);
  }

  /** The status with what has come since; nothing where nothing has. */
  statusOf(rule: string, status: RuleStatus = {}): Required<RuleStatus> | undefined {
    const counts = this.#counts.get(rule);
    if (counts === undefined) return undefined;
    const before = status.errors ?? [];
    const news = counts.errors.filter((error) => error !== before.at(-1));
    return {
      successMessages: (status.successMessages ?? 0) + counts.successes,
      failMessages: (status.failMessages ?? 0) + counts.failures,
      errors: [...before, ...news].slice(-MAX_ERRORS),
    };
  }

  /** Takes off what has been written: what has come meanwhile stays. */
  take(rule: string): () => void {
    const taken = this.#counts.get(rule);
    this.#counts.delete(rule);
    return () => {
      if (taken === undefined) return;
      const now = this.#of(rule);
      now.successes += taken.successes;
      now.failures += taken.failures;
      now.errors.unshift(...taken.errors);
    };
  }

  #of(rule: string): Counts {
    const known = this.#counts.get(rule) ?? { successes: 0, failures: 0, errors: [] };
    this.#counts.set(rule, known);
    return known;
  }
}
