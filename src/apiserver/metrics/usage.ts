/** Two looks at counters → how much is used. Pure. */
import type { Counter } from './resource-sample.ts';

export interface Usage {
  /** The end of the window, in milliseconds since the epoch. */
  readonly time: number;
  readonly windowMs: number;
  /** The mean over the window. */
  readonly nanoCores: bigint;
  /** At its end. */
  readonly memoryBytes: number;
}

/** What started so lately is known by all that it has spent since then. */
const MAX_YOUTH_MS = 60_000;
const MIN_YOUTH_MS = 1_000;
const NANOS = 1e9;
const MS = 1e3;

/** Undefined where two looks are needed and there is one. */
export function usageBetween(before: Counter | undefined, after: Counter): Usage | undefined {
  const from = startOfWindow(before, after);
  if (from === undefined) return undefined;
  const windowMs = after.time - from.time;
  const cores = ((after.cpuSeconds - from.cpuSeconds) * MS) / windowMs;
  return { time: after.time, windowMs, nanoCores: BigInt(Math.round(cores * NANOS)), memoryBytes: after.memoryBytes };
}

function startOfWindow(
  before: Counter | undefined,
  { time, startedAt, cpuSeconds }: Counter,
): Pick<Counter, 'time' | 'cpuSeconds'> | undefined {
  const sameRun = before !== undefined && before.startedAt === startedAt && before.cpuSeconds <= cpuSeconds;
  if (sameRun && before.time < time) return before;
  const youth = startedAt === undefined ? Infinity : time - startedAt;
  return youth >= MIN_YOUTH_MS && youth <= MAX_YOUTH_MS ? { time: time - youth, cpuSeconds: 0 } : undefined;
}
