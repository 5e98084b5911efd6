import type { ObservedContainer, ObservedObject, ObservedSandbox } from '../runtime.ts';

/** What the runtime holds of one pod, newest first. */
export interface PodObservation {
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
}

export const NOTHING_OBSERVED: PodObservation = { sandboxes: [], containers: [] };

export function observationOf(objects: readonly ObservedObject[]): PodObservation {
  return {
    sandboxes: objects.filter((object) => object.kind === 'sandbox'),
    containers: objects.filter((object) => object.kind === 'container'),
  };
}

/** The newest sandbox, if it runs. */
export function liveSandbox(observed: PodObservation): ObservedSandbox | undefined {
  const newest = observed.sandboxes[0];
  return newest?.state.kind === 'running' ? newest : undefined;
}

/** All that was made for this container of the pod, newest first. */
export function historyOf(observed: PodObservation, name: string): readonly ObservedContainer[] {
  return observed.containers.filter((container) => container.name === name);
}

export function newestOf(observed: PodObservation, name: string): ObservedContainer | undefined {
  return observed.containers.find((container) => container.name === name);
}

export function isRunning(container: ObservedContainer | undefined): boolean {
  return container?.state.kind === 'running';
}

export function runningContainers(observed: PodObservation): readonly ObservedContainer[] {
  return observed.containers.filter(isRunning);
}
