/** What to do next for one pod. Pure: `plan` of a world in which its actions were done is empty. */
import type { Pod } from '../../api/kinds.ts';
import { planEnd, planOrphan } from './plan-end.ts';
import { planRun } from './plan-run.ts';
import type { Plan, PodAction, StopAction } from './pod-action.ts';
import type { PodWorld } from './pod-world.ts';
import { nextLook } from './problems.ts';
import { endingOf } from './pod-ending.ts';

/** `pod` is undefined where the API has no such pod: what runs of it has to go. */
export function plan(pod: Pod | undefined, world: PodWorld, now: number): Plan {
  const { actions, wakeAt } = whole(pod, world, now);
  const free = actions.flatMap((action) => unlessInFlight(action, world));
  const held = free.filter((action) => isHeld(action, world, now));
  const times = [...held.map(({ target }) => nextLook(world.problems.get(target), now)), wakeAt];
  const earliest = Math.min(...times.filter((time) => time !== undefined));
  const due = free.filter((action) => !held.includes(action));
  return { actions: due, ...(earliest === Number.POSITIVE_INFINITY ? {} : { wakeAt: earliest }) };
}

/** Not before the time that the last failure of the same action has set. */
function isHeld(action: PodAction, world: PodWorld, now: number): boolean {
  const problem = world.problems.get(action.target);
  return problem !== undefined && problem.action === action.kind && problem.retryAt > now;
}

function whole(pod: Pod | undefined, world: PodWorld, now: number): Plan {
  if (pod === undefined) return { actions: [...cancellations(world), ...planOrphan(world)] };
  const ending = endingOf(pod, world, now);
  if (ending !== undefined) return { actions: [...cancellations(world), ...planEnd(pod, world, ending, now)] };
  return planRun(pod, world, now);
}

const CANCELLED_BY_THE_END: ReadonlySet<PodAction['kind']> = new Set([
  'prepareVolumes',
  'createSandbox',
  'startContainer',
]);

function cancellations(world: PodWorld): PodAction[] {
  return [...world.inFlight.values()]
    .filter(({ kind }) => CANCELLED_BY_THE_END.has(kind))
    .map(({ target }) => ({ kind: 'cancel', target }));
}

/** One action at a time on a target, save that a stop may be overtaken by one with less patience. */
function unlessInFlight(action: PodAction, world: PodWorld): PodAction[] {
  const current = world.inFlight.get(action.target);
  if (current === undefined || action.kind === 'cancel') return [action];
  if (action.kind === 'stopContainer' && current.kind === 'stopContainer') return overtaking(action, current);
  return [];
}

function overtaking(action: StopAction, current: StopAction): PodAction[] {
  return action.graceSeconds < current.graceSeconds ? [{ ...action, hurry: true }] : [];
}
