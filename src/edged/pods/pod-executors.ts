import type { Pod } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import { PodProblem } from '../pod-problem.ts';
import { ContainerStarter } from './container-starter.ts';
import { ContainerStopper } from './container-stopper.ts';
import type { PodObservation } from './observation.ts';
import type { PodAction } from './pod-action.ts';
import type { PodMemory } from './pod-memory.ts';
import { placeOf } from './pod-place.ts';
import type { PodTools } from './pod-tools.ts';
import { identityOf, podFullName } from './pod-view.ts';
import { startSandbox } from './sandbox-starter.ts';

const PODS = builtIn('v1', 'pods');
/**
 * How often the content of volumes is compared with the objects it comes from, though no watch has told of a change; spread so
 * that pods do not march in step.
 */
const VOLUME_REFRESH_MS = 60_000;
const VOLUME_REFRESH_SPREAD = 0.5;

/** The pod as it was when the action was decided. */
export interface Turn {
  readonly uid: string;
  /** Undefined for what the API does not know. */
  readonly pod: Pod | undefined;
  readonly observed: PodObservation;
  readonly memory: PodMemory;
  readonly signal: AbortSignal;
}

export type PodExecutors = {
  readonly [K in PodAction['kind']]: (action: Extract<PodAction, { kind: K }>, turn: Turn) => Promise<void>;
};

/** Runs an action; which executor belongs to it is beyond what TypeScript can follow. */
export function execute(executors: PodExecutors, action: PodAction, turn: Turn): Promise<void> {
  const executor = executors[action.kind] as (action: PodAction, turn: Turn) => Promise<void>;
  return executor(action, turn);
}

export function podExecutors(tools: PodTools): PodExecutors {
  const starter = new ContainerStarter(tools);
  const stopper = new ContainerStopper(tools);
  return {
    prepareVolumes: (_, turn) => prepareVolumes(tools, turn),
    createSandbox: ({ attempt }, { pod, signal }) => given(pod, (pod) => startSandbox(pod, attempt, tools, signal)),
    startContainer: (action, { pod, observed, memory, signal }) =>
      given(pod, async (pod) => {
        if (action.crash !== undefined) memory.crashes.set(action.container.name, action.crash);
        await starter.start(pod, observed, action, signal);
      }),
    stopContainer: (action, { pod, observed, signal }) => stopper.stop(pod, observed, action, signal),
    resizeContainer: async ({ id, limits }, { memory, signal }) => {
      await tools.runtime.resize(id, limits, signal);
      memory.resized.set(id, limits);
    },
    stopSandbox: ({ id }, { signal }) => tools.runtime.stop(id, 0, signal),
    remove: ({ id }, { signal }) => tools.runtime.remove(id, signal),
    announceBackOff: async (action, turn) => announceBackOff(tools, action, turn),
    // The worker itself ends what is under way; nothing is left to do.
    cancel: () => Promise.resolve(),
    tearDownVolumes: async (_, { uid, memory }) => {
      await tools.volumes.tearDown(uid);
      memory.volumes = 'gone';
    },
    releasePod: (_, turn) => given(turn.pod, (pod) => releasePod(tools, pod, turn)),
  };
}

async function given(pod: Pod | undefined, run: (pod: Pod) => Promise<void>): Promise<void> {
  if (pod !== undefined) await run(pod);
}

async function prepareVolumes(tools: PodTools, { pod, observed, memory, signal }: Turn): Promise<void> {
  if (pod === undefined) return;
  const { volumes, events, clock, random } = tools;
  const { contentChanges } = memory;
  try {
    const renewAt = await volumes.prepare(pod, placeOf(pod, observed, tools), signal);
    const refreshMs = VOLUME_REFRESH_MS * (1 + VOLUME_REFRESH_SPREAD * random());
    // What has changed meanwhile may have been read before or after.
    const next = memory.contentChanges === contentChanges ? clock.now() + refreshMs : clock.now();
    memory.renewVolumesAt = Math.min(next, renewAt ?? Number.POSITIVE_INFINITY);
    memory.volumes = 'ready';
  } catch (error) {
    if (error instanceof PodProblem) events.pod(pod, 'Warning', 'FailedMount', error.message);
    throw error;
  }
}

function announceBackOff(
  { events }: PodTools,
  { id, name }: Extract<PodAction, { kind: 'announceBackOff' }>,
  { pod, memory }: Turn,
): void {
  memory.announced.add(id);
  if (pod === undefined) return;
  const text = `Back-off restarting failed container ${name} in pod ${podFullName(identityOf(pod))}`;
  events.container(pod, name, 'Warning', 'BackOff', text);
}

/** The last status goes first: whoever waits for the pod's result reads it there. */
async function releasePod({ client, statuses }: PodTools, pod: Pod, { memory, signal }: Turn): Promise<void> {
  const { namespace, name, uid } = identityOf(pod);
  await statuses.flush(uid, signal);
  try {
    await client.delete(PODS, { namespace, name }, signal, { gracePeriodSeconds: 0, preconditions: { uid } });
  } catch (error) {
    // Gone already, or another pod has its name: either way this one is released.
    if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
  }
  memory.released = true;
}
