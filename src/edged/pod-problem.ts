import type { BackoffPolicy } from '../base/backoff.ts';

/** Reasons as kubelet words them: of a waiting container, or of the event where there is no container to speak of. */
export type ProblemReason =
  | 'CreateContainerConfigError'
  | 'CreateContainerError'
  | 'RunContainerError'
  | 'PostStartHookError'
  | 'ErrImagePull'
  | 'ErrImageNeverPull'
  | 'InvalidImageName'
  | 'ImageInspectError'
  | 'FailedMount'
  | 'FailedCreatePodSandBox'
  | 'FailedKillPod';

export const RETRY_SOON: BackoffPolicy = { baseMs: 1_000, maxMs: 10_000, jitter: 0.1 };

/** Why a pod cannot go on: told in its status and events, mended by whoever reads them, tried again by itself. */
export class PodProblem extends Error {
  override readonly name = 'PodProblem';
  readonly reason: ProblemReason;
  readonly retry: BackoffPolicy;
  /** What the container waits for once the failure itself is old news. */
  readonly backOff: { readonly reason: string; readonly message: string } | undefined;

  constructor(
    reason: ProblemReason,
    message: string,
    options: { cause?: unknown; retry?: BackoffPolicy; backOff?: { reason: string; message: string } } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.retry = options.retry ?? RETRY_SOON;
    this.backOff = options.backOff;
  }
}
