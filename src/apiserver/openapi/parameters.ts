/**
 * The query and path parameters of the API, with the sets that each operation takes.
 * @facts names and types as Kubernetes 1.36 publishes them.
 */

export interface Parameter {
  readonly name: string;
  readonly in: 'query' | 'path';
  readonly type: 'string' | 'boolean' | 'integer';
  readonly description: string;
}

export const LIST_PARAMETERS = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'shardSelector',
  'timeoutSeconds',
  'watch',
];
export const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'];
export const PATCH_PARAMETERS = [...WRITE_PARAMETERS, 'force'];
export const DELETE_PARAMETERS = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
];
export const DELETE_COLLECTION_PARAMETERS = [
  ...LIST_PARAMETERS.filter((name) => name !== 'allowWatchBookmarks' && name !== 'watch'),
  ...DELETE_PARAMETERS,
].sort();

/** What a connection or a log takes beside the name of its object. */
export const SUBRESOURCE_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  attach: ['container', 'stderr', 'stdin', 'stdout', 'tty'],
  exec: ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'],
  log: [
    'container',
    'follow',
    'insecureSkipTLSVerifyBackend',
    'limitBytes',
    'previous',
    'sinceSeconds',
    'stream',
    'tailLines',
    'timestamps',
  ],
  portforward: ['ports'],
  proxy: ['path'],
};

const QUERY: Readonly<Record<string, readonly [Parameter['type'], string]>> = {
  allowWatchBookmarks: ['boolean', 'Asks for events of type BOOKMARK in a watch.'],
  command: ['string', 'What to execute: the program and its arguments, not run in a shell.'],
  container: ['string', 'The container of the pod; its only one by default.'],
  continue: ['string', 'The token of an earlier page of the same list; 410 says that it has expired.'],
  dryRun: ['string', 'All: go through every stage of the request and keep nothing.'],
  fieldManager: ['string', 'The name of who makes the change, at most 128 printable characters.'],
  fieldSelector: ['string', 'Restricts the objects by their fields.'],
  fieldValidation: ['string', 'What becomes of unknown and repeated fields: Ignore, Warn (the default) or Strict.'],
  follow: ['boolean', 'Goes on with what is logged from now on.'],
  force: ['boolean', 'Takes over fields that other managers own; for apply only.'],
  gracePeriodSeconds: ['integer', 'Seconds until the object is deleted; 0 deletes at once.'],
  ignoreStoreReadErrorWithClusterBreakingPotential: ['boolean', 'Deletes an object that cannot be read.'],
  insecureSkipTLSVerifyBackend: ['boolean', 'Does not check the certificate of the node agent.'],
  labelSelector: ['string', 'Restricts the objects by their labels.'],
  limit: ['integer', 'As many objects as one answer holds at most; `continue` in its metadata leads on.'],
  limitBytes: ['integer', 'Ends the log after this many bytes.'],
  orphanDependents: ['boolean', 'Deprecated: use propagationPolicy.'],
  path: ['string', 'The path below the object that the request goes to.'],
  ports: ['integer', 'The ports to forward; required with WebSocket.'],
  pretty: ['string', 'true: the answer is indented.'],
  previous: ['boolean', 'The log of the container before its last restart.'],
  propagationPolicy: ['string', 'What becomes of dependents: Orphan, Background or Foreground.'],
  resourceVersion: ['string', 'The version of the data that the answer is to be of.'],
  resourceVersionMatch: ['string', 'How resourceVersion is meant: Exact or NotOlderThan.'],
  sendInitialEvents: ['boolean', 'Starts a watch with the present state, closed by a bookmark.'],
  shardSelector: ['string', 'Restricts the objects to ranges of a hash; alpha.'],
  sinceSeconds: ['integer', 'Only what was logged in the last seconds.'],
  stderr: ['boolean', 'Whether to carry the error stream.'],
  stdin: ['boolean', 'Whether to carry the input stream.'],
  stdout: ['boolean', 'Whether to carry the output stream.'],
  stream: ['string', 'All, Stdout or Stderr.'],
  tailLines: ['integer', 'Only the last lines of the log.'],
  timeoutSeconds: ['integer', 'Ends the call after this many seconds.'],
  timestamps: ['boolean', 'Puts the time before each line.'],
  tty: ['boolean', 'Whether the process has a terminal.'],
  watch: ['boolean', 'Follows changes instead of answering once.'],
};

const PATH: Readonly<Record<string, string>> = {
  name: 'The name of the object.',
  namespace: 'The namespace of the object.',
  path: 'The path below the object.',
};

export function queryParameter(name: string): Parameter {
  const [type, description] = QUERY[name] ?? (['string', ''] as const);
  return { name, in: 'query', type, description };
}

export function pathParameter(name: string): Parameter {
  return { name, in: 'path', type: 'string', description: PATH[name] ?? '' };
}
