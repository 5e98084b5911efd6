import type { Namespace } from '../../api/kinds.ts';

export function isTerminating({ metadata, status }: Namespace): boolean {
  return metadata?.deletionTimestamp !== undefined || status?.phase === 'Terminating';
}

/** What a sweep through a namespace has found. */
export interface Sweep {
  /** When it ended, in ms since the epoch. */
  readonly at: number;
  /** How many sweeps there were, this one included. */
  readonly count: number;
  /** Why the server could not tell what it serves. */
  readonly discoveryFailure: string | undefined;
  /** What could not be deleted or counted. */
  readonly failures: readonly string[];
  /** How many objects are still there, by `plural.group`. */
  readonly remaining: ReadonlyMap<string, number>;
  /** How many of them each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
}

export function isEmpty(sweep: Sweep): boolean {
  return sweep.discoveryFailure === undefined && sweep.failures.length === 0 && sweep.remaining.size === 0;
}
