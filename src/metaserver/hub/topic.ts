import { StatusError } from '../../api/status-error.ts';
import { canonicalKey, compareRevisions, newerRevision, type Scope, type StoredObject } from '../../edgestore/index.ts';
import type { WatchStream } from '../../http/index.ts';
import type { Tables } from '../table.ts';
import { EventEncoder, type View } from './event-encoder.ts';
import { EventRing } from './event-ring.ts';
import { Feed, type Watcher } from './feed.ts';
import { RecentParses } from './recent-parses.ts';
import { planRelist, type RelistPlan } from './relist-plan.ts';
import { type Listing, objectKey, type TopicEvent } from './topic-event.ts';
import type { WatchStart } from './watch-start.ts';

/** What clients may resume from; beyond it the oldest go, and who needs them lists anew. */
const RING = { maxEvents: 2_000, maxBytes: 4 * 1024 * 1024 };
const INITIAL_EVENTS_END = { 'k8s.io/initial-events-end': 'true' };

/**
 * A scope as the upstream told it so far, and everybody who watches it. Nothing in here waits: what the upstream brings
 * and who joins are seen in one order.
 *
 * Invariants: `objects` is the state at `revision`; the ring holds every event from its floor to `revision`; a watcher has
 * been sent, or has queued, every event between its start and `revision`.
 */
export class Topic {
  readonly scope: Scope;
  readonly #tables: Tables;
  readonly #parses = new RecentParses();
  readonly #feeds = new Map<string, Feed>();
  /** Watchers whose client has seen more than the topic has. */
  readonly #ahead = new Map<Watcher, Feed>();
  #objects = new Map<string, StoredObject>();
  #ring = new EventRing(RING, '0');
  #revision = '0';
  #listKind = 'List';
  #closed: StatusError | undefined;

  constructor(scope: Scope, tables: Tables) {
    this.scope = scope;
    this.#tables = tables;
  }

  get revision(): string {
    return this.#revision;
  }

  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /** The present state, as a list would show it. */
  get listing(): Listing {
    return { resourceVersion: this.#revision, listKind: this.#listKind, objects: [...this.#objects.values()] };
  }

  get watchers(): number {
    return [...this.#feeds.values()].reduce((sum, { watchers }) => sum + watchers.size, this.#ahead.size);
  }

  /** A first list, or one of another history: who watches is told to list anew. */
  reset(listing: Listing, reason = ''): void {
    this.#objects = new Map(listing.objects.map((object) => [objectKey(object), object]));
    this.#revision = listing.resourceVersion;
    this.#listKind = listing.listKind;
    this.#ring = new EventRing(RING, listing.resourceVersion);
    this.endWatches(new StatusError('Expired', `too old resource version: the watch cannot go on: ${reason}`));
  }

  /** Brings the topic to the list of a server that it may have missed events of. `thorough` after a break. */
  absorb(listing: Listing, thorough: boolean): 'advanced' | 'reset' {
    const plan = planRelist({ revision: this.#revision, objects: this.#objects }, listing, thorough);
    if (plan.action === 'reset') {
      this.reset(listing, plan.reason);
      return 'reset';
    }
    for (const event of plan.events) this.#take(event);
    this.progress(listing.resourceVersion);
    return 'advanced';
  }

  /** What lies between the topic and the list of a server that may be another one. */
  planTo(listing: Listing): RelistPlan {
    return planRelist({ revision: this.#revision, objects: this.#objects }, listing, true);
  }

  /** One event of the upstream. What the topic has seen already is passed over. */
  apply(type: 'put' | 'delete', object: StoredObject): boolean {
    if (compareRevisions(object.resourceVersion, this.#revision) <= 0) return false;
    const previous = this.#objects.get(objectKey(object));
    this.#take({ type, revision: object.resourceVersion, object, previous });
    return true;
  }

  has(object: StoredObject): boolean {
    return this.#objects.has(objectKey(object));
  }

  /** Nothing happened up to this revision. */
  progress(revision: string): void {
    this.#revision = newerRevision(revision, this.#revision);
    this.#joinThoseReached(this.#revision, true);
  }

  /** Throws Expired where events between the client's revision and the ring are missing. */
  join(view: View, start: WatchStart, stream: WatchStream, signal: AbortSignal): void {
    if (this.#closed !== undefined) throw this.#closed;
    const fromNow = start.initial || start.since === '' || start.since === '0';
    const since = fromNow ? this.#revision : start.since;
    const missed = this.#ring.since(since);
    if (missed === undefined) throw tooOld(since, this.#ring.floor);
    const feed = this.#feedOf(view);
    feed.flush();
    const watcher: Watcher = { stream, since, bookmarks: start.bookmarks };
    const lines = start.initial
      ? this.#present(feed.encoder, start.endMark)
      : missed.flatMap((event) => feed.encoder.event(event) ?? []);
    if (lines.length > 0) stream.begin(Buffer.from(lines.join('')));
    if (compareRevisions(since, this.#revision) > 0) this.#ahead.set(watcher, feed);
    else feed.watchers.add(watcher);
    const leave = (): void => {
      feed.watchers.delete(watcher);
      this.#ahead.delete(watcher);
      if (feed.watchers.size === 0 && ![...this.#ahead.values()].includes(feed)) this.#feeds.delete(viewKey(view));
    };
    signal.addEventListener('abort', leave, { once: true });
    if (signal.aborted) leave();
  }

  sendBookmarks(): void {
    for (const feed of this.#feeds.values()) {
      feed.flush();
      const line = Buffer.from(feed.encoder.bookmark(this.#kind, this.#revision));
      for (const { stream, bookmarks } of feed.watchers) if (bookmarks) stream.push(line);
    }
  }

  /** Ends all watches, with an error that clients act upon where one is given. */
  endWatches(error?: StatusError): void {
    const line = error && Buffer.from(`${JSON.stringify({ type: 'ERROR', object: error.toStatus() })}\n`);
    const streams = [...this.#ahead.keys()].map(({ stream }) => stream);
    for (const feed of this.#feeds.values()) {
      feed.flush();
      streams.push(...[...feed.watchers].map(({ stream }) => stream));
    }
    for (const stream of streams) {
      if (line !== undefined) stream.push(line);
      stream.end();
    }
  }

  /** Nobody can join any more. */
  close(error: StatusError): void {
    this.#closed = error;
    this.endWatches();
  }

  get #kind(): string {
    return this.#listKind.replace(/List$/, '');
  }

  #take(event: TopicEvent): void {
    this.#joinThoseReached(event.revision, false);
    const key = objectKey(event.object);
    if (event.type === 'put') this.#objects.set(key, event.object);
    else this.#objects.delete(key);
    this.#ring.push(event);
    this.#revision = event.revision;
    for (const feed of this.#feeds.values()) feed.offer(event);
  }

  /** Those ahead of the topic hear of it from the first event on that they have not seen. */
  #joinThoseReached(revision: string, inclusive: boolean): void {
    for (const [watcher, feed] of this.#ahead) {
      const lead = compareRevisions(watcher.since, revision);
      if (lead > 0 || (lead === 0 && !inclusive)) continue;
      this.#ahead.delete(watcher);
      feed.flush();
      feed.watchers.add(watcher);
    }
  }

  #present(encoder: EventEncoder, endMark: boolean): string[] {
    const lines = [...this.#objects.values()].flatMap((object) => encoder.initial(object) ?? []);
    if (endMark) lines.push(encoder.bookmark(this.#kind, this.#revision, INITIAL_EVENTS_END));
    return lines;
  }

  #feedOf(view: View): Feed {
    const key = viewKey(view);
    let feed = this.#feeds.get(key);
    if (feed === undefined) {
      const whole = canonicalKey(view.scope) === canonicalKey(this.scope);
      feed = new Feed(new EventEncoder(view, whole, this.#parses, this.#tables));
      this.#feeds.set(key, feed);
    }
    return feed;
  }
}

export function tooOld(since: string, floor: string): StatusError {
  return new StatusError('Expired', `too old resource version: ${since} (${floor})`);
}

function viewKey({ scope, form, includeObject }: View): string {
  return JSON.stringify([canonicalKey(scope), form, includeObject]);
}
