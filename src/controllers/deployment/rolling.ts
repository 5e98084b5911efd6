import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { availableIn, replicasOf, rollingBounds, wantedBy } from './deployment-state.ts';

/** A replica set and the size it should have. */
export interface Resize {
  readonly replicaSet: ReplicaSet;
  readonly replicas: number;
}

/** The size of the new replica set: as far up as the surge allows (upstream `NewRSNewReplicas`). */
export function newSize(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): number {
  const wanted = replicasOf(deployment);
  const size = replicasOf(current);
  if (size >= wanted) return wanted;
  const room = wanted + rollingBounds(deployment).maxSurge - size - wantedBy(old);
  return room <= 0 ? size : Math.min(wanted, size + room);
}

/** How far the old replica sets may go down: first what is broken anyway, then as availability allows. */
export function shrinkOld(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Resize[] {
  const minAvailable = replicasOf(deployment) - rollingBounds(deployment).maxUnavailable;
  const currentUnavailable = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const spare = replicasOf(current) + wantedBy(old) - minAvailable - currentUnavailable;
  if (wantedBy(old) === 0 || spare <= 0) return [];
  const sizes = new Map(old.map((replicaSet) => [replicaSet, replicasOf(replicaSet)]));
  shrink(sizes, spare, (replicaSet, size) => size - (replicaSet.status?.availableReplicas ?? 0));
  // A status may still count pods that are to go already; upstream believes it and may take too many.
  const staying = [current, ...old].reduce((sum, each) => sum + Math.min(replicasOf(each), availableIn([each])), 0);
  shrink(sizes, staying - minAvailable, (_, size) => size);
  return [...sizes]
    .filter(([replicaSet, replicas]) => replicas !== replicasOf(replicaSet))
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas }));
}

/** Takes at most `budget` replicas in all, from the first to the last, and of each no more than `upTo` says. */
function shrink(
  sizes: Map<ReplicaSet, number>,
  budget: number,
  upTo: (replicaSet: ReplicaSet, size: number) => number,
): void {
  let left = budget;
  for (const [replicaSet, size] of sizes) {
    const less = Math.max(0, Math.min(left, size, upTo(replicaSet, size)));
    sizes.set(replicaSet, size - less);
    left -= less;
  }
}
