/** How a pod ends: its containers, then its sidecars in reverse, its sandbox, its volumes, its object. Pure. */
import type { Pod } from '../../api/kinds.ts';
import type { ObservedContainer } from '../runtime.ts';
import { liveSandbox, runningContainers } from './observation.ts';
import { planGarbage } from './plan-garbage.ts';
import { containerTarget, type PodAction, type StopReason } from './pod-action.ts';
import type { Ending } from './pod-ending.ts';
import { graceSecondsOf, initContainersOf } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';

/** Even a hurried container gets this long, as in kubelet. */
const MIN_GRACE_SECONDS = 1;

const STOP_REASONS: Readonly<Record<Ending, StopReason>> = {
  deleted: 'PodDeleted',
  evicted: 'Evicted',
  deadlineExceeded: 'DeadlineExceeded',
  finished: 'PodFinished',
};

export function planEnd(pod: Pod, world: PodWorld, ending: Ending, now: number): PodAction[] {
  const running = nextToStop(pod, runningContainers(world.observed));
  if (running.length > 0) {
    const grace = ending === 'evicted' ? MIN_GRACE_SECONDS : remainingGrace(pod, world, now);
    return running.map((container) => stop(container, grace, STOP_REASONS[ending]));
  }
  if (ending !== 'deleted') return [...stopSandbox(world), ...tearDown(world), ...planGarbage(pod, world)];
  const left = removeAll(world);
  if (left.length > 0 || world.volumes !== 'gone') return [...left, ...tearDown(world)];
  return world.released ? [] : [{ kind: 'releasePod', target: 'pod' }];
}

/** Nobody speaks for these any more: the marks on the containers say how much time they get. */
export function planOrphan(world: PodWorld): PodAction[] {
  const running = runningContainers(world.observed);
  if (running.length > 0) return running.map((container) => stop(container, container.graceSeconds, 'Orphaned'));
  return [...removeAll(world), ...tearDown(world)];
}

export function stop(
  container: ObservedContainer,
  graceSeconds: number,
  reason: StopReason,
  message = `Stopping container ${container.name}`,
): PodAction {
  return {
    kind: 'stopContainer',
    target: containerTarget(container.name),
    id: container.id,
    name: container.name,
    graceSeconds: Math.max(MIN_GRACE_SECONDS, graceSeconds),
    reason,
    message,
    hurry: false,
  };
}

/** Sidecars serve the others to their end: the last one started goes first, one by one. */
function nextToStop(pod: Pod, running: readonly ObservedContainer[]): readonly ObservedContainer[] {
  const sidecars = initContainersOf(pod).filter(({ role }) => role === 'sidecar');
  const names = sidecars.map(({ name }) => name);
  const others = running.filter(({ name }) => !names.includes(name));
  if (others.length > 0) return others;
  const last = names.findLast((name) => running.some((container) => container.name === name));
  return running.filter(({ name }) => name === last);
}

/** What is left of the grace period once the first containers have used some of it. */
function remainingGrace(pod: Pod, world: PodWorld, now: number): number {
  const whole = graceSecondsOf(pod);
  const ended = world.observed.containers.some(({ state }) => state.kind === 'exited');
  const deadline = Date.parse(pod.metadata?.deletionTimestamp ?? '');
  if (!ended || Number.isNaN(deadline)) return whole;
  return Math.min(whole, Math.max(MIN_GRACE_SECONDS, Math.ceil((deadline - now) / 1000)));
}

function stopSandbox(world: PodWorld): PodAction[] {
  const sandbox = liveSandbox(world.observed);
  return sandbox === undefined ? [] : [{ kind: 'stopSandbox', target: 'sandbox', id: sandbox.id }];
}

function tearDown(world: PodWorld): PodAction[] {
  return world.volumes === 'gone' ? [] : [{ kind: 'tearDownVolumes', target: 'volumes' }];
}

function removeAll(world: PodWorld): PodAction[] {
  const { containers, sandboxes } = world.observed;
  return [...containers, ...sandboxes].map(({ id }) => ({ kind: 'remove', target: `object:${id}`, id }));
}
