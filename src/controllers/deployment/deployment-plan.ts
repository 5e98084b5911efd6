import type { Deployment, ReplicaSet } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { Plan } from '../../client/index.ts';
import { claimActions, controllerReference } from '../ownership/claim.ts';
import { isFinished } from '../pods/pod-state.ts';
import { DEPLOYMENTS } from '../runtime/resources.ts';
import {
  type DeploymentAction,
  type DeploymentState,
  DESIRED_REPLICAS,
  finished,
  isRolling,
  newReplicaSet,
  oldReplicaSets,
  replicasOf,
  REVISION,
  revisionOf,
  sizeAnnotations,
} from './deployment-state.ts';
import { deadlineInMs, statusOf } from './deployment-status.ts';
import { followingPatch, replicaSetFor } from './new-replica-set.ts';
import { rescale } from './proportional.ts';
import { newSize, type Resize, shrinkOld } from './rolling.ts';

const DEFAULT_HISTORY_LIMIT = 10;

/** The next step of a deployment: at most one kind of change at a time, then its status. */
export function planDeployment(state: DeploymentState, now: number): Plan<DeploymentAction> {
  const steps = nextSteps(state);
  if (steps.length > 0) return { actions: steps };
  const { deployment } = state;
  const status = statusOf(state, now);
  const stale = !equalJson(status, deployment.status ?? {});
  return {
    actions: stale ? [{ kind: 'status', reason: 'the replica sets changed', deployment, status }] : [],
    recheckAfterMs: deadlineInMs(state, status, now),
  };
}

function nextSteps(state: DeploymentState): DeploymentAction[] {
  const { deployment, replicaSets } = state;
  const claims = claimActions(replicaSets, controllerReference(deployment, DEPLOYMENTS));
  if (claims.length > 0 || deployment.metadata?.deletionTimestamp !== undefined) return claims;
  const current = newReplicaSet(deployment, replicaSets.owned);
  const old = oldReplicaSets(replicaSets.owned, current);
  const paused = deployment.spec?.paused === true;
  return firstOf(
    () => (current === undefined ? [] : follow(deployment, current, old)),
    () => (paused || isScaling(state) ? applyRescale(deployment, current, old) : []),
    () => (paused ? [] : rollOut(state, current, old)),
    () => cleanUp(deployment, current, old),
  );
}

/** The first of the steps that has something to do. */
function firstOf(...steps: (() => DeploymentAction[])[]): DeploymentAction[] {
  for (const step of steps) {
    const actions = step();
    if (actions.length > 0) return actions;
  }
  return [];
}

function follow(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): DeploymentAction[] {
  const patch = followingPatch(deployment, current, old);
  if (patch !== undefined) {
    return [{ kind: 'patch-replica-set', reason: 'follows its deployment', replicaSet: current, patch }];
  }
  const revision = current.metadata?.annotations?.[REVISION] ?? '1';
  if (deployment.metadata?.annotations?.[REVISION] === revision) return [];
  return [{ kind: 'set-revision', reason: 'revision of its replica set', deployment, revision }];
}

/** Whether `spec.replicas` has changed since the replica sets got their sizes. */
function isScaling({ deployment, replicaSets }: DeploymentState): boolean {
  return replicaSets.owned.some((replicaSet) => {
    const sizedFor = replicaSet.metadata?.annotations?.[DESIRED_REPLICAS];
    return replicasOf(replicaSet) > 0 && sizedFor !== undefined && Number(sizedFor) !== replicasOf(deployment);
  });
}

function applyRescale(deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]) {
  const actions = rescale(deployment, current, old).map((resize) =>
    scaling(deployment, resize, 'spec.replicas changed'),
  );
  const resized = new Set(actions.map((action) => action.kind === 'scale' && action.replicaSet));
  const annotations = sizeAnnotations(deployment);
  const unmarked = [...old, ...(current === undefined ? [] : [current])].filter(
    (each) =>
      replicasOf(each) > 0 &&
      !resized.has(each) &&
      Object.entries(annotations).some(([name, value]) => each.metadata?.annotations?.[name] !== value),
  );
  const marks = unmarked.map((replicaSet): DeploymentAction => {
    return {
      kind: 'patch-replica-set',
      reason: 'spec.replicas changed',
      replicaSet,
      patch: { metadata: { annotations } },
    };
  });
  return [...actions, ...marks];
}

function rollOut(
  state: DeploymentState,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): DeploymentAction[] {
  const { deployment } = state;
  if (!isRolling(deployment)) {
    const running = old.filter((replicaSet) => replicasOf(replicaSet) > 0);
    if (running.length > 0) {
      return running.map((replicaSet) => scaling(deployment, { replicaSet, replicas: 0 }, 'recreating'));
    }
    if (oldPodsRun(state, old)) return [];
  }
  if (current === undefined) {
    const replicaSet = replicaSetFor(deployment, old);
    return [{ kind: 'create-replica-set', reason: 'the template has none yet', deployment, replicaSet }];
  }
  const replicas = newSize(deployment, current, old);
  if (replicas !== replicasOf(current)) return [scaling(deployment, { replicaSet: current, replicas }, 'rolling out')];
  return isRolling(deployment)
    ? shrinkOld(deployment, current, old).map((resize) => scaling(deployment, resize, 'rolling out'))
    : [];
}

function oldPodsRun({ pods }: DeploymentState, old: readonly ReplicaSet[]): boolean {
  const uids = new Set(old.map(({ metadata }) => metadata?.uid));
  return pods.some(
    (pod) =>
      !isFinished(pod) &&
      pod.metadata?.ownerReferences?.some(({ uid, controller }) => controller === true && uids.has(uid)),
  );
}

function scaling(deployment: Deployment, { replicaSet, replicas }: Resize, reason: string): DeploymentAction {
  return { kind: 'scale', reason, deployment, replicaSet, replicas, annotations: sizeAnnotations(deployment) };
}

/** Whether the status is about the present spec. */
function isSettled({ metadata, status }: ReplicaSet): boolean {
  return (metadata?.generation ?? 0) <= (status?.observedGeneration ?? 0);
}

/** Old replica sets beyond the history limit, the oldest revisions first; never one that still has pods. */
function cleanUp(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): DeploymentAction[] {
  if (deployment.spec?.paused !== true && !finished(deployment, deployment.status ?? {})) return [];
  const limit = deployment.spec?.revisionHistoryLimit ?? DEFAULT_HISTORY_LIMIT;
  const alive = old.filter(
    ({ metadata }) => metadata?.deletionTimestamp === undefined && metadata?.uid !== current?.metadata?.uid,
  );
  const surplus = [...alive].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, alive.length - limit));
  return surplus
    .filter(
      (replicaSet) => replicasOf(replicaSet) === 0 && (replicaSet.status?.replicas ?? 0) === 0 && isSettled(replicaSet),
    )
    .map((replicaSet) => ({ kind: 'delete-replica-set', reason: `history limit of ${limit}`, replicaSet }));
}
