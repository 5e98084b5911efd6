import type { BrokerLimits } from '../limits.ts';
import type { Logger } from '../../base/logger.ts';
import type { Qos } from '../message-bus.ts';
import type { BrokerStore, Settled } from './broker-store.ts';
import { type BrokerTables, RETAIN_FLAG } from './broker-tables.ts';
import type { Publication } from './publication.ts';
import type { RetainedMessages } from './retained-messages.ts';
import { type Delivery, pick, type Route, type Router } from './router.ts';
import type { Session } from './session.ts';
import type { QueuedEntry, SessionQueues } from './session-queues.ts';
import type { Statistics } from './statistics.ts';

/** Where messages come from, one after the other: a connection, or the site itself. */
export interface Source {
  readonly session: Session | undefined;
  /** Messages of it that are on their way to the disk: later ones stay behind them. */
  storing: number;
}

export interface ExchangeNeeds {
  readonly limits: BrokerLimits;
  readonly router: Router<Session>;
  readonly retained: RetainedMessages;
  readonly queues: SessionQueues;
  readonly store: BrokerStore;
  readonly statistics: Statistics;
  readonly logger: Logger;
}

/** Rows that must be written together with a message. */
export type Rider = (tables: BrokerTables) => void;

/**
 * From publishers to subscribers. A message that is retained, or that a stored session is to get with QoS 1 or 2, is
 * stored first and then delivered to everybody; others are delivered at once. Messages of one source keep their order.
 */
export class Exchange {
  readonly #needs: ExchangeNeeds;

  constructor(needs: ExchangeNeeds) {
    this.#needs = needs;
  }

  /** Undefined: the site has nothing to do with it, or has done it. A rejection is for the sender to repeat the message. */
  tellSite(publication: Publication): Promise<void> | undefined {
    const { handlers } = this.#needs.router.route(publication.topic);
    if (handlers.length === 0) return undefined;
    return this.#tell(publication, handlers);
  }

  /** `settled` comes at once where nothing has to be stored. The rider makes it a message that has to. */
  publish(publication: Publication, source: Source, settled: Settled, rider?: Rider): void {
    const { store, router } = this.#needs;
    const route = router.route(publication.topic);
    const picked = route.groups.length === 0 ? NOBODY : this.#picked(route);
    const entries = publication.qos === 0 ? NOTHING : this.#admitted(route, picked, publication, source);
    const retains = publication.retain && this.#mayRetain(publication);
    const durable = entries.length > 0 || rider !== undefined || retains;
    if (!durable && source.storing === 0) {
      this.#deliver(publication, source, entries, picked, retains);
      return settled();
    }
    source.storing += 1;
    store.write(
      (tables) => {
        for (const entry of entries) this.#needs.queues.insert(tables, entry);
        if (retains) putRetained(tables, publication);
        rider?.(tables);
      },
      (error) => {
        source.storing -= 1;
        if (error === undefined) this.#deliver(publication, source, entries, picked, retains);
        else for (const entry of entries) this.#needs.queues.abandon(entry);
        settled(error);
      },
    );
  }

  async #tell(publication: Publication, handlers: Route<Session>['handlers']): Promise<void> {
    try {
      await Promise.all(handlers.map(async (handler) => handler(publication)));
    } catch (error) {
      this.#needs.logger.error({ err: error, topic: publication.topic }, 'a message could not be handled');
      if (publication.qos > 0) throw error;
    }
  }

  /** Who of each group is to get it: somebody who is there, else somebody whose session waits. */
  #picked({ groups }: Route<Session>): readonly Delivery<Session>[] {
    const members = groups.map(
      (group) => pick(group, (session) => session.link !== undefined) ?? pick(group, () => true),
    );
    return members.filter((member) => member !== undefined);
  }

  #admitted(
    route: Route<Session>,
    picked: readonly Delivery<Session>[],
    publication: Publication,
    source: Source,
  ): readonly QueuedEntry[] {
    const { queues } = this.#needs;
    let entries: QueuedEntry[] | undefined;
    for (const deliveries of [route.deliveries, picked]) {
      for (const delivery of deliveries) {
        const { session, identifiers } = delivery;
        const qos = lower(delivery.qos, publication.qos);
        if (!session.stored || qos === 0 || isEcho(delivery, source)) continue;
        const retain = publication.retain && delivery.retainAsPublished;
        const entry = queues.admit(session, publication, qos, retain, identifiers);
        if (entry === undefined) continue;
        entries ??= [];
        entries.push(entry);
      }
    }
    return entries ?? NOTHING;
  }

  /** Who has subscribed while the message was being stored gets it too. */
  #deliver(
    publication: Publication,
    source: Source,
    entries: readonly QueuedEntry[],
    picked: readonly Delivery<Session>[],
    retains: boolean,
  ): void {
    const { router, retained, queues } = this.#needs;
    if (retains) retain(retained, publication);
    for (const entry of entries) queues.stored(entry);
    for (const delivery of router.route(publication.topic).deliveries) this.#direct(publication, source, delivery);
    for (const delivery of picked) this.#direct(publication, source, delivery);
  }

  #direct(publication: Publication, source: Source, delivery: Delivery<Session>): void {
    const { session, identifiers } = delivery;
    const qos = lower(delivery.qos, publication.qos);
    if ((qos > 0 && session.stored) || isEcho(delivery, source)) return;
    const keepsFlag = publication.retain && delivery.retainAsPublished;
    this.#needs.queues.direct(session, publication, qos, keepsFlag, identifiers);
  }

  #mayRetain(publication: Publication): boolean {
    const { retained, limits, statistics } = this.#needs;
    if (publication.payload.byteLength === 0) return true;
    const before = retained.get(publication.topic);
    const count = retained.count + (before === undefined ? 1 : 0);
    const bytes = retained.bytes + publication.bytes - (before?.bytes ?? 0);
    const room = count <= limits.maxRetained && bytes <= limits.maxRetainedBytes;
    if (!room) statistics.dropped += 1;
    return room;
  }
}

const NOBODY: readonly Delivery<Session>[] = [];
const NOTHING: readonly QueuedEntry[] = [];

function lower(a: Qos, b: Qos): Qos {
  return a < b ? a : b;
}

function isEcho({ noLocal, session }: Delivery<Session>, source: Source): boolean {
  return noLocal && session === source.session;
}

function retain(retained: RetainedMessages, publication: Publication): void {
  if (publication.payload.byteLength === 0) return retained.delete(publication.topic);
  publication.own();
  retained.set(publication);
}

function putRetained(tables: BrokerTables, publication: Publication): void {
  const { topic, payload, qos, properties = null, expiresAt = null } = publication;
  if (payload.byteLength === 0) tables.deleteRetained.run(topic);
  else tables.putRetained.run(topic, payload, qos | RETAIN_FLAG, properties, expiresAt);
}
