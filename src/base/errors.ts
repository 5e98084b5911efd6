/** A rule of the program itself was broken: a defect, never the caller's fault. Crashes loudly. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** What a person can mend: worded for the user (what, where, why, what to do), printed without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** The message of whatever was thrown, for a log line or a condition. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
