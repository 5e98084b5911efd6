/** What is known of a container by its state and its probes together. Pure. */
import type { ObservedContainer } from '../runtime.ts';
import { isRunning } from './observation.ts';
import { containerTarget } from './pod-action.ts';
import type { PodContainer } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';

/** Runs, but the hook after its start has not come to its end: until then nobody is told that it runs. */
export function isInPostStart(container: PodContainer, observed: ObservedContainer, world: PodWorld): boolean {
  if (container.spec.lifecycle?.postStart === undefined) return false;
  const action = world.inFlight.get(containerTarget(container.name));
  return action?.kind === 'startContainer' && action.attempt === observed.attempt;
}

/** Runs, and its startup probe (if any) has passed. */
export function hasStarted(container: PodContainer, observed: ObservedContainer, world: PodWorld): boolean {
  if (!isRunning(observed) || isInPostStart(container, observed, world)) return false;
  return world.probes.get(observed.id)?.started ?? container.spec.startupProbe === undefined;
}

/** Has started, and its readiness probe (if any) passes. An init container is ready once it has succeeded. */
export function isReady(container: PodContainer, observed: ObservedContainer, world: PodWorld): boolean {
  if (container.role === 'init') return observed.state.kind === 'exited' && observed.state.exitCode === 0;
  if (container.role === 'ephemeral' || !hasStarted(container, observed, world)) return false;
  return world.probes.get(observed.id)?.ready ?? container.spec.readinessProbe === undefined;
}
