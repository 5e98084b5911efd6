import { FieldSelector } from '../../api/field-selectors.ts';
import { hasCode, StatusError } from '../../api/status-error.ts';
import { BoundedCache } from '../../base/bounded-cache.ts';
import { messageOf } from '../../base/errors.ts';
import {
  canonicalKey,
  type Collection,
  collectionKey,
  compareRevisions,
  covers,
  type EdgeStore,
  holds,
  newerRevision,
  type Scope,
  type StoredObject,
} from '../../edgestore/index.ts';
import { DEFAULT_WATCH_QUEUE, WatchStream } from '../../http/index.ts';
import type { Tables } from '../table.ts';
import { fetchRevision, tooLarge } from './api-lists.ts';
import type { View } from './event-encoder.ts';
import { Topic, tooOld } from './topic.ts';
import { TopicCopy } from './topic-copy.ts';
import { Upstream, type UpstreamNeeds } from './upstream.ts';
import type { WatchStart } from './watch-start.ts';

/** Watches that may be open at once. */
const MAX_WATCHERS = 10_000;
/** Topics of one collection before the next one is the whole collection, which then serves everybody. */
const MAX_NARROW_TOPICS = 2;
/** How long a topic is followed for clients that may come back. */
const LINGER_MS = 120_000;
const BOOKMARK_PERIOD_MS = 60_000;
/** A watch without `timeoutSeconds` ends after a random time between this and twice this, as upstream's do. */
const MIN_TIMEOUT_SECONDS = 1_800;
/** How long a collection that was too large to be shared is not fetched again to find that out. */
const TOO_LARGE_MS = 600_000;
const MAX_TOO_LARGE = 1_000;
const ALWAYS_SELECTABLE: readonly string[] = ['metadata.name', 'metadata.namespace'];

export interface HubNeeds extends Omit<UpstreamNeeds, 'rewound'> {
  readonly store: EdgeStore;
  readonly tables: Tables;
  /** Whether the edge store keeps the collection. */
  readonly keeps: (collection: Collection) => boolean;
  /** Local writes that wait for the API. */
  readonly waiting: () => readonly LocalChange[];
}

/** What a local write has made of an object; its revision lies beyond those of the API. */
export interface LocalChange {
  readonly verb: string;
  readonly collection: Collection;
  readonly object: StoredObject;
}

interface Channel {
  readonly topic: Topic;
  readonly upstream: Upstream;
  readonly copy: TopicCopy;
  readonly ready: Promise<void>;
  readonly ending: AbortController;
  idleSince: number | undefined;
}

/** One upstream watch for each part of a collection that clients watch, shared by all of them. */
export class WatchHub {
  readonly #needs: HubNeeds;
  readonly #closing: AbortSignal;
  readonly #channels = new Map<string, Channel[]>();
  /** The newest revision that the API server has shown. */
  #newest = '0';
  /** Collections with the fields that the API has selected by. */
  readonly #selectable = new Set<string>();
  /** Until when a scope counts as too large to be shared. */
  readonly #tooLarge = new BoundedCache<string, number>(MAX_TOO_LARGE, () => 1);
  #watchers = 0;

  constructor(needs: HubNeeds, closing: AbortSignal) {
    this.#needs = needs;
    this.#closing = closing;
  }

  get watchers(): number {
    return this.#watchers;
  }

  /** Upstream watches. */
  get topics(): number {
    return [...this.#channels.values()].flat().length;
  }

  /** Sends bookmarks and lets go of what nobody watches, until the closing. */
  async tend(): Promise<void> {
    const { clock } = this.#needs;
    while (!this.#closing.aborted) {
      await clock.sleep(BOOKMARK_PERIOD_MS, this.#closing).catch(() => undefined);
      for (const channel of [...this.#channels.values()].flat()) {
        channel.topic.sendBookmarks();
        this.#letGoWhereIdle(channel);
      }
    }
  }

  /** A revision that an answer of the API has carried. */
  saw(revision: string): void {
    if (/^\d+$/.test(revision)) this.#newest = newerRevision(revision, this.#newest);
  }

  /** Whether the edge store is kept in step with the scope without anybody's doing. */
  follows(scope: Scope): boolean {
    const channels = this.#channels.get(collectionKey(scope.collection)) ?? [];
    return channels.some(({ topic, upstream, copy }) => upstream.inStep && copy.whole && covers(topic.scope, scope));
  }

  /**
   * A watch that outlives breaks of the API. Throws Expired where it cannot go on from its start, ServiceUnavailable
   * for what was never seen, RequestEntityTooLarge for a collection that is too large to be shared.
   */
  async watch(view: View, start: WatchStart, signal: AbortSignal): Promise<WatchStream> {
    if (this.#watchers >= MAX_WATCHERS) {
      const details = { retryAfterSeconds: 1 };
      throw new StatusError('TooManyRequests', `${MAX_WATCHERS} watches are open already`, { details });
    }
    const { channel, fresh } = await this.#channelFor(view.scope, start.since);
    await this.#assertSelectable(channel, view.scope);
    await this.#catchUp(channel, start, fresh);
    const over = new AbortController();
    const stream = new WatchStream(DEFAULT_WATCH_QUEUE, () => over.abort());
    channel.topic.join(view, start, stream, over.signal);
    channel.idleSince = undefined;
    this.#watchers += 1;
    over.signal.addEventListener('abort', () => (this.#watchers -= 1), { once: true });
    signal.addEventListener('abort', () => stream.end(), { once: true, signal: over.signal });
    if (signal.aborted) stream.end();
    this.#endInTime(stream, start, over.signal);
    return stream;
  }

  /** Shows a write that only this site knows to those who watch without the API. */
  showLocal(write: LocalChange): void {
    for (const channel of this.#channels.get(collectionKey(write.collection)) ?? []) this.#showOn(channel, write);
  }

  #showOn({ topic, upstream }: Channel, { verb, collection, object }: LocalChange): void {
    if (upstream.live || collectionKey(collection) !== collectionKey(topic.scope.collection)) return;
    const put = verb !== 'delete' && holds(topic.scope, object);
    if (!put && !topic.has(object)) return;
    topic.apply(put ? 'put' : 'delete', object);
    upstream.detach();
  }

  /** The API goes on with another history: what it said before is no measure any more. */
  #rewound(revision: string): void {
    this.#newest = revision;
    this.#needs.store.rewind().catch((error: unknown) => {
      this.#needs.logger.error(
        { err: error },
        `the edge store may show what the API server has lost: ${messageOf(error)}`,
      );
    });
  }

  async #channelFor(scope: Scope, since: string): Promise<{ channel: Channel; fresh: boolean }> {
    const channels = this.#channels.get(collectionKey(scope.collection)) ?? [];
    const present = channels.find(({ topic }) => !topic.closed && covers(topic.scope, scope));
    if (present !== undefined) {
      await present.ready;
      return { channel: present, fresh: false };
    }
    if (channels.length < MAX_NARROW_TOPICS) return { channel: await this.#open(scope, since), fresh: true };
    try {
      return { channel: await this.#open({ collection: scope.collection }, since), fresh: true };
    } catch (error) {
      // The site may see only a part, or the whole may be too much.
      if (!hasCode(error, 403) && !hasCode(error, 413)) throw error;
      return { channel: await this.#open(scope, since), fresh: true };
    }
  }

  async #open(scope: Scope, since: string): Promise<Channel> {
    const { store, tables, keeps, clock, logger } = this.#needs;
    const key = canonicalKey(scope);
    if ((this.#tooLarge.get(key) ?? 0) > clock.now()) throw tooLarge(scope);
    const ending = new AbortController();
    const signal = AbortSignal.any([this.#closing, ending.signal]);
    const topic = new Topic(scope, tables);
    const copy = new TopicCopy(keeps(scope.collection) ? store : undefined, scope, clock, logger, signal);
    const needs = { ...this.#needs, rewound: (revision: string) => this.#rewound(revision) };
    const upstream = new Upstream(topic, copy, needs);
    const channel: Channel = {
      topic,
      upstream,
      copy,
      ending,
      ready: upstream.begin(since, signal),
      idleSince: clock.now(),
    };
    this.#add(channel);
    try {
      await channel.ready;
    } catch (error) {
      this.#remove(channel);
      if (hasCode(error, 413)) this.#tooLarge.set(key, clock.now() + TOO_LARGE_MS);
      throw error;
    }
    this.saw(topic.revision);
    for (const write of this.#needs.waiting()) this.#showOn(channel, write);
    void upstream.run(signal).finally(() => this.#remove(channel));
    return channel;
  }

  /** Which fields can be selected, the API knows: it is asked once for a scope that only a wider topic answers for. */
  async #assertSelectable({ topic, upstream }: Channel, scope: Scope): Promise<void> {
    const fields = FieldSelector.parse(scope.fieldSelector ?? '').requirements.map(({ field }) => field);
    const asked = fields.filter((field) => !ALWAYS_SELECTABLE.includes(field)).sort();
    const key = `${collectionKey(scope.collection)} ${asked.join()}`;
    const known = asked.length === 0 || this.#selectable.has(key) || canonicalKey(scope) === canonicalKey(topic.scope);
    if (known || !upstream.live) return;
    await fetchRevision(this.#needs.transport, scope, this.#needs.health.lost);
    this.#selectable.add(key);
  }

  /** A client must not be shown less than it has seen, nor less than there is where it asks for the present. */
  async #catchUp({ topic, upstream }: Channel, start: WatchStart, fresh: boolean): Promise<void> {
    const { since } = start;
    const ahead = since !== '' && compareRevisions(since, topic.revision) > 0;
    if ((since === '' && !fresh) || (ahead && start.initial)) await upstream.refresh();
    if (ahead && !start.initial) await this.#assertSameHistory(topic, since);
  }

  async #assertSameHistory(topic: Topic, since: string): Promise<void> {
    if (compareRevisions(since, this.#newest) <= 0) return;
    if (this.#needs.health.away) throw tooOld(since, topic.revision);
    this.saw(await fetchRevision(this.#needs.transport, topic.scope, this.#needs.health.lost));
    if (compareRevisions(since, this.#newest) > 0) throw tooOld(since, topic.revision);
  }

  #endInTime(stream: WatchStream, { timeoutSeconds }: WatchStart, over: AbortSignal): void {
    const { clock, random } = this.#needs;
    const seconds = timeoutSeconds ?? MIN_TIMEOUT_SECONDS * (1 + random());
    clock.sleep(seconds * 1000, over).then(
      () => stream.end(),
      () => undefined,
    );
  }

  #letGoWhereIdle(channel: Channel): void {
    const now = this.#needs.clock.now();
    if (channel.topic.watchers > 0) channel.idleSince = undefined;
    else if (channel.idleSince === undefined) channel.idleSince = now;
    else if (now - channel.idleSince >= LINGER_MS) channel.ending.abort();
  }

  #add(channel: Channel): void {
    const key = collectionKey(channel.topic.scope.collection);
    this.#channels.set(key, [...(this.#channels.get(key) ?? []), channel]);
  }

  #remove(channel: Channel): void {
    channel.ending.abort();
    if (!channel.topic.closed) channel.topic.close(new StatusError('ServiceUnavailable', 'the watch has ended'));
    const key = collectionKey(channel.topic.scope.collection);
    const rest = (this.#channels.get(key) ?? []).filter((other) => other !== channel);
    if (rest.length === 0) this.#channels.delete(key);
    else this.#channels.set(key, rest);
  }
}
