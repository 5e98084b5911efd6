/** `status.phase` from the containers' states: kubelet's `getPhase`. Pure. */
import type { ContainerStatus, Pod } from '../../api/kinds.ts';
import type { Ending } from './pod-ending.ts';
import { appContainersOf, initContainersOf, isTerminal } from './pod-view.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export function phaseOf(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  inits: readonly ContainerStatus[],
  ending: Ending | undefined,
): Phase {
  if (isTerminal(pod.status?.phase)) return pod.status?.phase as Phase;
  if (ending === 'deadlineExceeded' || ending === 'evicted') return 'Failed';
  const phase = livePhase(pod, statuses, inits);
  return ending === 'deleted' && nothingRuns(statuses) ? lastPhase(pod, statuses, phase) : phase;
}

function livePhase(pod: Pod, statuses: readonly ContainerStatus[], inits: readonly ContainerStatus[]): Phase {
  const policy = pod.spec?.restartPolicy ?? 'Always';
  const initRoles = new Map(initContainersOf(pod).map(({ name, role }) => [name, role]));
  const plain = inits.filter(({ name }) => initRoles.get(name) === 'init');
  if (policy === 'Never' && plain.some(hasFailed)) return 'Failed';
  if (!plain.every(hasSucceeded) && !statuses.some(({ state }) => state?.running !== undefined)) return 'Pending';
  if (statuses.length < appContainersOf(pod).length || statuses.some(neverRan)) return 'Pending';
  if (statuses.some(({ state }) => state?.running !== undefined)) return 'Running';
  if (policy === 'Always') return 'Running';
  if (statuses.every(hasSucceeded)) return 'Succeeded';
  return policy === 'Never' ? 'Failed' : 'Running';
}

/** What a deleted pod came to, for whoever waits for its result. */
function lastPhase(pod: Pod, statuses: readonly ContainerStatus[], phase: Phase): Phase {
  if (isTerminal(phase) || !statuses.some(({ state }) => state?.terminated !== undefined)) return phase;
  return statuses.every(hasSucceeded) ? 'Succeeded' : 'Failed';
}

function nothingRuns(statuses: readonly ContainerStatus[]): boolean {
  return statuses.every(({ state }) => state?.running === undefined);
}

function neverRan({ state, lastState }: ContainerStatus): boolean {
  return state?.waiting !== undefined && lastState?.terminated === undefined;
}

function hasSucceeded({ state }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0;
}

function hasFailed({ state }: ContainerStatus): boolean {
  return state?.terminated !== undefined && state.terminated.exitCode !== 0;
}
