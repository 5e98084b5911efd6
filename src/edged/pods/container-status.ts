/** One container's entry in a pod's status, as kubelet writes it. Pure. */
import type { ContainerState, ContainerStatus, Pod } from '../../api/kinds.ts';
import type { ObservedContainer } from '../runtime.ts';
import { restartTime } from './crash-backoff.ts';
import { hasLimits } from './has-limits.ts';
import { historyOf, liveSandbox } from './observation.ts';
import { containerTarget } from './pod-action.ts';
import type { Ending } from './pod-ending.ts';
import { identityOf, type PodContainer, podFullName } from './pod-view.ts';
import type { Problem, PodWorld } from './pod-world.ts';
import { shownProblem } from './problems.ts';
import { restarts } from './restart-policy.ts';
import { limitsOf } from './runtime-specs.ts';
import { hasStarted, isInPostStart, isReady } from './verdict.ts';

/** What a killed container's end is called when nobody saw it. */
const UNSEEN_EXIT_CODE = 137;

export interface StatusContext {
  readonly pod: Pod;
  readonly world: PodWorld;
  readonly now: number;
  readonly ending: Ending | undefined;
}

export function containerStatusOf(context: StatusContext, container: PodContainer): ContainerStatus {
  const history = historyOf(context.world.observed, container.name);
  const newest = history[0];
  if (newest === undefined) return unseenStatus(context, container);
  const state = stateOf(context, container, newest);
  const before = state.waiting !== undefined && newest.state.kind === 'exited' ? newest : history[1];
  return {
    name: container.name,
    state,
    lastState: before === undefined ? {} : lastStateOf(context, before),
    ready: isReady(container, newest, context.world),
    restartCount: newest.attempt,
    image: container.spec.image ?? newest.image,
    imageID: `docker://${newest.imageId}`,
    containerID: dockerId(newest),
    started: hasStarted(container, newest, context.world),
    ...resourcesOf(context, container, newest),
  };
}

/** What the container was promised, and what it has: another thing while a new size has not reached it yet. */
function resourcesOf(
  { pod, world }: StatusContext,
  { name, spec }: PodContainer,
  newest: ObservedContainer,
): Pick<ContainerStatus, 'allocatedResources' | 'resources'> {
  const { requests, limits, claims } = spec.resources ?? {};
  if (newest.state.kind !== 'running' || (requests === undefined && limits === undefined)) return {};
  const asked = {
    ...(claims === undefined ? {} : { claims }),
    ...(limits === undefined ? {} : { limits }),
    ...(requests === undefined ? {} : { requests }),
  };
  const before = pod.status?.containerStatuses?.find((each) => each.name === name)?.resources;
  const resources = hasLimits(newest, limitsOf(spec), world) ? asked : (before ?? asked);
  return { ...(requests === undefined ? {} : { allocatedResources: requests }), resources };
}

export function dockerId(container: { readonly id: string }): string {
  return `docker://${container.id}`;
}

function stateOf(context: StatusContext, container: PodContainer, newest: ObservedContainer): ContainerState {
  const { state } = newest;
  const isComing = state.kind === 'created' || isInPostStart(container, newest, context.world);
  if (isComing && state.kind !== 'exited') return waiting(context, container);
  if (state.kind === 'running') return { running: { startedAt: rfc3339(state.startedAt) } };
  return restartWait(context, container, newest) ?? lastStateOf(context, newest);
}

/** A container that comes back waits: for its back-off, or because its start fails. */
function restartWait(
  context: StatusContext,
  container: PodContainer,
  ended: ObservedContainer,
): ContainerState | undefined {
  const { pod, world, now } = context;
  if (context.ending !== undefined || ended.state.kind !== 'exited') return undefined;
  if (!restarts(pod, container, ended)) return undefined;
  const record = world.crashes.get(container.name);
  const problem = startProblem(context, container);
  // The record of a restart that is under way speaks of the next end.
  const isStarting = world.inFlight.get(containerTarget(container.name))?.kind === 'startContainer';
  const isBackingOff = !isStarting && record !== undefined && restartTime(record, ended.state.finishedAt) > now;
  if (problem !== undefined && (problem.retryAt > now || !isBackingOff)) return waitingFor(shownProblem(problem, now));
  if (!isBackingOff) return undefined;
  const delay = goDuration(record.delayMs);
  const text = `back-off ${delay} restarting failed container=${container.name} pod=${podFullName(identityOf(pod))}`;
  return waitingFor({ reason: 'CrashLoopBackOff', message: text });
}

function lastStateOf(context: StatusContext, ended: ObservedContainer): ContainerState {
  if (ended.state.kind !== 'exited') return {};
  const { startedAt, finishedAt, exitCode, error } = ended.state;
  const message = context.world.terminationMessages.get(ended.id) || toldBefore(context.pod, ended) || error;
  return {
    terminated: {
      exitCode,
      reason: terminationReason(ended),
      ...(message === '' ? {} : { message }),
      startedAt: rfc3339(startedAt ?? finishedAt),
      finishedAt: rfc3339(finishedAt),
      containerID: dockerId(ended),
    },
  };
}

/** What was already said of this end: its file goes with the pod's volumes. */
function toldBefore(pod: Pod, ended: ObservedContainer): string | undefined {
  const known = knownStatus(pod, ended.name);
  const ends = [known?.state?.terminated, known?.lastState?.terminated];
  return ends.find((terminated) => terminated?.containerID === dockerId(ended))?.message;
}

function terminationReason({ state }: ObservedContainer): string {
  if (state.kind !== 'exited') return '';
  if (state.oomKilled) return 'OOMKilled';
  if (state.startedAt === undefined) return 'ContainerCannotRun';
  return state.exitCode === 0 ? 'Completed' : 'Error';
}

/** A container of which the runtime knows nothing: not made yet, or gone. */
function unseenStatus(context: StatusContext, container: PodContainer): ContainerStatus {
  const known = knownStatus(context.pod, container.name);
  const ran = known?.containerID !== undefined && known.containerID !== '';
  if (ran && known.state?.terminated !== undefined && !comesBack(context)) return known;
  if (ran) return lostStatus(context, container, known);
  return {
    name: container.name,
    state: waiting(context, container),
    lastState: {},
    ready: false,
    restartCount: 0,
    image: container.spec.image ?? '',
    imageID: '',
    started: false,
  };
}

/** Whether the pod still runs, so that a container which is gone is made anew. */
function comesBack(context: StatusContext): boolean {
  return context.ending === undefined && liveSandbox(context.world.observed) === undefined;
}

function lostStatus(context: StatusContext, container: PodContainer, known: ContainerStatus): ContainerStatus {
  const ended = known.state?.terminated === undefined ? lost(context) : known.state;
  const status = { ...known, ready: false, started: false };
  if (context.ending !== undefined) return { ...status, state: ended };
  return {
    ...status,
    state: waiting(context, container),
    lastState: ended,
    restartCount: known.restartCount + 1,
  };
}

function lost({ ending }: StatusContext): ContainerState {
  const when = ending === undefined ? 'deleted.  The container used to be Running' : 'terminated';
  const message = `The container could not be located when the pod was ${when}`;
  return { terminated: { exitCode: UNSEEN_EXIT_CODE, reason: 'ContainerStatusUnknown', message } };
}

function waiting(context: StatusContext, container: PodContainer): ContainerState {
  const problem = startProblem(context, container);
  if (problem !== undefined) return waitingFor(shownProblem(problem, context.now));
  const hasInits = (context.pod.spec?.initContainers ?? []).length > 0;
  return { waiting: { reason: hasInits ? 'PodInitializing' : 'ContainerCreating' } };
}

function startProblem({ world }: StatusContext, { name }: PodContainer): Problem | undefined {
  const problem = world.problems.get(containerTarget(name));
  return problem?.action === 'startContainer' ? problem : undefined;
}

function waitingFor({ reason, message }: Pick<Problem, 'reason' | 'message'>): ContainerState {
  return { waiting: { reason, ...(message === '' ? {} : { message }) } };
}

function knownStatus(pod: Pod, name: string): ContainerStatus | undefined {
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (status) => status.name === name,
  );
}

/** Whole seconds, as `metav1.Time` is written. */
export function rfc3339(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** `10s`, `1m20s`, `5m0s`: how Go prints whole seconds. */
export function goDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
