/**
 * The one error of Kubernetes: a Status from the moment it is thrown.
 * Reasons and codes as in apimachinery `pkg/apis/meta/v1/types.go`, wording as in `pkg/api/errors`.
 */

/** The code that each reason means over HTTP. */
export const REASON_CODES = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
  ServerTimeout: 500,
} as const;

export type StatusReason = keyof typeof REASON_CODES;

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The body of an error answer. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: object;
  status: 'Failure' | 'Success';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** Empty where the answer carried none (some errors of upstream have a code only). */
  readonly reason: StatusReason | '';
  /** A reason in somebody's own words, as webhooks give them; handed on as it is. */
  readonly ownReason: string | undefined;
  readonly code: number;
  readonly details: StatusDetails | undefined;

  constructor(
    reason: StatusReason | '',
    message: string,
    options: { details?: StatusDetails; code?: number; cause?: unknown; ownReason?: string | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.ownReason = options.ownReason;
    this.code = options.code ?? (reason === '' ? 500 : REASON_CODES[reason]);
    this.details = options.details;
  }

  /** The Status as it goes over the wire. */
  toStatus(): Status {
    const reason = this.ownReason ?? this.reason;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(reason === '' ? {} : { reason }),
      ...(this.details === undefined ? {} : { details: this.details }),
      code: this.code,
    };
  }

  /** The error that a Status of another server means. */
  static fromStatus(status: Partial<Status>, httpCode: number): StatusError {
    const known = status.reason !== undefined && Object.hasOwn(REASON_CODES, status.reason);
    const reason = known ? (status.reason as StatusReason) : '';
    return new StatusError(reason, status.message ?? `the server answered ${httpCode}`, {
      code: status.code ?? httpCode,
      ...(known ? {} : { ownReason: status.reason }),
      ...(status.details === undefined ? {} : { details: status.details }),
    });
  }
}

/** Whether `error` is a Status with this reason. */
export function hasReason(error: unknown, reason: StatusReason): boolean {
  return error instanceof StatusError && error.reason === reason;
}

/** Whether `error` is a Status with this HTTP code (for servers that leave out the reason). */
export function hasCode(error: unknown, code: number): boolean {
  return error instanceof StatusError && error.code === code;
}

interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** `deployments.apps`, `pods`: how upstream names a resource in messages. */
export function qualifiedResource(info: ResourceName): string {
  return info.group === '' ? info.plural : `${info.plural}.${info.group}`;
}

function detailsOf(info: ResourceName, name: string): StatusDetails {
  return { name, ...(info.group === '' ? {} : { group: info.group }), kind: info.plural };
}

export function notFound(info: ResourceName, name: string): StatusError {
  return new StatusError('NotFound', `${qualifiedResource(info)} "${name}" not found`, {
    details: detailsOf(info, name),
  });
}

export function alreadyExists(info: ResourceName, name: string): StatusError {
  return new StatusError('AlreadyExists', `${qualifiedResource(info)} "${name}" already exists`, {
    details: detailsOf(info, name),
  });
}

/** A write that lost a race; `why` follows the fixed part of the message. */
export function conflict(info: ResourceName, name: string, why: string): StatusError {
  return new StatusError('Conflict', `Operation cannot be fulfilled on ${qualifiedResource(info)} "${name}": ${why}`, {
    details: detailsOf(info, name),
  });
}

export const OBJECT_MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(info: ResourceName, name: string, why: string): StatusError {
  const target = name === '' ? '' : ` "${name}"`;
  return new StatusError('Forbidden', `${qualifiedResource(info)}${target} is forbidden: ${why}`, {
    details: detailsOf(info, name),
  });
}

export function badRequest(message: string): StatusError {
  return new StatusError('BadRequest', message);
}
