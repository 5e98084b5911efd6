import { equalJson } from '../../api/json.ts';
import type { ControllerRevision, DaemonSet, Node, Pod } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { type ClaimAction, type Claims, claimActions, controllerReference } from '../ownership/claim.ts';
import { isActive, isAvailable, isFinished, isReady, nextAvailabilityMs } from '../pods/pod-state.ts';
import {
  forgetOld,
  hashOf,
  presentRevision,
  recordPresent,
  REVISION_HASH,
  type RevisionAction,
} from '../revisions/revision-history.ts';
import { intOrPercent } from '../runtime/int-or-percent.ts';
import { DAEMON_SETS } from '../runtime/resources.ts';
import { byAge, timeOf } from '../runtime/time.ts';
import { type DaemonFit, daemonFit, nodeOfDaemon } from './daemon-node.ts';

export type DaemonSetStatus = NonNullable<DaemonSet['status']>;

export interface DaemonSetState {
  readonly daemonSet: DaemonSet;
  readonly pods: Claims<Pod>;
  readonly history: readonly ControllerRevision[];
  readonly nodes: readonly Node[];
}

export type DaemonSetAction =
  | ClaimAction
  | RevisionAction
  | {
      readonly kind: 'create';
      readonly reason: string;
      readonly daemonSet: DaemonSet;
      readonly node: string;
      readonly hash: string;
    }
  | {
      readonly kind: 'delete';
      readonly reason: string;
      readonly daemonSet: DaemonSet;
      readonly pod: Pod;
    }
  | {
      readonly kind: 'status';
      readonly reason: string;
      readonly daemonSet: DaemonSet;
      readonly status: DaemonSetStatus;
    };

/** A node and the daemons there. */
interface Place extends DaemonFit {
  readonly node: string;
  readonly pods: readonly Pod[];
}

/** A daemon that the node refuses would otherwise be made anew without pause. */
const FAILED_POD_KEPT_MS = 10_000;

export function planDaemonSet(state: DaemonSetState, now: number): Plan<DaemonSetAction> {
  const { daemonSet, pods, history } = state;
  const claims = claimActions(pods, controllerReference(daemonSet, DAEMON_SETS));
  if (claims.length > 0 || daemonSet.metadata?.deletionTimestamp !== undefined) return { actions: claims };
  const recording = recordPresent(daemonSet, DAEMON_SETS, history);
  const present = presentRevision(daemonSet, history);
  if (recording.length > 0 || present === undefined) return { actions: recording };
  const places = placesOf(state);
  const hash = hashOf(present);
  const changes = [...place(daemonSet, places, hash, now), ...update(daemonSet, places, hash, now)];
  const status = statusOf(state, places, hash, now);
  const live = new Set([hash, ...pods.owned.map(({ metadata }) => metadata?.labels?.[REVISION_HASH] ?? '')]);
  const stale = !equalJson(status, daemonSet.status);
  const telling: DaemonSetAction[] = stale
    ? [{ kind: 'status', reason: 'the daemons changed', daemonSet, status }]
    : [];
  const waits = [
    nextAvailabilityMs(pods.owned.filter(isActive), daemonSet.spec?.minReadySeconds ?? 0, now),
    ...pods.owned.filter(isFinished).map((pod) => Math.max(1, keptForMs(pod, now))),
  ].filter((wait) => wait !== undefined);
  return {
    actions: changes.length > 0 ? changes : [...telling, ...forgetOld(daemonSet, history, live)],
    recheckAfterMs: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

function placesOf({ daemonSet, pods, nodes }: DaemonSetState): Place[] {
  const byNode = Map.groupBy(pods.owned, (pod) => nodeOfDaemon(pod) ?? '');
  const places = nodes.map((node): Place => {
    const name = node.metadata?.name ?? '';
    const there = byNode.get(name) ?? [];
    byNode.delete(name);
    return { node: name, pods: [...there].sort(byAge), ...daemonFit(daemonSet, node) };
  });
  // Daemons of nodes that are gone; unassigned ones cannot be told from those.
  for (const [node, there] of byNode) places.push({ node, pods: there, shouldRun: false, mayStay: false });
  return places;
}

/** One daemon where one should be, none where none may. */
function place(daemonSet: DaemonSet, places: readonly Place[], hash: string, now: number): DaemonSetAction[] {
  return places.flatMap(({ node, pods, shouldRun, mayStay }): DaemonSetAction[] => {
    const here = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
    if (!mayStay) return here.map((pod) => removal(daemonSet, pod, `${node} takes no daemon`));
    if (!shouldRun) return [];
    if (pods.length === 0) return [{ kind: 'create', reason: `${node} has no daemon`, daemonSet, node, hash }];
    const failed = here.filter(isFinished);
    const active = here.filter(isActive);
    const rolling = active.some((pod) => !isOf(pod, hash)) && surge(daemonSet, places) > 0;
    return [
      ...failed.filter((pod) => keptForMs(pod, now) <= 0).map((pod) => removal(daemonSet, pod, 'it has ended')),
      ...(rolling ? [] : active.slice(1).map((pod) => removal(daemonSet, pod, 'one is enough'))),
    ];
  });
}

/** Replaces daemons of older templates, as many at a time as may be missing or too many. */
function update(daemonSet: DaemonSet, places: readonly Place[], hash: string, now: number): DaemonSetAction[] {
  if (daemonSet.spec?.updateStrategy?.type === 'OnDelete') return [];
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const delay = daemonSet.spec?.minReadySeconds ?? 0;
  const available = (pod: Pod) => isActive(pod) && isAvailable(pod, delay, now);
  const room = surge(daemonSet, places);
  if (room > 0) return surging(daemonSet, wanted, hash, room, available);
  const { maxUnavailable } = daemonSet.spec?.updateStrategy?.rollingUpdate ?? {};
  const allowed = intOrPercent(maxUnavailable, wanted.length, 'up', 1);
  const missing = wanted.filter(({ pods }) => !pods.some(available)).length;
  const old = wanted.flatMap(({ pods }) => pods.filter((pod) => isActive(pod) && !isOf(pod, hash)));
  // Those that serve nobody go at once, the others as far as the bound allows.
  const broken = old.filter((pod) => !available(pod));
  const working = old.filter(available).slice(0, Math.max(0, allowed - missing));
  return [...broken, ...working].map((pod) => removal(daemonSet, pod, 'of an older template'));
}

function surging(
  daemonSet: DaemonSet,
  wanted: readonly Place[],
  hash: string,
  room: number,
  available: (pod: Pod) => boolean,
): DaemonSetAction[] {
  const actions: DaemonSetAction[] = [];
  let free = room - wanted.filter(({ pods }) => pods.filter(isActive).length > 1).length;
  for (const { node, pods } of wanted) {
    const old = pods.filter((pod) => isActive(pod) && !isOf(pod, hash));
    const next = pods.filter((pod) => isActive(pod) && isOf(pod, hash));
    if (old.length === 0) continue;
    if (next.some(available)) actions.push(...old.map((pod) => removal(daemonSet, pod, 'its successor is available')));
    else if (next.length === 0 && (free > 0 || !old.some(available))) {
      if (old.some(available)) free -= 1;
      actions.push({ kind: 'create', reason: 'successor of an older daemon', daemonSet, node, hash });
    }
  }
  return actions;
}

function surge(daemonSet: DaemonSet, places: readonly Place[]): number {
  const { maxSurge } = daemonSet.spec?.updateStrategy?.rollingUpdate ?? {};
  return intOrPercent(maxSurge, places.filter(({ shouldRun }) => shouldRun).length, 'up', 0);
}

export function statusOf(
  { daemonSet }: DaemonSetState,
  places: readonly Place[],
  hash: string,
  now: number,
): DaemonSetStatus {
  const delay = daemonSet.spec?.minReadySeconds ?? 0;
  const wanted = places.filter(({ shouldRun }) => shouldRun);
  const daemons = wanted.filter(({ pods }) => pods.length > 0);
  const count = (fits: (pod: Pod) => boolean) => daemons.filter(({ pods }) => pods.some(fits)).length;
  const available = count((pod) => isActive(pod) && isAvailable(pod, delay, now));
  const { collisionCount } = daemonSet.status ?? {};
  return {
    currentNumberScheduled: daemons.length,
    numberMisscheduled: places.filter(({ shouldRun, pods }) => !shouldRun && pods.length > 0).length,
    desiredNumberScheduled: wanted.length,
    numberReady: count((pod) => isReady(pod)),
    observedGeneration: daemonSet.metadata?.generation ?? 0,
    ...positive(
      'updatedNumberScheduled',
      count((pod) => isOf(pod, hash)),
    ),
    ...positive('numberAvailable', available),
    ...positive('numberUnavailable', wanted.length - available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

function isOf(pod: Pod, hash: string): boolean {
  return pod.metadata?.labels?.[REVISION_HASH] === hash;
}

function removal(daemonSet: DaemonSet, pod: Pod, reason: string): DaemonSetAction {
  return { kind: 'delete', reason, daemonSet, pod };
}

function keptForMs(pod: Pod, now: number): number {
  return (timeOf(pod.metadata?.creationTimestamp) ?? 0) + FAILED_POD_KEPT_MS - now;
}

function positive<K extends string>(name: K, count: number): { [N in K]?: number } {
  return count > 0 ? ({ [name]: count } as { [N in K]: number }) : {};
}
