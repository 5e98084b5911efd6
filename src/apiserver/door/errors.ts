import { StatusError } from '../../api/status-error.ts';
import { QueueFullError } from '../../base/group-commit.ts';
import type { ApiResponse } from '../../client/index.ts';
import { encoded } from '../registry/presenter.ts';
import { errorEncoding } from './negotiation.ts';

/** The Status that an error means to the client; undefined for our own defects. */
export function knownStatus(error: unknown): StatusError | undefined {
  if (error instanceof StatusError) return error;
  if (error instanceof QueueFullError) {
    return new StatusError(
      'TooManyRequests',
      'the server has received too many requests and has asked us to try again later',
      {
        details: { retryAfterSeconds: 1 },
        cause: error,
      },
    );
  }
  return undefined;
}

export const INTERNAL_ERROR = new StatusError('InternalError', 'Internal error occurred: see the log of the server');

/** The answer that carries the Status, in an encoding that the client reads. */
export function errorAnswer(error: StatusError, accept: string | undefined): ApiResponse {
  const answer = encoded(error.code, error.toStatus(), { encoding: errorEncoding(accept), pretty: false });
  const retryAfter = error.details?.retryAfterSeconds;
  return retryAfter === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfter) } };
}
