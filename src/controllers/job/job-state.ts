import type { Job, Pod } from '../../api/kinds.ts';
import type { ClaimAction, Claims } from '../ownership/claim.ts';
import { findCondition } from '../runtime/conditions.ts';

export type JobStatus = NonNullable<Job['status']>;
type JobSpec = NonNullable<Job['spec']>;

export interface JobState {
  /** Absent: it is gone, its pods must be let go. */
  readonly job: Job | undefined;
  readonly pods: Claims<Pod>;
}

export type JobAction =
  | ClaimAction
  | {
      readonly kind: 'create';
      readonly reason: string;
      readonly job: Job;
      readonly indexes: readonly (number | undefined)[];
    }
  /** `counted`: the pod counts as a failure once it is gone. */
  | { readonly kind: 'stop'; readonly reason: string; readonly job: Job; readonly pod: Pod; readonly counted: boolean }
  | { readonly kind: 'let-go'; readonly reason: string; readonly pod: Pod }
  | { readonly kind: 'status'; readonly reason: string; readonly job: Job; readonly status: JobStatus }
  | { readonly kind: 'delete-job'; readonly reason: string; readonly job: Job };

/** Keeps a pod until it has been counted. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking';
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

export function isTracked(pod: Pod): boolean {
  return pod.metadata?.finalizers?.includes(TRACKING_FINALIZER) === true;
}

export function hasSucceeded(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded';
}

/** A pod that is being deleted will not succeed any more, unless only real failures are replaced. */
export function hasFailed(pod: Pod, { podReplacementPolicy }: JobSpec): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (podReplacementPolicy === 'Failed') return false;
  return pod.metadata?.deletionTimestamp !== undefined && !hasSucceeded(pod);
}

export function isIndexed({ completionMode }: JobSpec): boolean {
  return completionMode === 'Indexed';
}

export function indexOf(pod: Pod): number | undefined {
  const index = pod.metadata?.annotations?.[COMPLETION_INDEX];
  return index === undefined ? undefined : Number(index);
}

/** Complete or Failed, for good. */
export function isOver(status: JobStatus | undefined): boolean {
  return ['Complete', 'Failed'].some((type) => findCondition(status?.conditions, type)?.status === 'True');
}
