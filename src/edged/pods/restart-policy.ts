/** Whether a container that has ended runs again, and whether a pod is at its end. Pure. */
import type { Pod } from '../../api/kinds.ts';
import type { ObservedContainer } from '../runtime.ts';
import { newestOf, type PodObservation } from './observation.ts';
import { appContainersOf, initContainersOf, type PodContainer } from './pod-view.ts';

export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/** Sidecars always come back, init containers until they have succeeded, ephemeral ones never. */
export function restartPolicyOf(pod: Pod, container: PodContainer): RestartPolicy {
  if (container.role === 'sidecar') return 'Always';
  if (container.role === 'ephemeral') return 'Never';
  const ofPod = (pod.spec?.restartPolicy ?? 'Always') as RestartPolicy;
  if (container.role === 'init') return ofPod === 'Never' ? 'Never' : 'OnFailure';
  return (container.spec.restartPolicy as RestartPolicy | undefined) ?? ofPod;
}

/** Whether it starts again after this end. */
export function restarts(pod: Pod, container: PodContainer, ended: ObservedContainer): boolean {
  if (ended.state.kind !== 'exited') return false;
  const policy = restartPolicyOf(pod, container);
  return policy === 'Always' || (policy === 'OnFailure' && ended.state.exitCode !== 0);
}

/** Whether nothing is left to run: all containers ended for good, or an init container failed for good. */
export function isFinished(pod: Pod, observed: PodObservation): boolean {
  const apps = appContainersOf(pod);
  const started = apps.some((app) => newestOf(observed, app.name) !== undefined);
  if (!started) return initContainersOf(pod).some((init) => failedForGood(pod, init, observed));
  return apps.every((app) => {
    const newest = newestOf(observed, app.name);
    return newest?.state.kind === 'exited' && !restarts(pod, app, newest);
  });
}

export function failedForGood(pod: Pod, container: PodContainer, observed: PodObservation): boolean {
  const newest = newestOf(observed, container.name);
  if (newest?.state.kind !== 'exited' || newest.state.exitCode === 0) return false;
  return !restarts(pod, container, newest);
}
