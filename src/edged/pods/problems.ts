/** What is said of a failure, and for how long. Pure. */
import type { Problem } from './pod-world.ts';

/** How long a failure is told as such before it is told as waiting for the next try. */
const FRESH_MS = 2_000;

export function shownProblem(problem: Problem, now: number): { readonly reason: string; readonly message: string } {
  return problem.backOff === undefined || now < problem.since + FRESH_MS ? problem : problem.backOff;
}

/** When what is said or done about it changes next. */
export function nextLook(problem: Problem | undefined, now: number): number | undefined {
  if (problem === undefined) return undefined;
  const stale = problem.since + FRESH_MS;
  return problem.backOff !== undefined && stale > now ? Math.min(stale, problem.retryAt) : problem.retryAt;
}
