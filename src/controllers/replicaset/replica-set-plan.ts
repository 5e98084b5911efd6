import type { Pod, ReplicaSet } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import { LabelSelector } from '../../api/selectors.ts';
import type { Plan } from '../../client/index.ts';
import { type ClaimAction, type Claims, claimActions, controllerReference } from '../ownership/claim.ts';
import { deletionOrder } from '../pods/deletion-order.ts';
import { isActive, isAvailable, isFinished, isReady, nextAvailabilityMs } from '../pods/pod-state.ts';
import { findCondition, withCondition, withoutCondition } from '../runtime/conditions.ts';
import { REPLICA_SETS } from '../runtime/resources.ts';
import { timestamp } from '../runtime/time.ts';

type ReplicaSetStatus = NonNullable<ReplicaSet['status']>;

export interface ReplicaSetState {
  readonly replicaSet: ReplicaSet;
  readonly pods: Claims<Pod>;
  /** The pods of all replica sets of the same controller: looked at only where some must go. */
  readonly familyPods: () => readonly Pod[];
  /** Why the last creation or deletion failed. */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

export type ReplicaSetAction =
  | ClaimAction
  | { readonly kind: 'create'; readonly reason: string; readonly replicaSet: ReplicaSet; readonly count: number }
  | { readonly kind: 'delete'; readonly reason: string; readonly replicaSet: ReplicaSet; readonly pods: readonly Pod[] }
  | {
      readonly kind: 'status';
      readonly reason: string;
      readonly replicaSet: ReplicaSet;
      readonly status: ReplicaSetStatus;
    };

/** No more than this in one go; the rest follows in the next round. */
const BURST_REPLICAS = 500;

export function planReplicaSet(state: ReplicaSetState, now: number): Plan<ReplicaSetAction> {
  const { replicaSet, pods, failure } = state;
  const claims = claimActions(pods, controllerReference(replicaSet, REPLICA_SETS));
  if (claims.length > 0) return { actions: claims };
  const scaling = replicaSet.metadata?.deletionTimestamp === undefined ? scale(state, now) : [];
  const status = statusOf(state, now);
  const stale = !equalJson(status, replicaSet.status ?? { replicas: 0 });
  const telling: ReplicaSetAction[] = stale ? [{ kind: 'status', reason: 'the pods changed', replicaSet, status }] : [];
  return {
    // With a failure known the status goes first, since the scaling may fail again; otherwise the next round tells.
    actions: scaling.length === 0 || failure !== undefined ? [...telling, ...scaling] : scaling,
    recheckAfterMs: nextAvailabilityMs(pods.owned.filter(isActive), replicaSet.spec?.minReadySeconds ?? 0, now),
  };
}

function scale({ replicaSet, pods, familyPods }: ReplicaSetState, now: number): ReplicaSetAction[] {
  const active = pods.owned.filter(isActive);
  const wanted = replicaSet.spec?.replicas ?? 1;
  const reason = `${active.length} of ${wanted} replicas`;
  if (active.length < wanted) {
    return [{ kind: 'create', reason, replicaSet, count: Math.min(wanted - active.length, BURST_REPLICAS) }];
  }
  if (active.length === wanted) return [];
  const surplus = deletionOrder(active, familyPods(), now).slice(0, Math.min(active.length - wanted, BURST_REPLICAS));
  return [{ kind: 'delete', reason, replicaSet, pods: surplus }];
}

function statusOf({ replicaSet, pods, failure }: ReplicaSetState, now: number): ReplicaSetStatus {
  const { spec, metadata, status: old } = replicaSet;
  const active = pods.owned.filter(isActive);
  const template = LabelSelector.ofLabels(spec?.template?.metadata?.labels ?? {});
  const minReadySeconds = spec?.minReadySeconds ?? 0;
  const conditions = conditionsOf(replicaSet, active.length, failure, now);
  const terminating = pods.owned.filter(
    (pod) => !isFinished(pod) && pod.metadata?.deletionTimestamp !== undefined,
  ).length;
  return {
    replicas: active.length,
    ...positive('fullyLabeledReplicas', active.filter((pod) => template.matches(pod.metadata?.labels)).length),
    ...positive('readyReplicas', active.filter(isReady).length),
    ...positive('availableReplicas', active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length),
    terminatingReplicas: terminating,
    observedGeneration: Math.max(metadata?.generation ?? 0, old?.observedGeneration ?? 0),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

function conditionsOf(
  { spec, status }: ReplicaSet,
  active: number,
  failure: ReplicaSetState['failure'],
  now: number,
): NonNullable<ReplicaSetStatus['conditions']> {
  const old = status?.conditions;
  if (failure === undefined || active === (spec?.replicas ?? 1)) return withoutCondition(old, 'ReplicaFailure');
  if (findCondition(old, 'ReplicaFailure') !== undefined) return [...(old ?? [])];
  const lastTransitionTime = timestamp(now);
  return withCondition(old, { type: 'ReplicaFailure', status: 'True', lastTransitionTime, ...failure });
}

/** Counts of zero are left out on the wire. */
function positive<K extends string>(name: K, count: number): { [N in K]?: number } {
  return count > 0 ? ({ [name]: count } as { [N in K]: number }) : {};
}
