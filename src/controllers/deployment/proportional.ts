import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { byAge } from '../runtime/time.ts';
import { DESIRED_REPLICAS, isRolling, MAX_REPLICAS, replicasOf, rollingBounds, wantedBy } from './deployment-state.ts';
import type { Resize } from './rolling.ts';

/**
 * How a change of `spec.replicas` is shared out while a roll-out is under way or paused (upstream `sync.go` scale): a
 * single replica set takes it all, a saturated new one empties the old, else each gets its part.
 */
export function rescale(deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): Resize[] {
  const single = singleActive(current, old);
  if (single !== undefined) return resized(single, replicasOf(deployment));
  if (current !== undefined && isSaturated(deployment, current)) return old.flatMap((each) => resized(each, 0));
  return isRolling(deployment) ? proportional(deployment, current, old) : [];
}

/** The one replica set that has pods, or the new one (failing that, the latest) where none has. */
function singleActive(current: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const all = current === undefined ? [...old] : [...old, current];
  const active = all.filter((replicaSet) => replicasOf(replicaSet) > 0);
  if (active.length === 0) return current ?? old.at(-1);
  return active.length === 1 ? active[0] : undefined;
}

function isSaturated(deployment: Deployment, current: ReplicaSet): boolean {
  const wanted = replicasOf(deployment);
  const sizedFor = Number(current.metadata?.annotations?.[DESIRED_REPLICAS]);
  return sizedFor === wanted && replicasOf(current) === wanted && (current.status?.availableReplicas ?? 0) === wanted;
}

function proportional(deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): Resize[] {
  const all = [...old, ...(current === undefined ? [] : [current])].sort(byAge);
  const active = all.filter((each) => replicasOf(each) > 0);
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + rollingBounds(deployment).maxSurge : 0;
  const toAdd = allowed - wantedBy(active);
  if (toAdd === 0) return [];
  const growing = toAdd > 0;
  // The biggest first; of equals the newest when growing, the oldest when shrinking.
  const ordered = (growing ? [...active].reverse() : active).sort((a, b) => replicasOf(b) - replicasOf(a));
  const parts = ordered.map((replicaSet) => ({ replicaSet, part: share(deployment, replicaSet) }));
  let added = 0;
  for (const each of parts) {
    const left = toAdd - added;
    each.part = growing ? Math.min(each.part, left) : Math.max(each.part, left);
    added += each.part;
  }
  const [first] = parts;
  if (first !== undefined) first.part += toAdd - added;
  return parts.flatMap(({ replicaSet, part }) => resized(replicaSet, Math.max(0, replicasOf(replicaSet) + part)));
}

/** By how much one replica set changes, so that it keeps its share of the size it was last scaled for. */
function share(deployment: Deployment, replicaSet: ReplicaSet): number {
  const size = replicasOf(replicaSet);
  const wanted = replicasOf(deployment);
  if (wanted === 0) return -size;
  const before = Number(replicaSet.metadata?.annotations?.[MAX_REPLICAS] ?? 0) || (deployment.status?.replicas ?? 0);
  return before > 0 ? Math.round((size * (wanted + rollingBounds(deployment).maxSurge)) / before) - size : 0;
}

function resized(replicaSet: ReplicaSet, replicas: number): Resize[] {
  return replicasOf(replicaSet) === replicas ? [] : [{ replicaSet, replicas }];
}
