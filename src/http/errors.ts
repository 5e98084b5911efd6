import { StatusError } from '../api/status-error.ts';
import { errorCode, messageOf } from '../base/errors.ts';
import type { HttpAnswer } from './exchange.ts';

/** The Status that an error means to the client. Our own defects are told without their insides. */
export function asStatusError(error: unknown, bodyLimitBytes: number): StatusError {
  if (error instanceof StatusError) return error;
  switch (errorCode(error) ?? '') {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new StatusError('RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimitBytes}`, {
        cause: error,
      });
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {}, cause: error });
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'ECONNRESET':
    case 'ECONNABORTED':
      return new StatusError('BadRequest', `the request ended early: ${messageOf(error)}`, { cause: error });
    default:
      return new StatusError('InternalError', 'Internal error occurred: see the log of the server', { cause: error });
  }
}

/** The JSON answer that carries the Status. */
export function statusAnswer(error: StatusError): HttpAnswer {
  const retryAfter = error.details?.retryAfterSeconds;
  return {
    status: error.code,
    headers: {
      'content-type': 'application/json',
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
    },
    body: Buffer.from(JSON.stringify(error.toStatus())),
  };
}
