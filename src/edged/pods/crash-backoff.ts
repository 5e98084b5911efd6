/** Back-off between restarts of a container that keeps ending: kubelet's `flowcontrol.Backoff`, 10 s to 5 min. Pure. */
export const CRASH_BASE_MS = 10_000;
export const CRASH_MAX_MS = 300_000;
/** A container that ran this long since its last restart starts over at the base. */
const CRASH_RESET_MS = 2 * CRASH_MAX_MS;

export interface CrashRecord {
  readonly delayMs: number;
  /** When the delay was last raised: at the last restart. */
  readonly since: number;
}

/** When a container that ended at `endedAt` may be started again: at once where it is the first time. */
export function restartTime(record: CrashRecord | undefined, endedAt: number): number {
  return record === undefined || endedAt - record.since > CRASH_RESET_MS ? endedAt : endedAt + record.delayMs;
}

/** The record after a restart at `now` of a container that ended at `endedAt`. */
export function afterRestart(record: CrashRecord | undefined, endedAt: number, now: number): CrashRecord {
  const fresh = record === undefined || endedAt - record.since > CRASH_RESET_MS;
  return { delayMs: fresh ? CRASH_BASE_MS : Math.min(CRASH_MAX_MS, record.delayMs * 2), since: now };
}
