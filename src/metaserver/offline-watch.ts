import type { KubeObject } from '../api/object.ts';
import { apiVersionOf } from '../api/resources.ts';
import { badRequest, StatusError } from '../api/status-error.ts';
import {
  type Change,
  compareRevisions,
  type EdgeStore,
  holds,
  type Scope,
  type StoredObject,
} from '../edgestore/index.ts';
import type { OfflineReader } from './offline-reader.ts';
import { type ResourceRequest, scopeOf } from './request-info.ts';
import { tableOf, tableRow, type AnswerForm } from './table.ts';

/** How often a watch that asked for bookmarks hears where it stands. */
const BOOKMARK_PERIOD_MS = 60_000;
/** Upstream's `min-request-timeout`; it draws between once and twice that. */
const MIN_TIMEOUT_SECONDS = 1_800;
/** Changes that wait for a slow watcher, its initial events aside; beyond it the watch ends and the client starts over. */
const MAX_WAITING_EVENTS = 10_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

export interface OfflineWatchOptions {
  readonly store: EdgeStore;
  readonly reader: OfflineReader;
  readonly random: () => number;
}

/**
 * A watch on the edge store. It ends when the API is back, when its time is over or when it falls behind; the client then
 * watches on from the last revision it saw, or lists anew. Throws Expired where events before its start were missed.
 */
export function offlineWatch(
  request: ResourceRequest,
  form: AnswerForm,
  options: OfflineWatchOptions,
  end: AbortSignal,
): AsyncIterable<Uint8Array> {
  const { store, reader } = options;
  const scope = scopeOf(request);
  const { query } = request;
  const known = reader.known(scope);
  const since = query.get('resourceVersion') ?? '';
  const sendsInitial = query.get('sendInitialEvents') === 'true';
  if (sendsInitial && query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw badRequest('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  const fromStart = since === '' || since === '0' || sendsInitial;
  if (!fromStart && compareRevisions(since, known.resourceVersion) < 0) {
    throw new StatusError('Expired', `too old resource version: ${since} (${known.resourceVersion})`);
  }
  const queue = new EventQueue(scope, known.resourceVersion, form, query.get('includeObject') ?? 'Metadata');
  const kind = known.listKind.replace(/List$/, '');
  if (fromStart) queue.begin(store.list(scope));
  if (sendsInitial) queue.bookmark(kind, { [INITIAL_EVENTS_END]: 'true' });
  const unsubscribe = store.subscribe(scope.collection, (change) => queue.take(change));
  const bookmarks =
    query.get('allowWatchBookmarks') === 'true'
      ? setInterval(() => queue.bookmark(kind), BOOKMARK_PERIOD_MS)
      : undefined;
  const seconds = Number(query.get('timeoutSeconds') ?? 0) || MIN_TIMEOUT_SECONDS * (1 + options.random());
  const signal = AbortSignal.any([end, AbortSignal.timeout(Math.ceil(seconds * 1000))]);
  return drain(queue, signal, () => {
    unsubscribe();
    clearInterval(bookmarks);
  });
}

async function* drain(queue: EventQueue, signal: AbortSignal, release: () => void): AsyncGenerator<Uint8Array> {
  try {
    while (!signal.aborted && !queue.overflowed) {
      const lines = queue.shift();
      if (lines === undefined) await queue.filled(signal);
      else yield lines;
    }
  } finally {
    release();
  }
}

class EventQueue {
  readonly #scope: Scope;
  readonly #form: AnswerForm;
  readonly #includeObject: string;
  #revision: string;
  #lines: string[] = [];
  #initial = 0;
  #wake: () => void = () => undefined;
  overflowed = false;

  constructor(scope: Scope, revision: string, form: AnswerForm, includeObject: string) {
    this.#scope = scope;
    this.#revision = revision;
    this.#form = form;
    this.#includeObject = includeObject;
  }

  /** What is there when the watch begins. */
  begin(objects: readonly StoredObject[]): void {
    for (const object of objects) this.push('ADDED', object);
    this.#initial = objects.length;
  }

  /** An object that comes to match the selectors is added for this watcher, one that ceases to match is deleted. */
  take({ type, object, previous }: Change): void {
    this.overflowed ||= this.#lines.length >= MAX_WAITING_EVENTS + this.#initial;
    if (this.overflowed) return this.#wake();
    const was = previous !== undefined && holds(this.#scope, previous);
    const is = type === 'put' && holds(this.#scope, object);
    if (compareRevisions(object.resourceVersion, this.#revision) > 0) this.#revision = object.resourceVersion;
    if (was && is) this.push('MODIFIED', object);
    else if (is) this.push('ADDED', object);
    else if (was) this.push('DELETED', previous);
  }

  push(type: EventType, object: StoredObject): void {
    if (this.#form.as === 'object') this.#add(`{"type":"${type}","object":${object.json}}\n`);
    else {
      const { version } = this.#form;
      const row = tableRow(JSON.parse(object.json) as KubeObject, this.#includeObject, version);
      const table = tableOf([row], { resourceVersion: object.resourceVersion }, version);
      this.#add(`${JSON.stringify({ type, object: table })}\n`);
    }
  }

  bookmark(kind: string, annotations?: Record<string, string>): void {
    const metadata = { resourceVersion: this.#revision, ...(annotations === undefined ? {} : { annotations }) };
    const object = { kind, apiVersion: apiVersionOf(this.#scope.collection), metadata };
    this.#add(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }

  /** All lines that wait, as one chunk. */
  shift(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    const chunk = Buffer.from(this.#lines.join(''));
    this.#lines = [];
    return chunk;
  }

  /** Resolves when there is something to send, or to end. */
  filled(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#wake = done;
      signal.addEventListener('abort', done, { once: true });
      if (signal.aborted) done();
    });
  }

  #add(line: string): void {
    this.#lines.push(line);
    this.#wake();
  }
}
