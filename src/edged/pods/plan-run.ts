/** How a pod comes to run and stays so. Pure. */
import type { Pod } from '../../api/kinds.ts';
import type { ObservedContainer, ObservedSandbox, ResizableLimits } from '../runtime.ts';
import { containerHash } from './container-hash.ts';
import { afterRestart, type CrashRecord, restartTime } from './crash-backoff.ts';
import { hasLimits } from './has-limits.ts';
import { liveSandbox, newestOf, runningContainers } from './observation.ts';
import { stop } from './plan-end.ts';
import { planGarbage } from './plan-garbage.ts';
import { containerTarget, type Plan, type PodAction } from './pod-action.ts';
import { deadlineOf } from './pod-ending.ts';
import {
  allContainersOf,
  appContainersOf,
  ephemeralContainersOf,
  graceSecondsOf,
  initContainersOf,
  type PodContainer,
} from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';
import { restarts } from './restart-policy.ts';
import { limitsOf } from './runtime-specs.ts';
import { hasStarted } from './verdict.ts';

interface Run {
  readonly pod: Pod;
  readonly world: PodWorld;
  readonly now: number;
}

export function planRun(pod: Pod, world: PodWorld, now: number): Plan {
  const run = { pod, world, now };
  const deadline = deadlineOf(pod, world);
  return both({ actions: [], ...(deadline === undefined ? {} : { wakeAt: deadline }) }, running(run));
}

function running(run: Run): Plan {
  const { pod, world } = run;
  const sandbox = liveSandbox(world.observed);
  const strays = runningContainers(world.observed).filter((container) => isStray(run, container, sandbox));
  if (strays.length > 0) {
    return { actions: strays.map((stray) => stop(stray, graceSecondsOf(pod), 'SandboxChanged')) };
  }
  const volumes = volumesPlan(run);
  if (sandbox === undefined) return both(volumes, createSandbox(run));
  if (world.volumes !== 'ready' || world.inFlight.has('sandbox')) return volumes;
  return both(volumes, both({ actions: planGarbage(pod, world) }, containers(run, sandbox)));
}

function volumesPlan({ world, now }: Run): Plan {
  const due = world.volumes !== 'ready' || world.renewVolumesAt <= now;
  return due
    ? { actions: [{ kind: 'prepareVolumes', target: 'volumes' }] }
    : { actions: [], wakeAt: world.renewVolumesAt };
}

/** In a sandbox that is no more, not of this pod, or doubled. */
function isStray({ pod, world }: Run, container: ObservedContainer, sandbox: ObservedSandbox | undefined): boolean {
  if (container.sandboxId !== sandbox?.id || newestOf(world.observed, container.name) !== container) return true;
  return !allContainersOf(pod).some(({ name }) => name === container.name);
}

function createSandbox(run: Run): Plan {
  const attempt = (run.world.observed.sandboxes[0]?.attempt ?? -1) + 1;
  return { actions: [{ kind: 'createSandbox', target: 'sandbox', attempt }] };
}

function containers(run: Run, sandbox: ObservedSandbox): Plan {
  const { plan, initialized } = initContainers(run, sandbox);
  if (!initialized) return plan;
  const others = [...appContainersOf(run.pod), ...ephemeralContainersOf(run.pod)];
  return others.reduce((whole, container) => both(whole, maintain(run, container, sandbox)), plan);
}

/** In order, each after the one before: an `init` has succeeded, a `sidecar` has started. */
function initContainers(run: Run, sandbox: ObservedSandbox): { plan: Plan; initialized: boolean } {
  const { pod, world } = run;
  const past = appContainersOf(pod).some((app) => newestOf(world.observed, app.name)?.sandboxId === sandbox.id);
  let plan = NOTHING;
  for (const init of initContainersOf(pod)) {
    if (past && init.role === 'init') continue;
    const newest = newestOf(world.observed, init.name);
    const current = newest?.sandboxId === sandbox.id ? newest : undefined;
    if (init.role === 'init' && current?.state.kind === 'exited' && current.state.exitCode === 0) continue;
    plan = both(plan, maintain(run, init, sandbox));
    const passable = init.role === 'sidecar' && current !== undefined && hasStarted(init, current, world);
    if (!past && !passable) return { plan, initialized: false };
  }
  return { plan, initialized: true };
}

/** What one container needs: a start, a restart in due time, an end, or nothing. */
function maintain(run: Run, container: PodContainer, sandbox: ObservedSandbox): Plan {
  const { world } = run;
  if (world.inFlight.has(containerTarget(container.name))) return NOTHING;
  const newest = newestOf(world.observed, container.name);
  if (newest === undefined) return start(container, sandbox, attemptAfterLoss(run.pod, container));
  if (newest.state.kind === 'running') return { actions: unfit(run, container, newest) };
  if (newest.state.kind === 'exited') return restart(run, container, sandbox, newest, newest.state.finishedAt);
  // Only made: somebody was interrupted before the start.
  return start(container, sandbox, newest.attempt);
}

function start(container: PodContainer, sandbox: ObservedSandbox, attempt: number, crash?: CrashRecord): Plan {
  const action: PodAction = {
    kind: 'startContainer',
    target: containerTarget(container.name),
    container,
    attempt,
    sandboxId: sandbox.id,
    ...(crash === undefined ? {} : { crash }),
  };
  return { actions: [action] };
}

function restart(
  run: Run,
  container: PodContainer,
  sandbox: ObservedSandbox,
  ended: ObservedContainer,
  endedAt: number,
): Plan {
  const { pod, world, now } = run;
  const again = container.role === 'init' && ended.sandboxId !== sandbox.id;
  if (!again && !restarts(pod, container, ended)) return NOTHING;
  const record = world.crashes.get(container.name);
  const at = restartTime(record, endedAt);
  if (at <= now) return start(container, sandbox, ended.attempt + 1, afterRestart(record, endedAt, now));
  const announce: PodAction[] = world.announced.has(ended.id)
    ? []
    : [
        {
          kind: 'announceBackOff',
          target: containerTarget(container.name),
          id: ended.id,
          name: container.name,
          delayMs: record?.delayMs ?? 0,
        },
      ];
  return { actions: announce, wakeAt: at };
}

/** Ends what runs but should not: another image, or a probe that has given it up. */
function unfit(run: Run, container: PodContainer, running: ObservedContainer): PodAction[] {
  const grace = graceSecondsOf(run.pod);
  if (container.role !== 'ephemeral' && running.hash !== containerHash(container.spec)) {
    const text = `Container ${container.name} definition changed, will be restarted`;
    return [stop(running, grace, 'DefinitionChanged', text)];
  }
  const fatal = run.world.probes.get(running.id)?.fatal;
  if (fatal === undefined) return resize(run, container, running, grace);
  return [stop(running, fatal.graceSeconds ?? grace, 'ProbeFailed', fatal.message)];
}

/** New limits take effect while the container runs, unless it wants to be restarted for them. */
function resize(
  { world }: Run,
  container: PodContainer,
  running: ObservedContainer,
  graceSeconds: number,
): PodAction[] {
  const limits = limitsOf(container.spec);
  if (container.role === 'ephemeral' || hasLimits(running, limits, world)) return [];
  if (wantsRestart(container, running.limits, limits)) {
    const text = `Container ${container.name} resize requires restart`;
    return [stop(running, graceSeconds, 'DefinitionChanged', text)];
  }
  return [{ kind: 'resizeContainer', target: containerTarget(container.name), id: running.id, limits }];
}

function wantsRestart({ spec }: PodContainer, before: ResizableLimits, after: ResizableLimits): boolean {
  const changed = {
    cpu: before.cpuShares !== after.cpuShares || before.cpuQuota !== after.cpuQuota,
    memory: before.memoryBytes !== after.memoryBytes,
  };
  const policies = spec.resizePolicy ?? [];
  return policies.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' && changed[resourceName as keyof typeof changed],
  );
}

/** A container that the API remembers and the runtime does not counts as one restart. */
function attemptAfterLoss(pod: Pod, container: PodContainer): number {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  const known = [...containerStatuses, ...initContainerStatuses].find(({ name }) => name === container.name);
  return known?.containerID === undefined || known.containerID === '' ? 0 : known.restartCount + 1;
}

const NOTHING: Plan = { actions: [] };

function both(one: Plan, other: Plan): Plan {
  const times = [one.wakeAt, other.wakeAt].filter((time) => time !== undefined);
  const actions = [...one.actions, ...other.actions];
  return times.length === 0 ? { actions } : { actions, wakeAt: Math.min(...times) };
}
