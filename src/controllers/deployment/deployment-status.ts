import type { ReplicaSet } from '../../api/kinds.ts';
import { findCondition, withoutCondition } from '../runtime/conditions.ts';
import { timeOf, timestamp } from '../runtime/time.ts';
import {
  availableIn,
  type DeploymentState,
  type DeploymentStatus,
  finished,
  newReplicaSet,
  replicasOf,
  REVISION_HISTORY,
  rollingBounds,
  wantedBy,
} from './deployment-state.ts';

type Conditions = NonNullable<DeploymentStatus['conditions']>;
type DeploymentCondition = Conditions[number];

/** An absent deadline is defaulted; this value means none (upstream `HasProgressDeadline`). */
const NO_DEADLINE = 2_147_483_647;

/** What the deployment's status should say, with the progress as of `now`. */
export function statusOf(state: DeploymentState, now: number): DeploymentStatus {
  const { deployment, replicaSets } = state;
  const all = replicaSets.owned;
  const current = newReplicaSet(deployment, all);
  const available = availableIn(all);
  const counts: DeploymentStatus = {
    observedGeneration: deployment.metadata?.generation ?? 0,
    ...counted('replicas', sum(all, 'replicas')),
    ...counted('updatedReplicas', current?.status?.replicas ?? 0),
    ...counted('readyReplicas', sum(all, 'readyReplicas')),
    ...counted('availableReplicas', available),
    ...counted('unavailableReplicas', Math.max(0, wantedBy(all) - available)),
    terminatingReplicas: sum(all, 'terminatingReplicas'),
    ...(deployment.status?.collisionCount === undefined ? {} : { collisionCount: deployment.status.collisionCount }),
  };
  const isAvailable = availability(state, available, now);
  const conditions = progress(state, current, counts, withLatest(deployment.status?.conditions, isAvailable), now);
  return { ...counts, conditions: failures(conditions, current, all, now) };
}

/** When a roll-out that shows no progress must be looked at again. */
export function deadlineInMs(
  { deployment }: DeploymentState,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const deadline = deployment.spec?.progressDeadlineSeconds ?? NO_DEADLINE;
  const condition = findCondition(status.conditions, 'Progressing');
  if (deadline === NO_DEADLINE || deployment.spec?.paused === true || finished(deployment, status)) return undefined;
  if (condition === undefined || isSettled(condition)) return undefined;
  const since = timeOf(condition.lastUpdateTime) ?? now;
  return Math.max(0, since + deadline * 1000 - now) + 1000;
}

function sum(replicaSets: readonly ReplicaSet[], field: 'replicas' | 'readyReplicas' | 'terminatingReplicas'): number {
  return replicaSets.reduce((total, { status }) => total + (status?.[field] ?? 0), 0);
}

function availability({ deployment }: DeploymentState, available: number, now: number): DeploymentCondition {
  const enough = available >= replicasOf(deployment) - rollingBounds(deployment).maxUnavailable;
  return condition(
    'Available',
    enough ? 'True' : 'False',
    enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
    now,
  );
}

function progress(
  { deployment }: DeploymentState,
  current: ReplicaSet | undefined,
  counts: DeploymentStatus,
  conditions: Conditions,
  now: number,
): Conditions {
  if ((deployment.spec?.progressDeadlineSeconds ?? NO_DEADLINE) === NO_DEADLINE) {
    return withoutCondition(conditions, 'Progressing');
  }
  const old = findCondition(conditions, 'Progressing');
  const paused = pauseCondition(deployment.spec?.paused === true, old, now);
  if (paused !== undefined) return withLatest(conditions, paused);
  if (deployment.spec?.paused === true) return conditions;
  const settled = counts.replicas === counts.updatedReplicas && old?.reason === 'NewReplicaSetAvailable';
  if (settled) return conditions;
  const what =
    current === undefined ? `Deployment "${deployment.metadata?.name}"` : `ReplicaSet "${current.metadata?.name}"`;
  if (finished(deployment, counts)) {
    const message = `${what} has successfully progressed.`;
    return withLatest(conditions, condition('Progressing', 'True', 'NewReplicaSetAvailable', message, now));
  }
  if (current !== undefined && isAboutAnother(old, current)) return withLatest(conditions, beginning(current, now));
  if (old === undefined || hasProgressed(deployment.status ?? {}, counts)) {
    const next = condition('Progressing', 'True', 'ReplicaSetUpdated', `${what} is progressing.`, now);
    // Set even where status and reason stay, for the time of the update: the deadline counts from it.
    return withLatest(withoutCondition(conditions, 'Progressing'), keepingTransition(next, old));
  }
  if (!hasTimedOut(old, deployment.spec?.progressDeadlineSeconds ?? NO_DEADLINE, now)) return conditions;
  const message = `${what} has timed out progressing.`;
  return withLatest(conditions, condition('Progressing', 'False', 'ProgressDeadlineExceeded', message, now));
}

function pauseCondition(paused: boolean, old: DeploymentCondition | undefined, now: number) {
  if (old?.reason === 'ProgressDeadlineExceeded') return undefined;
  if (paused && old?.reason !== 'DeploymentPaused') {
    return condition('Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', now);
  }
  if (!paused && old?.reason === 'DeploymentPaused') {
    return condition('Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now);
  }
  return undefined;
}

/** No word yet of the progress of this replica set: the deadline begins anew. */
function isAboutAnother(old: DeploymentCondition | undefined, current: ReplicaSet): boolean {
  const message = old?.message ?? '';
  return old === undefined || (message.includes('"') && !message.includes(`"${current.metadata?.name}"`));
}

/** A roll-out has begun, with a new replica set or, going back, with one that was there. */
function beginning({ metadata }: ReplicaSet, now: number): DeploymentCondition {
  const found = metadata?.annotations?.[REVISION_HISTORY] !== undefined;
  const reason = found ? 'FoundNewReplicaSet' : 'NewReplicaSetCreated';
  const message = `${found ? 'Found' : 'Created'} new replica set "${metadata?.name}"`;
  return condition('Progressing', 'True', reason, message, now);
}

function keepingTransition(next: DeploymentCondition, old: DeploymentCondition | undefined): DeploymentCondition {
  const since = old?.status === next.status ? old.lastTransitionTime : undefined;
  return since === undefined ? next : { ...next, lastTransitionTime: since };
}

function hasProgressed(old: DeploymentStatus, next: DeploymentStatus): boolean {
  const outdated = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0);
  return (
    (next.updatedReplicas ?? 0) > (old.updatedReplicas ?? 0) ||
    outdated(next) < outdated(old) ||
    (next.readyReplicas ?? 0) > (old.readyReplicas ?? 0) ||
    (next.availableReplicas ?? 0) > (old.availableReplicas ?? 0)
  );
}

function hasTimedOut(old: DeploymentCondition, deadlineSeconds: number, now: number): boolean {
  return !isSettled(old) && (timeOf(old.lastUpdateTime) ?? now) + deadlineSeconds * 1000 < now;
}

/** The roll-out has come to an end, good or bad. */
function isSettled({ reason }: DeploymentCondition): boolean {
  return reason === 'ProgressDeadlineExceeded' || reason === 'NewReplicaSetAvailable';
}

/** What hinders the replica sets, first of all the new one, from making their pods. */
function failures(
  conditions: Conditions,
  current: ReplicaSet | undefined,
  all: readonly ReplicaSet[],
  now: number,
): Conditions {
  const failing = (each: ReplicaSet | undefined) => findCondition(each?.status?.conditions, 'ReplicaFailure');
  const failure = failing(current) ?? failing(all.find((each) => failing(each) !== undefined));
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  const { status, reason = '', message = '' } = failure;
  return withLatest(conditions, condition('ReplicaFailure', status, reason, message, now));
}

/** Sets the condition unless status and reason are the same already (upstream `SetDeploymentCondition`). */
function withLatest(conditions: Conditions | undefined, next: DeploymentCondition): Conditions {
  const old = findCondition(conditions, next.type);
  if (old?.status === next.status && old.reason === next.reason) return conditions ?? [];
  return [...withoutCondition(conditions, next.type), keepingTransition(next, old)];
}

function condition(type: string, status: string, reason: string, message: string, now: number) {
  const time = timestamp(now);
  return { type, status, reason, message, lastUpdateTime: time, lastTransitionTime: time };
}

/** Counts of zero are left out on the wire. */
function counted<K extends string>(name: K, count: number): { [N in K]?: number } {
  return count > 0 ? ({ [name]: count } as { [N in K]: number }) : {};
}
