/** Whether, and why, a pod is at its end. Pure. */
import type { Pod } from '../../api/kinds.ts';
import type { PodWorld } from './pod-world.ts';
import { isTerminal } from './pod-view.ts';
import { isFinished } from './restart-policy.ts';

export type Ending = 'deleted' | 'evicted' | 'deadlineExceeded' | 'finished';

export function endingOf(pod: Pod, world: PodWorld, now: number): Ending | undefined {
  if (pod.metadata?.deletionTimestamp !== undefined) return 'deleted';
  // A phase that has ended never goes back, whatever the runtime may say.
  if (isTerminal(pod.status?.phase)) return 'finished';
  if (world.evicted !== undefined) return 'evicted';
  const deadline = deadlineOf(pod, world);
  if (deadline !== undefined && now >= deadline) return 'deadlineExceeded';
  return isFinished(pod, world.observed) ? 'finished' : undefined;
}

/** When `activeDeadlineSeconds` is over. */
export function deadlineOf(pod: Pod, world: PodWorld): number | undefined {
  const seconds = pod.spec?.activeDeadlineSeconds;
  return seconds === undefined ? undefined : startTimeOf(pod, world) + seconds * 1000;
}

/** When this node took the pod up, also across restarts of the process. */
export function startTimeOf(pod: Pod, world: PodWorld): number {
  return pod.status?.startTime === undefined ? world.startedAt : Date.parse(pod.status.startTime);
}
