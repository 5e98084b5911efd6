import { hasCode, StatusError } from '../../api/status-error.ts';
import { type BackoffPolicy, backoffMs } from '../../base/backoff.ts';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { ApiTransport } from '../../client/index.ts';
import { compareRevisions, isAway } from '../../edgestore/index.ts';
import type { ApiHealth } from '../api-health.ts';
import { neverSeen } from '../offline-reader.ts';
import { fetchListing } from './api-lists.ts';
import { SharedRuns } from './shared-runs.ts';
import { tooOld, type Topic } from './topic.ts';
import type { TopicCopy } from './topic-copy.ts';
import { type Listing, objectKey } from './topic-event.ts';
import { Trial } from './trial.ts';
import { type UpstreamEvent, upstreamEvents } from './upstream-events.ts';

const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 30_000, jitter: 0.5 };
/** What lasted longer than this has worked, and the next failure is a first one. */
const LASTING_MS = 10_000;
/** What a watch starts behind is brought within this time. */
const IN_STEP_AFTER_MS = 1_000;
/** Within this time a watch shows the deletions that a list implies. */
const PROOF_WITHIN_MS = 2_000;

export interface UpstreamNeeds {
  readonly transport: ApiTransport;
  readonly health: ApiHealth;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** Resolves when no local write waits any more: only then does the API tell the whole truth. */
  readonly settled: () => Promise<void>;
  /** The API server goes on with another history, which is at this revision now. */
  readonly rewound: (revision: string) => void;
}

/**
 * Brings one topic what the API server has to say, with one list and one watch for however many clients. After a break
 * it first makes sure that the server goes on with the same history, then watches on from where it was.
 */
export class Upstream {
  readonly #topic: Topic;
  readonly #copy: TopicCopy;
  readonly #needs: UpstreamNeeds;
  /** Events may have been missed, or another server may be there. */
  #suspect = false;
  /** What the topic holds cannot be joined to what the API will say. */
  #detached = false;
  #trial: { readonly trial: Trial; readonly listing: Listing } | undefined;
  #followingSince: number | undefined;
  readonly #refreshes: SharedRuns;

  constructor(topic: Topic, copy: TopicCopy, needs: UpstreamNeeds) {
    this.#topic = topic;
    this.#copy = copy;
    this.#needs = needs;
    this.#refreshes = new SharedRuns(() => this.#refreshOnce());
  }

  /**
   * Fills the topic, at exactly the revision `at` where one is given, so that its ring begins there. From the edge store
   * while the API is away. Throws what the API answers; Expired where it no longer has that revision.
   */
  async begin(at: string, signal: AbortSignal): Promise<void> {
    const { health } = this.#needs;
    if (health.away) return this.#beginFromCopy();
    try {
      const listing = await this.#firstListing(at, AbortSignal.any([signal, health.lost]));
      this.#topic.reset(listing);
      this.#copy.replace(listing);
    } catch (error) {
      signal.throwIfAborted();
      if (!isAway(error) && !hasCode(error, 500)) throw error;
      // One collection may be out of order where all others are served: that of an aggregated API server, say.
      if (isAway(error) && (await health.doubt(error)) && this.#copy.load() === undefined) throw error;
      this.#beginFromCopy();
    }
  }

  /** Follows the API until the signal ends it, or until the API says that there is nothing to follow. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#needs;
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      const began = clock.now();
      try {
        await this.#comeBack(signal);
        await this.#follow(signal);
        if (clock.now() - began > LASTING_MS) attempt = 0;
        else await clock.sleep(backoffMs(RETRY, attempt, random), signal);
      } catch (error) {
        if (signal.aborted) return;
        if (isFinal(error)) return this.#topic.close(error);
        if (clock.now() - began > LASTING_MS) attempt = 0;
        await this.#recover(error, attempt, signal);
      }
    }
  }

  /** Whether the topic follows the API, or soon will again without having missed anything. */
  get live(): boolean {
    return !this.#needs.health.away && !this.#suspect;
  }

  /** Whether a watch has been bringing events for long enough that nothing of before is still to come. */
  get inStep(): boolean {
    const { health, clock } = this.#needs;
    return !health.away && this.#followingSince !== undefined && clock.now() - this.#followingSince >= IN_STEP_AFTER_MS;
  }

  /** Brings the topic to the present of the API, as far as it answers. */
  async refresh(): Promise<void> {
    if (this.live) await this.#refreshes.ask();
  }

  /** From now on the topic holds what only this site knows: its clients have to list anew when the API is back. */
  detach(): void {
    this.#detached = true;
  }

  async #refreshOnce(): Promise<void> {
    try {
      const listing = await this.#list(this.#needs.health.lost);
      const news = compareRevisions(listing.resourceVersion, this.#topic.revision) > 0;
      if (news && !this.#suspect) this.#absorb(listing, false);
    } catch (error) {
      this.#needs.logger.debug({ err: error }, 'a watch begins without being refreshed');
    }
  }

  #absorb(listing: Listing, thorough: boolean): void {
    if (this.#topic.absorb(listing, thorough) === 'reset') this.#needs.rewound(listing.resourceVersion);
    this.#copy.replace(listing);
  }

  async #firstListing(at: string, signal: AbortSignal): Promise<Listing> {
    const { transport } = this.#needs;
    if (at === '' || at === '0') return await this.#list(signal);
    try {
      const exactly = { resourceVersion: at, resourceVersionMatch: 'Exact' };
      return await fetchListing(transport, this.#topic.scope, exactly, signal);
    } catch (error) {
      if (hasCode(error, 410)) throw tooOld(at, 'of the API server');
      signal.throwIfAborted();
      if (isAway(error) && !hasCode(error, 504)) throw error;
    }
    const listing = await this.#list(signal);
    // The client comes from another history than the API server.
    if (compareRevisions(at, listing.resourceVersion) > 0) throw tooOld(at, listing.resourceVersion);
    return listing;
  }

  #list(signal: AbortSignal): Promise<Listing> {
    return fetchListing(this.#needs.transport, this.#topic.scope, {}, signal);
  }

  #beginFromCopy(): void {
    const kept = this.#copy.load();
    if (kept === undefined) throw neverSeen(`${this.#topic.scope.collection.plural} in full`);
    this.#topic.reset(kept);
    this.#suspect = true;
    this.#detached = kept.mixed;
  }

  /** Waits until the API is there; after a break, finds out whether it is the one that was there before. */
  async #comeBack(signal: AbortSignal): Promise<void> {
    const { health, settled } = this.#needs;
    await health.present(signal);
    if (!this.#suspect && !this.#detached) return;
    await settled();
    const listing = await this.#list(AbortSignal.any([signal, health.lost]));
    const plan = this.#topic.planTo(listing);
    if (this.#detached) this.#startOver(listing, 'local writes were brought to the API server');
    else if (plan.action === 'reset') this.#anotherHistory(listing, plan.reason);
    else {
      const missing = plan.events.filter(({ type }) => type === 'delete').map(({ object }) => objectKey(object));
      this.#trial = { trial: new Trial(missing), listing };
      if (!this.#copy.whole) this.#copy.replace(this.#topic.listing);
    }
    this.#suspect = false;
    this.#detached = false;
  }

  #anotherHistory(listing: Listing, reason: string): void {
    this.#needs.rewound(listing.resourceVersion);
    this.#startOver(listing, `the API server was set back: ${reason}`);
  }

  #startOver(listing: Listing, reason: string): void {
    this.#needs.logger.warn({ resource: this.#topic.scope.collection.plural, reason }, 'clients have to list anew');
    this.#topic.reset(listing, reason);
    this.#copy.replace(listing);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { health, clock } = this.#needs;
    const over = new AbortController();
    const opened = (): void => {
      health.answered();
      this.#followingSince = clock.now();
    };
    const onTrial = this.#trial;
    this.#trial = undefined;
    if (onTrial !== undefined && !onTrial.trial.over) void this.#judge(onTrial.trial, onTrial.listing, over.signal);
    try {
      const ended = AbortSignal.any([signal, health.lost]);
      for await (const event of upstreamEvents(
        this.#topic.scope,
        this.#topic.revision,
        { ...this.#needs, opened },
        ended,
      )) {
        for (const proven of onTrial?.trial.pass(event) ?? [event]) this.#take(proven);
      }
    } finally {
      over.abort();
      this.#followingSince = undefined;
      this.#copy.flush();
    }
  }

  /** A watch that does not show what the list implies comes from another history. */
  async #judge(trial: Trial, listing: Listing, over: AbortSignal): Promise<void> {
    await this.#needs.clock.sleep(PROOF_WITHIN_MS, over).catch(() => undefined);
    if (over.aborted || trial.over) return;
    this.#anotherHistory(listing, 'objects are gone that were never deleted');
    for (const event of trial.end()) this.#take(event);
  }

  #take(event: UpstreamEvent): void {
    if (event.type !== 'bookmark') {
      if (this.#topic.apply(event.type, event.object)) this.#copy.apply(event.type, event.object);
      return;
    }
    this.#topic.progress(event.revision);
    if (this.#copy.whole) this.#copy.confirm(event.revision);
    else this.#copy.replace(this.#topic.listing);
  }

  async #recover(why: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { health, clock, random, logger } = this.#needs;
    logger.debug({ err: why }, `a shared watch broke: ${messageOf(why)}`);
    try {
      // The server's history does not reach back: its list says what was missed.
      if (hasCode(why, 410) && !this.#suspect) return this.#absorb(await this.#list(signal), true);
    } catch (failure) {
      if (isAway(failure)) await health.doubt(failure);
    }
    this.#suspect = true;
    // A connection that was cut on the way says nothing of the server.
    if (isAway(why) && !(await health.doubt(why))) return;
    const asked = why instanceof StatusError ? (why.details?.retryAfterSeconds ?? 0) * 1000 : 0;
    await clock.sleep(Math.max(asked, backoffMs(RETRY, attempt, random)), signal).catch(() => undefined);
  }
}

/** The API answers, and says that there is nothing here for the site to see. */
function isFinal(error: unknown): error is StatusError {
  return [403, 404, 405].some((code) => hasCode(error, code));
}
