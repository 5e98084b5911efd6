/** What a series of answers means: thresholds of one probe of one container. Pure. */
import type { Probe } from '../../api/kinds.ts';
import type { Answer } from './answer.ts';

export type ProbeKind = 'startup' | 'readiness' | 'liveness';

export interface ProbeState {
  readonly passing: boolean;
  /** Equal answers in a row. */
  readonly run: number;
  readonly lastOk: boolean | undefined;
}

const DEFAULT_FAILURE_THRESHOLD = 3;
const DEFAULT_SUCCESS_THRESHOLD = 1;

/** Before the first answer a container is alive, not ready and not started. */
export function initialState(kind: ProbeKind): ProbeState {
  return { passing: kind === 'liveness', run: 0, lastOk: undefined };
}

export function afterAnswer(state: ProbeState, probe: Probe, ok: Answer['ok']): ProbeState {
  const run = state.lastOk === ok ? state.run + 1 : 1;
  const threshold = ok ? (probe.successThreshold ?? DEFAULT_SUCCESS_THRESHOLD) : failureThreshold(probe);
  return { passing: run >= threshold ? ok : state.passing, run, lastOk: ok };
}

/** Whether so many failures have come in a row that the container must be killed. */
export function hasGivenUp(state: ProbeState, probe: Probe): boolean {
  return state.lastOk === false && state.run >= failureThreshold(probe);
}

function failureThreshold(probe: Probe): number {
  return probe.failureThreshold ?? DEFAULT_FAILURE_THRESHOLD;
}
