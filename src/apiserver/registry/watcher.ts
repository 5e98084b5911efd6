import type { KubeObject } from '../../api/object.ts';
import { StatusError } from '../../api/status-error.ts';
import { isTrue } from '../../auth/index.ts';
import type { Clock } from '../../base/clock.ts';
import type { ApiResponse } from '../../client/index.ts';
import { DEFAULT_WATCH_QUEUE, WatchStream } from '../../http/index.ts';
import { type Encoding, MEDIA_TYPES, notAcceptable, type Representation } from '../door/negotiation.ts';
import { watchFrame } from '../protobuf/index.ts';
import { CompactedError, type ObjectStore, type StoreEvent } from '../store/index.ts';
import { apiVersionOf, type ServedResource } from './catalog.ts';
import { bytesOf, objectOf } from './codec.ts';
import { partial } from './partial.ts';
import type { Presenter } from './presenter.ts';
import { assertListOptions, parseRevision } from './resource-version.ts';
import { Selection } from './selection.ts';
import { includeOf } from './table.ts';
import { viewOf } from './version-view.ts';

/** Watches that may be open at once. */
const MAX_WATCHERS = 10_000;
/** How often a quiet watch is told how far it is. */
const BOOKMARK_PERIOD_MS = 60_000;
/** A watch without `timeoutSeconds` ends after a random time between this and twice this, as upstream's do. */
const MIN_TIMEOUT_MS = 30 * 60_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type EventType = StoreEvent['type'];

export interface WatchRequest {
  readonly served: ServedResource;
  readonly namespace: string;
  readonly query: URLSearchParams;
  readonly form: Representation;
}

interface Watch extends WatchRequest {
  readonly stream: WatchStream;
  readonly selection: Selection;
  /** Whether what is sent is still what the client asked for at the start: that is not held against it. */
  starting: boolean;
  /** Events up to here have been sent. */
  revision: number;
  /** Whether the column definitions of a Table have gone out. */
  columnsSent: boolean;
}

interface Told {
  readonly event: StoreEvent;
  /** By encoding and type. */
  readonly encoded: Map<string, Uint8Array>;
  object: KubeObject | undefined;
}

export class Watcher {
  readonly #store: ObjectStore;
  readonly #presenter: Presenter;
  readonly #clock: Clock;
  readonly #random: () => number;
  /** What has been made of the event that is told at the moment, once for all watchers. */
  #told: Told | undefined;
  #open = 0;

  constructor(store: ObjectStore, presenter: Presenter, clock: Clock, random: () => number) {
    this.#store = store;
    this.#presenter = presenter;
    this.#clock = clock;
    this.#random = random;
  }

  get count(): number {
    return this.#open;
  }

  /** A stream of events: one JSON object a line, or frames of protobuf. The signal ends it. */
  async watch(request: WatchRequest, signal: AbortSignal): Promise<ApiResponse> {
    const { query, served, form } = request;
    assertListOptions(query, true);
    const contentType = STREAM_TYPES[form.encoding];
    if (contentType === undefined) throw notAcceptableStream();
    const selection = Selection.parse(query, served.strategy);
    if (this.#open >= MAX_WATCHERS) {
      throw new StatusError('TooManyRequests', `${MAX_WATCHERS} watches are open already`, {
        details: { retryAfterSeconds: 1 },
      });
    }
    const over = new AbortController();
    const ended = AbortSignal.any([signal, over.signal]);
    const stream = new WatchStream(DEFAULT_WATCH_QUEUE, () => over.abort());
    const watch: Watch = { ...request, stream, selection, starting: true, revision: 0, columnsSent: false };
    this.#open += 1;
    over.signal.addEventListener('abort', () => (this.#open -= 1), { once: true });
    signal.addEventListener('abort', () => stream.end(), { once: true });
    try {
      await this.#begin(watch, ended);
    } catch (error) {
      stream.abort();
      throw error;
    }
    watch.starting = false;
    if (signal.aborted) stream.end();
    this.#expire(watch, ended);
    return { status: 200, headers: { 'content-type': contentType }, body: stream };
  }

  /** Sends what is there where that is asked for, then follows the store. */
  async #begin(watch: Watch, ended: AbortSignal): Promise<void> {
    const { query } = watch;
    const version = query.get('resourceVersion') ?? '';
    const sendInitial = query.get('sendInitialEvents');
    const fromNow = version === '' || version === '0';
    const listing = sendInitial === null ? fromNow : isTrue(sendInitial);
    if (!listing) {
      this.#follow(watch, fromNow ? this.#store.revision : parseRevision(version), ended);
      return;
    }
    if (!fromNow) parseRevision(version);
    const revision = await this.#sendPresent(watch);
    if (sendInitial !== null && isTrue(query.get('allowWatchBookmarks'))) this.#bookmark(watch, revision, true);
    this.#follow(watch, revision, ended);
  }

  async #sendPresent(watch: Watch): Promise<number> {
    const { served, namespace, selection } = watch;
    const page = await viewOf(this.#store, served).list({
      resource: served.storageKey,
      namespace: namespace === '' ? undefined : namespace,
    });
    for (const stored of page.items) {
      const event: StoreEvent = { ...stored, type: 'ADDED', resource: served.storageKey };
      if (selection.isEverything || selection.matches(objectOf(served, stored))) this.#send(watch, 'ADDED', event);
    }
    return page.revision;
  }

  #follow(watch: Watch, since: number, ended: AbortSignal): void {
    watch.revision = since;
    const prefix = watch.namespace === '' ? '' : `${watch.namespace}/`;
    try {
      const { served } = watch;
      const stop = viewOf(this.#store, served).watch(
        served.storageKey,
        since,
        (event) => {
          if (event.key.startsWith(prefix)) this.#offer(watch, event);
        },
        (error) => endWith(watch, error),
      );
      if (ended.aborted) stop();
      else ended.addEventListener('abort', stop, { once: true });
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error;
      // Told in the stream, as upstream tells it: clients list again.
      endWith(watch, new StatusError('Expired', `too old resource version: ${since} (${error.oldest})`));
    }
  }

  /** What a write means to this watch: a change into the selection is an addition, one out of it a deletion. */
  #offer(watch: Watch, event: StoreEvent): void {
    watch.revision = event.revision;
    if (watch.selection.isEverything) return this.#send(watch, event.type, event);
    const { served, selection } = watch;
    const was = event.previous !== undefined && selection.matches(objectOf(served, event.previous));
    if (event.type === 'DELETED') {
      if (was) this.#send(watch, 'DELETED', event);
      return;
    }
    const is = selection.matches(this.#objectOf(served, event));
    if (is) this.#send(watch, was ? 'MODIFIED' : 'ADDED', event);
    else if (was && event.previous !== undefined) {
      // The last state that was selected, at the revision of the change.
      this.#sendObject(watch, 'DELETED', atRevision(objectOf(served, event.previous), event.revision));
    }
  }

  #send(watch: Watch, type: EventType, event: StoreEvent): void {
    const { served, form } = watch;
    if (form.as !== 'none' || form.pretty || served.conversion !== undefined) {
      return this.#sendObject(watch, type, objectOf(served, event));
    }
    const known = this.#toldOf(event).encoded;
    const key = `${form.encoding} ${type}`;
    let bytes = known.get(key);
    if (bytes === undefined) {
      const json = form.encoding === 'json';
      bytes = json ? line(type, bytesOf(served, event)) : frame(form, type, this.#objectOf(served, event));
      known.set(key, bytes);
    }
    push(watch, bytes);
  }

  #sendObject(watch: Watch, type: EventType, object: KubeObject): void {
    const { served, form, query } = watch;
    let shown = this.#presenter.transformed(served, object, form, includeOf(query));
    // Only the first Table describes its columns.
    if (form.as === 'Table' && watch.columnsSent) shown = { ...shown, columnDefinitions: null };
    watch.columnsSent = true;
    push(watch, frame(form, type, shown));
  }

  #bookmark(watch: Watch, revision: number, endsInitial: boolean): void {
    const { served, form } = watch;
    const metadata = {
      resourceVersion: String(revision),
      ...(endsInitial ? { annotations: { [INITIAL_EVENTS_END]: 'true' } } : {}),
    };
    const object: KubeObject = { kind: served.info.kind, apiVersion: apiVersionOf(served.info), metadata };
    const shown =
      form.as === 'PartialObjectMetadata'
        ? partial(served, object, form.metaVersion)
        : this.#presenter.transformed(served, object, form, includeOf(watch.query));
    push(watch, frame(form, 'BOOKMARK', shown));
  }

  /** Bookmarks now and then, and the end of the watch in time. */
  #expire(watch: Watch, ended: AbortSignal): void {
    const seconds = Number(watch.query.get('timeoutSeconds') ?? 0);
    const timeoutMs = seconds > 0 ? seconds * 1000 : MIN_TIMEOUT_MS * (1 + this.#random());
    void this.#clock.sleep(timeoutMs, ended).then(
      () => watch.stream.end(),
      () => undefined,
    );
    if (isTrue(watch.query.get('allowWatchBookmarks'))) void this.#keepMarking(watch, ended);
  }

  async #keepMarking(watch: Watch, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      const over = await this.#clock.sleep(BOOKMARK_PERIOD_MS, ended).then(
        () => false,
        () => true,
      );
      if (over) return;
      this.#bookmark(watch, viewOf(this.#store, watch.served).revision, false);
    }
  }

  #objectOf(served: ServedResource, event: StoreEvent): KubeObject {
    if (served.conversion !== undefined) return objectOf(served, event);
    const told = this.#toldOf(event);
    told.object ??= objectOf(served, event);
    return told.object;
  }

  /** All watchers hear of one event after the other; to keep more would hold the history twice. */
  #toldOf(event: StoreEvent): Told {
    if (this.#told?.event !== event) this.#told = { event, encoded: new Map(), object: undefined };
    return this.#told;
  }
}

function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

/** What a stream may be of. */
const STREAM_TYPES: Readonly<Partial<Record<Encoding, string>>> = {
  json: MEDIA_TYPES.json,
  protobuf: `${MEDIA_TYPES.protobuf};stream=watch`,
};

function frame({ encoding }: Representation, type: string, object: object): Uint8Array {
  return encoding === 'protobuf' ? watchFrame(type, object) : line(type, Buffer.from(JSON.stringify(object)));
}

function line(type: string, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, Buffer.from('}\n')]);
}

function push({ stream, starting }: Watch, chunk: Uint8Array): void {
  if (starting) stream.begin(chunk);
  else stream.push(chunk);
}

/** The last line of a watch that cannot go on. */
function endWith({ stream, form }: Watch, error: unknown): void {
  const status = error instanceof StatusError ? error : new StatusError('InternalError', 'the watch cannot go on');
  stream.push(frame(form, 'ERROR', status.toStatus()));
  stream.end();
}

function notAcceptableStream(): StatusError {
  const message =
    'only the following media types are accepted: application/json;stream=watch, ' +
    'application/vnd.kubernetes.protobuf;stream=watch';
  return new StatusError('NotAcceptable', message, { cause: notAcceptable('') });
}
