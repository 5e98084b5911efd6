import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';

export interface Waiting {
  readonly key: string;
  readonly priority: number;
  /** Orders pods of the same priority. */
  readonly since: number;
}

interface Parked extends Waiting {
  readonly readyAt: number;
}

/** As upstream's `podInitialBackoffSeconds` and `podMaxBackoffSeconds`. */
const BACKOFF: BackoffPolicy = { baseMs: 1000, maxMs: 10_000, jitter: 0 };

/**
 * Pods that wait for a node: `active` ones are tried by priority, then age; `parked` ones were tried in vain and come
 * back when the cluster changes, though not before their back-off is over. Bounded by the number of pods.
 */
export class SchedulingQueue {
  readonly #active = new Map<string, Waiting>();
  readonly #parked = new Map<string, Parked>();
  readonly #attempts = new Map<string, number>();

  add(pod: Waiting): void {
    this.#parked.delete(pod.key);
    this.#active.set(pod.key, pod);
  }

  remove(key: string): void {
    this.#active.delete(key);
    this.#parked.delete(key);
    this.#attempts.delete(key);
  }

  /** The next to try. */
  pop(): Waiting | undefined {
    let next: Waiting | undefined;
    for (const each of this.#active.values()) if (next === undefined || goesBefore(each, next)) next = each;
    if (next !== undefined) this.#active.delete(next.key);
    return next;
  }

  /** It was tried in vain. */
  park(pod: Waiting, now: number): void {
    const attempt = this.#attempts.get(pod.key) ?? 0;
    this.#attempts.set(pod.key, attempt + 1);
    this.#parked.set(pod.key, { ...pod, readyAt: now + backoffMs(BACKOFF, attempt, () => 0) });
  }

  /** The cluster has changed: who may try again does. Returns when the next of the others may. */
  wake(now: number): number | undefined {
    let next: number | undefined;
    for (const pod of this.#parked.values()) {
      if (pod.readyAt <= now) this.add(pod);
      else next = Math.min(next ?? pod.readyAt, pod.readyAt);
    }
    return next;
  }
}

function goesBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.since < b.since : a.priority > b.priority;
}
