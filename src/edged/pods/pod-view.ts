/** A pod's specification as the plan reads it. Pure. */
import type { Container, Pod } from '../../api/kinds.ts';
import type { PodIdentity } from '../runtime.ts';

/** Grace period where the pod names none. */
const DEFAULT_GRACE_SECONDS = 30;

/**
 * `init` runs to its end before the next, `sidecar` is an init container that stays, `ephemeral` is started once and
 * never again.
 */
export type ContainerRole = 'init' | 'sidecar' | 'app' | 'ephemeral';

export interface PodContainer {
  readonly name: string;
  readonly role: ContainerRole;
  readonly spec: Container;
}

export function identityOf(pod: Pod): PodIdentity {
  const { namespace = 'default', name = '', uid = '' } = pod.metadata ?? {};
  return { namespace, name, uid };
}

/** `web_default(6f9c…)`: how kubelet names a pod in its messages. */
export function podFullName(pod: PodIdentity): string {
  return `${pod.name}_${pod.namespace}(${pod.uid})`;
}

export function initContainersOf(pod: Pod): PodContainer[] {
  return (pod.spec?.initContainers ?? []).map((spec) => ({
    name: spec.name,
    role: spec.restartPolicy === 'Always' ? 'sidecar' : 'init',
    spec,
  }));
}

export function appContainersOf(pod: Pod): PodContainer[] {
  return (pod.spec?.containers ?? []).map((spec) => ({ name: spec.name, role: 'app', spec }));
}

export function ephemeralContainersOf(pod: Pod): PodContainer[] {
  return (pod.spec?.ephemeralContainers ?? []).map((spec) => ({
    name: spec.name,
    role: 'ephemeral',
    spec: spec as Container,
  }));
}

export function allContainersOf(pod: Pod): PodContainer[] {
  return [...initContainersOf(pod), ...appContainersOf(pod), ...ephemeralContainersOf(pod)];
}

/** Seconds that the pod's containers get to end by themselves. */
export function graceSecondsOf(pod: Pod): number {
  return pod.metadata?.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
}

export function isTerminal(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}
