import { badRequest, StatusError } from '../../api/status-error.ts';

/** Where a client wants its watch to begin. */
export interface WatchStart {
  /** Sends what is there first. */
  readonly initial: boolean;
  /** After the initial events a bookmark says that they are complete. */
  readonly endMark: boolean;
  /** The client has seen, or wants to see, the state at least at this revision; empty for the present one, 0 for any. */
  readonly since: string;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
}

/** The semantics of `resourceVersion` and `sendInitialEvents` in watches (KEP-3157). Throws BadRequest and Invalid. */
export function watchStart(query: URLSearchParams): WatchStart {
  const since = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(since)) throw badRequest(`Invalid value: "${since}": resource version must be a number`);
  const sendInitial = query.get('sendInitialEvents');
  const match = query.get('resourceVersionMatch') ?? '';
  if (sendInitial !== null && match !== 'NotOlderThan') {
    throw invalid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (sendInitial === null && match !== '') {
    throw invalid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  }
  const anywhere = since === '' || since === '0';
  const bookmarks = isTrue(query.get('allowWatchBookmarks'));
  const initial = sendInitial === null ? anywhere : isTrue(sendInitial);
  const seconds = Number(query.get('timeoutSeconds') ?? 0);
  return {
    initial,
    endMark: initial && sendInitial !== null && bookmarks,
    since,
    bookmarks,
    timeoutSeconds: Number.isInteger(seconds) && seconds > 0 ? seconds : undefined,
  };
}

function invalid(why: string): StatusError {
  return new StatusError('Invalid', `ListOptions.meta.k8s.io "" is invalid: ${why}`);
}

function isTrue(value: string | null): boolean {
  return value === 'true' || value === '1';
}
