import { setImmediate } from 'node:timers/promises';

const DEADLINE_MS = 60_000;

/** For what happens within this process and tells nobody: looks at every turn of the loop, and fails in the end. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const limit = AbortSignal.timeout(DEADLINE_MS);
  while (!holds()) {
    if (limit.aborted) throw new Error(`never happened: ${what}`);
    await setImmediate();
  }
}
