/** What clients are told when a webhook refuses or fails: `webhook/errors` of apiserver. */
import { badRequest, type Status, StatusError } from '../../../api/status-error.ts';

const LOWEST_ERROR = 400;

/** `admission webhook "x" denied the request: …` */
export function denied(name: string, status: Partial<Status> | undefined): StatusError {
  const by = `admission webhook ${JSON.stringify(name)} denied the request`;
  const why = status?.message || status?.reason;
  const code = Math.max(status?.code ?? 0, LOWEST_ERROR);
  const message = why ? `${by}: ${why}` : `${by} without explanation`;
  return StatusError.fromStatus({ ...status, code, message }, code);
}

export function noDryRun(name: string): StatusError {
  return badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
}

/** `failed calling webhook "x": …` */
export function callFailed(name: string, why: string, cause: unknown): StatusError {
  return internalError(`failed calling webhook ${JSON.stringify(name)}: ${why}`, cause);
}

/** `NewInternalError` */
export function internalError(message: string, cause?: unknown): StatusError {
  return new StatusError('InternalError', `Internal error occurred: ${message}`, {
    details: { causes: [{ message }] },
    cause,
  });
}
