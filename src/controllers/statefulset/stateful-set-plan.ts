import { equalJson } from '../../api/json.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { type ClaimAction, type Claims, claimActions, controllerReference } from '../ownership/claim.ts';
import { isAvailable, isFinished, isReady, nextAvailabilityMs } from '../pods/pod-state.ts';
import {
  forgetOld,
  presentRevision,
  recordPresent,
  REVISION_HASH,
  type RevisionAction,
  templateOf,
} from '../revisions/revision-history.ts';
import { STATEFUL_SETS } from '../runtime/resources.ts';
import {
  type ClaimLookup,
  hasLeavingClaim,
  lacksClaim,
  type Member,
  type OwnClaimAction,
  ownClaims,
} from './stateful-claims.ts';
import { ordinalOf, podNameOf, statefulPod } from './stateful-pod.ts';

export type StatefulSetStatus = NonNullable<StatefulSet['status']>;

export interface StatefulSetState {
  readonly set: StatefulSet;
  readonly pods: Claims<Pod>;
  readonly history: readonly ControllerRevision[];
  readonly claimOf: ClaimLookup;
}

export type StatefulSetAction =
  | ClaimAction
  | RevisionAction
  | OwnClaimAction
  | {
      readonly kind: 'create-claims';
      readonly reason: string;
      readonly set: StatefulSet;
      readonly ordinal: number;
    }
  | {
      readonly kind: 'create';
      readonly reason: string;
      readonly set: StatefulSet;
      readonly ordinal: number;
      readonly pod: Pod;
    }
  | { readonly kind: 'delete'; readonly reason: string; readonly set: StatefulSet; readonly pod: Pod }
  | { readonly kind: 'status'; readonly reason: string; readonly set: StatefulSet; readonly status: StatefulSetStatus };

/** The set with its pods in their places. */
interface Lineup {
  readonly set: StatefulSet;
  readonly now: number;
  /** By ordinal, from the first on; nothing where the pod is missing. */
  readonly slots: readonly { readonly ordinal: number; readonly pod: Pod | undefined }[];
  /** Pods of ordinals that are not wanted any more, the highest first. */
  readonly condemned: readonly Pod[];
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly claimOf: ClaimLookup;
}

export function planStatefulSet(state: StatefulSetState, now: number): Plan<StatefulSetAction> {
  const { set, pods, history, claimOf } = state;
  const named = (pod: Pod) => ordinalOf(set, pod) !== undefined;
  const mine: Claims<Pod> = { ...pods, toAdopt: pods.toAdopt.filter(named), owned: pods.owned.filter(named) };
  const claims = claimActions(mine, controllerReference(set, STATEFUL_SETS));
  if (claims.length > 0 || set.metadata?.deletionTimestamp !== undefined) return { actions: claims };
  const recording = recordPresent(set, STATEFUL_SETS, history);
  const update = presentRevision(set, history);
  if (recording.length > 0 || update === undefined) return { actions: recording };
  const current = history.find((revision) => nameOf(revision) === set.status?.currentRevision) ?? update;
  const lineup = lineUp(state, mine.owned, current, update, now);
  const status = statusOf(lineup, mine.owned);
  const stale = !equalJson(status, set.status ?? {});
  const live = new Set([current, update].map((revision) => revision.metadata?.labels?.[REVISION_HASH] ?? ''));
  const telling: StatefulSetAction[] = stale ? [{ kind: 'status', reason: 'the pods changed', set, status }] : [];
  const owning = ownClaims(set, membersOf(lineup), claimOf);
  // Whose a claim is must be written before its pod goes.
  if (owning.length > 0) return { actions: [...telling, ...owning] };
  return {
    actions: [...telling, ...advance(lineup), ...(stale ? [] : forgetOld(set, history, live))],
    recheckAfterMs: nextAvailabilityMs(mine.owned, set.spec?.minReadySeconds ?? 0, now),
  };
}

function membersOf({ set, slots, condemned }: Lineup): Member[] {
  const wanted = slots.flatMap(({ ordinal, pod }) => (pod === undefined ? [] : [{ ordinal, pod, isLeaving: false }]));
  const leaving = condemned.map((pod) => ({ ordinal: ordinalOf(set, pod) ?? -1, pod, isLeaving: true }));
  return [...wanted, ...leaving];
}

function lineUp(
  { set, claimOf }: StatefulSetState,
  pods: readonly Pod[],
  current: ControllerRevision,
  update: ControllerRevision,
  now: number,
): Lineup {
  const first = set.spec?.ordinals?.start ?? 0;
  const count = set.spec?.replicas ?? 1;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
  const slots = Array.from({ length: count }, (_, index) => {
    const ordinal = first + index;
    const pod = byOrdinal.get(ordinal);
    byOrdinal.delete(ordinal);
    return { ordinal, pod };
  });
  const condemned = [...byOrdinal].sort(([a], [b]) => b - a).map(([, pod]) => pod);
  return { set, now, slots, condemned, current, update, claimOf };
}

/** The next step: one pod at a time and in order, or all at once where the set allows it. */
function advance(lineup: Lineup): StatefulSetAction[] {
  const { set } = lineup;
  const parallel = set.spec?.podManagementPolicy === 'Parallel';
  const steps: StatefulSetAction[] = [];
  for (const slot of lineup.slots) {
    const step = fill(lineup, slot);
    if (step !== undefined) steps.push(step);
    if (!parallel && (step !== undefined || !isHealthy(slot.pod, lineup))) return steps;
  }
  for (const pod of lineup.condemned) {
    if (!isTerminating(pod)) steps.push({ kind: 'delete', reason: 'scaled down', set, pod });
    if (!parallel) return steps;
  }
  return steps.length > 0 ? steps : roll(lineup);
}

/** A missing pod is made, and its claims with it; an ended one is taken away so that it can be made anew. */
function fill(lineup: Lineup, { ordinal, pod }: Lineup['slots'][number]): StatefulSetAction | undefined {
  const { set, current, update, claimOf } = lineup;
  if (pod === undefined) {
    if (hasLeavingClaim(set, ordinal, claimOf)) return undefined;
    const revision = isOfCurrent(lineup, ordinal) ? current : update;
    const made = statefulPod(set, ordinal, templateOf(revision), nameOf(revision));
    return { kind: 'create', reason: `${podNameOf(set, ordinal)} is missing`, set, ordinal, pod: made };
  }
  if (isTerminating(pod)) return undefined;
  if (isFinished(pod)) return { kind: 'delete', reason: 'it has ended', set, pod };
  const waits = pod.status?.phase === 'Pending' && lacksClaim(set, ordinal, claimOf);
  return waits ? { kind: 'create-claims', reason: 'its claim was taken away', set, ordinal } : undefined;
}

/** While a roll-out is under way, the lower ordinals are still made from the older template. */
function isOfCurrent({ set, slots, current, update }: Lineup, ordinal: number): boolean {
  if (current === update || set.spec?.updateStrategy?.type === 'OnDelete') return false;
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const left = slots.filter(
    ({ pod }) => pod !== undefined && !isTerminating(pod) && revisionOf(pod) === nameOf(current),
  );
  return ordinal < (set.spec?.ordinals?.start ?? 0) + (partition > 0 ? partition : left.length);
}

/** Replaces the highest pod of an older template, once all above it are well. */
function roll(lineup: Lineup): StatefulSetAction[] {
  const { set, slots, update } = lineup;
  if (set.spec?.updateStrategy?.type === 'OnDelete') return [];
  const partition = set.spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const first = (set.spec?.ordinals?.start ?? 0) + partition;
  for (const { pod } of slots.filter(({ ordinal }) => ordinal >= first).reverse()) {
    if (pod === undefined) return [];
    if (revisionOf(pod) !== nameOf(update) && !isTerminating(pod)) {
      return [{ kind: 'delete', reason: 'of an older template', set, pod }];
    }
    if (!isHealthy(pod, lineup)) return [];
  }
  return [];
}

function statusOf({ set, current, update, slots, now }: Lineup, pods: readonly Pod[]): StatefulSetStatus {
  const delay = set.spec?.minReadySeconds ?? 0;
  const alive = pods.filter((pod) => !isTerminating(pod));
  const count = (fits: (pod: Pod) => boolean) => alive.filter(fits).length;
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod)).length;
  const updated = count((pod) => revisionOf(pod) === nameOf(update));
  const rolling = set.spec?.updateStrategy?.type !== 'OnDelete';
  const done = rolling && updated === slots.length && ready === pods.length && pods.length === slots.length;
  const currentPods = done ? updated : count((pod) => revisionOf(pod) === nameOf(current));
  return {
    observedGeneration: set.metadata?.generation ?? 0,
    replicas: pods.length,
    ...positive('readyReplicas', ready),
    availableReplicas: pods.filter((pod) => pod.status?.phase === 'Running' && isAvailable(pod, delay, now)).length,
    ...positive('currentReplicas', currentPods),
    ...positive('updatedReplicas', updated),
    currentRevision: nameOf(done ? update : current),
    updateRevision: nameOf(update),
    collisionCount: set.status?.collisionCount ?? 0,
  };
}

function isHealthy(pod: Pod | undefined, { set, now }: Lineup): boolean {
  if (pod === undefined || isTerminating(pod) || pod.status?.phase !== 'Running') return false;
  return isAvailable(pod, set.spec?.minReadySeconds ?? 0, now);
}

function isTerminating({ metadata }: Pod): boolean {
  return metadata?.deletionTimestamp !== undefined;
}

function revisionOf({ metadata }: Pod): string | undefined {
  return metadata?.labels?.[REVISION_HASH];
}

function nameOf({ metadata }: ControllerRevision): string {
  return metadata?.name ?? '';
}

function positive<K extends string>(name: K, count: number): { [N in K]?: number } {
  return count > 0 ? ({ [name]: count } as { [N in K]: number }) : {};
}
