/** Ended containers and sandboxes that nobody asks for any more. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { historyOf } from './observation.ts';
import type { PodAction } from './pod-action.ts';
import { allContainersOf } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';

export function planGarbage(pod: Pod, world: PodWorld): PodAction[] {
  const { observed } = world;
  const known = new Set(allContainersOf(pod).map(({ name }) => name));
  const names = new Set(observed.containers.map(({ name }) => name));
  const containers = [...names].flatMap((name) => {
    const history = historyOf(observed, name);
    const ended = history.filter(({ state }) => state.kind === 'exited');
    const unused = history.slice(1).filter(({ state }) => state.kind === 'created');
    return [...ended.slice(known.has(name) ? kept(world, history[0] === ended[0]) : 0), ...unused];
  });
  const sandboxes = observed.sandboxes.slice(1).filter(({ state }) => state.kind !== 'running');
  return [...containers, ...sandboxes].map(({ id }) => ({ kind: 'remove', target: `object:${id}`, id }));
}

/** The newest is what the status speaks of: kept also where none shall be. */
function kept(world: PodWorld, newestHasEnded: boolean): number {
  if (world.discarded === true) return 0;
  return Math.max(world.maxDeadContainers, newestHasEnded ? 1 : 0);
}
