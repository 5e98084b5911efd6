import type { Deployment, Pod, PodTemplateSpec, ReplicaSet } from '../../api/kinds.ts';
import { equalJson } from '../../api/json.ts';
import type { ClaimAction, Claims } from '../ownership/claim.ts';
import { intOrPercent } from '../runtime/int-or-percent.ts';
import { byAge } from '../runtime/time.ts';

export type DeploymentStatus = NonNullable<Deployment['status']>;

export interface DeploymentState {
  readonly deployment: Deployment;
  readonly replicaSets: Claims<ReplicaSet>;
  /** The pods of the owned replica sets. */
  readonly pods: readonly Pod[];
}

export type DeploymentAction =
  | ClaimAction
  | {
      readonly kind: 'create-replica-set';
      readonly reason: string;
      readonly deployment: Deployment;
      readonly replicaSet: ReplicaSet;
    }
  /** Annotations and fields of a replica set that follow the deployment. */
  | {
      readonly kind: 'patch-replica-set';
      readonly reason: string;
      readonly replicaSet: ReplicaSet;
      readonly patch: object;
    }
  | {
      readonly kind: 'scale';
      readonly reason: string;
      readonly deployment: Deployment;
      readonly replicaSet: ReplicaSet;
      readonly replicas: number;
      readonly annotations: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'delete-replica-set'; readonly reason: string; readonly replicaSet: ReplicaSet }
  | {
      readonly kind: 'set-revision';
      readonly reason: string;
      readonly deployment: Deployment;
      readonly revision: string;
    }
  | {
      readonly kind: 'status';
      readonly reason: string;
      readonly deployment: Deployment;
      readonly status: DeploymentStatus;
    };

export const POD_TEMPLATE_HASH = 'pod-template-hash';
export const REVISION = 'deployment.kubernetes.io/revision';
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

export function replicasOf(object: { spec?: { replicas?: number } }): number {
  return object.spec?.replicas ?? 1;
}

/** The sum of what the replica sets ask for. */
export function wantedBy(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, replicaSet) => sum + replicasOf(replicaSet), 0);
}

export function availableIn(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
}

/** The replica set of the present template, the oldest where there are several. */
export function newReplicaSet(deployment: Deployment, replicaSets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const template = withoutHash(deployment.spec?.template);
  return [...replicaSets].sort(byAge).find(({ spec }) => equalJson(withoutHash(spec?.template), template));
}

function withoutHash(template: PodTemplateSpec | undefined): PodTemplateSpec {
  const { [POD_TEMPLATE_HASH]: _, ...labels } = template?.metadata?.labels ?? {};
  const { creationTimestamp: __, ...metadata } = template?.metadata ?? {};
  return { ...template, metadata: { ...metadata, labels } };
}

export function oldReplicaSets(replicaSets: readonly ReplicaSet[], current: ReplicaSet | undefined): ReplicaSet[] {
  return replicaSets.filter(({ metadata }) => metadata?.uid !== current?.metadata?.uid).sort(byAge);
}

export function isRolling(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type !== 'Recreate';
}

/** How many pods there may be beyond the wanted ones, and how many of those may be missing. */
export function rollingBounds(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge, maxUnavailable } = deployment.spec?.strategy?.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = intOrPercent(maxSurge, replicas, 'up', '25%');
  const unavailable = Math.min(replicas, intOrPercent(maxUnavailable, replicas, 'down', '25%'));
  // Both may round to zero; a roll-out could never begin then.
  const stuck = surge === 0 && unavailable === 0 && replicas > 0;
  return { maxSurge: surge, maxUnavailable: stuck ? 1 : unavailable };
}

export function revisionOf(object: { metadata?: { annotations?: Record<string, string> } }): number {
  const revision = Number(object.metadata?.annotations?.[REVISION] ?? 0);
  return Number.isInteger(revision) ? revision : 0;
}

/** The annotations by which a replica set remembers what size it was scaled for. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = replicasOf(deployment);
  const max = replicas + rollingBounds(deployment).maxSurge;
  return { [DESIRED_REPLICAS]: String(replicas), [MAX_REPLICAS]: String(max) };
}

export function finished(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === replicas &&
    (status.replicas ?? 0) === replicas &&
    (status.availableReplicas ?? 0) === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}
