import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import { messageOf } from '../../base/errors.ts';
import { PodProblem, RETRY_SOON } from '../pod-problem.ts';
import type { ResizableLimits } from '../runtime.ts';
import type { CrashRecord } from './crash-backoff.ts';
import type { PodAction, Target } from './pod-action.ts';
import type { PodWorld, Problem } from './pod-world.ts';

/** What a worker remembers of its pod beside what the runtime shows; a restart of the process forgets it. */
export class PodMemory {
  readonly problems = new Map<Target, Problem>();
  readonly crashes = new Map<string, CrashRecord>();
  readonly announced = new Set<string>();
  readonly terminationMessages = new Map<string, string>();
  readonly resized = new Map<string, ResizableLimits>();
  readonly startedAt: number;
  volumes: PodWorld['volumes'] = 'unknown';
  renewVolumesAt = Number.POSITIVE_INFINITY;
  /** How often what the volumes come from is known to have changed. */
  contentChanges = 0;
  released = false;
  evicted: string | undefined;
  discarded = false;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
  }

  failed(action: PodAction, error: unknown, now: number, random: () => number): Problem {
    const before = this.problems.get(action.target);
    const failures = before?.action === action.kind ? before.failures + 1 : 1;
    const problem: Problem = {
      action: action.kind,
      ...wordsOf(error),
      since: now,
      retryAt: now + backoffMs(policyOf(error), failures - 1, random),
      failures,
    };
    this.problems.set(action.target, problem);
    return problem;
  }

  succeeded(action: PodAction): void {
    this.problems.delete(action.target);
  }

  /** The specification has changed: what failed may succeed now. */
  forgive(): void {
    this.problems.clear();
  }

  /** What the volumes come from has changed: they are written again, and what was missing may be there now. */
  contentChanged(now: number): void {
    this.contentChanges += 1;
    this.problems.delete('volumes');
    this.renewVolumesAt = Math.min(now, this.renewVolumesAt);
  }

  /** Drops what is remembered of containers that are gone. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.resized.keys()) if (!ids.has(id)) this.resized.delete(id);
    for (const id of this.announced) if (!ids.has(id)) this.announced.delete(id);
    for (const id of this.terminationMessages.keys()) if (!ids.has(id)) this.terminationMessages.delete(id);
  }
}

function wordsOf(error: unknown): Pick<Problem, 'reason' | 'message' | 'backOff'> {
  if (!(error instanceof PodProblem)) return { reason: 'Failed', message: messageOf(error) };
  const { reason, message, backOff } = error;
  return backOff === undefined ? { reason, message } : { reason, message, backOff };
}

function policyOf(error: unknown): BackoffPolicy {
  return error instanceof PodProblem ? error.retry : RETRY_SOON;
}
