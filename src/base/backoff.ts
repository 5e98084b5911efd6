export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  /** Share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

/** The delay before try `attempt` (0 is the first retry): doubled each time up to the maximum, less the random share. */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: () => number): number {
  const exponent = Math.min(attempt, 30);
  const full = Math.min(policy.maxMs, policy.baseMs * 2 ** exponent);
  return full * (1 - policy.jitter * random());
}
