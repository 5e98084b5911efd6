import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SqlDatabase } from '../../base/sqlite.ts';
import type { Authenticator, Authorizer, Identity, Peer } from '../access/ports.ts';
import { REASON, type Reason } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import type { Message, MessageHandler, Qos } from '../message-bus.ts';
import { BrokerStore } from './broker-store.ts';
import { QOS_MASK } from './broker-tables.ts';
import { Client } from './client.ts';
import { Exchange, type Source } from './exchange.ts';
import { Handshake } from './handshake.ts';
import { WriteQueue } from './outbox.ts';
import { Publication } from './publication.ts';
import { RetainedMessages } from './retained-messages.ts';
import { RetainedSender } from './retained-sender.ts';
import { Router } from './router.ts';
import type { Session } from './session.ts';
import { SessionQueues } from './session-queues.ts';
import { Sessions } from './sessions.ts';
import type { Statistics } from './statistics.ts';
import { Subscriber } from './subscriber.ts';
import { sysTopics } from './sys-topics.ts';
import { Wills } from './wills.ts';

/** Keep alives, wills that are due: nothing of MQTT counts in less than seconds. */
const SWEEP_MS = 1_000;
/** `$SYS/broker/…`, and whatever expires unseen. */
const SLOW_SWEEP_MS = 10_000;

export interface BrokerLifeOptions {
  readonly limits: BrokerLimits;
  /** Messages kept for a client that is away. */
  readonly maxQueuedPerClient: number;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** For clients that leave their name to the broker. */
  readonly newClientId: () => string;
}

export interface BrokerLifeNeeds {
  readonly openFile: () => SqlDatabase;
  readonly statistics: Statistics;
  readonly startedAt: number;
  /** The disk has failed: this life is over. */
  readonly onFailure: (error: Error) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The broker from one opening of its file to the next. What outlives it is on disk. */
export class BrokerLife {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #clients = new Set<Client>();
  readonly #parts: ReturnType<typeof partsOf>;
  readonly #limits: BrokerLimits;
  /** The site itself, as a publisher. */
  readonly #site: Source = { session: undefined, storing: 0 };
  #sweptAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BrokerLifeOptions, needs: BrokerLifeNeeds) {
    this.#clock = needs.clock;
    this.#startedAt = needs.startedAt;
    this.#limits = options.limits;
    this.#parts = partsOf(options, needs, (client) => this.#clients.delete(client));
  }

  get connections(): number {
    return this.#clients.size;
  }

  /** Throws UserError where the file cannot be used. */
  open(): void {
    this.#parts.store.open();
  }

  /** Between `open` and `begin`, where the disk has failed before: throws where it still does. */
  prove(rewrite: boolean): Promise<void> {
    return this.#parts.store.prove(rewrite);
  }

  begin(): void {
    const { sessions, wills } = this.#parts;
    this.#restoreRetained();
    sessions.restore();
    wills.restore();
    this.#slowSweep(this.#clock.now());
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Every client is told the reason. Resolves when all that can be stored is. */
  async end(reason: Reason): Promise<void> {
    clearInterval(this.#timer);
    for (const client of this.#clients) client.end(reason);
    await this.#parts.store.close();
  }

  /** Takes the connection over, from its first byte to its end. */
  serve(duplex: Duplex, peer: Peer): void {
    if (this.#clients.size >= this.#limits.maxConnections) {
      duplex.on('error', () => undefined);
      duplex.destroy();
      return;
    }
    const client = new Client(duplex, peer, this.#parts);
    this.#clients.add(client);
    client.open();
  }

  /** Resolves when the message is stored for whoever has to get it. */
  publish(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#parts.exchange.publish(new Publication(message), this.#site, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
    });
  }

  /** Hears what clients publish. Call the returned function to end it. */
  subscribe(filter: string, handler: MessageHandler): () => void {
    return this.#parts.router.addHandler(filter, handler);
  }

  /** Ends the connections of those whose rights are no longer what they were. */
  disconnect(whom: (identity: Identity, filters: readonly string[]) => boolean): void {
    for (const client of this.#clients) {
      if (client.identity !== undefined && whom(client.identity, client.filters)) client.end(REASON.notAuthorized);
    }
  }

  #restoreRetained(): void {
    const { store, retained } = this.#parts;
    for (const row of store.tables.retained.all()) {
      const { topic, payload, flags, properties, expires_at: expiresAt } = row;
      const qos = (flags & QOS_MASK) as Qos; // as it was written
      const fields = { topic, payload, qos, retain: true, properties: properties ?? undefined };
      retained.set(new Publication({ ...fields, expiresAt: expiresAt ?? undefined }));
    }
  }

  #sweep(): void {
    const now = this.#clock.now();
    for (const client of this.#clients) client.sweep(now);
    this.#parts.wills.sweep(now);
    if (now - this.#sweptAt >= SLOW_SWEEP_MS) this.#slowSweep(now);
  }

  #slowSweep(now: number): void {
    this.#sweptAt = now;
    this.#parts.sessions.sweep(now);
    this.#tellFigures(now);
  }

  /** Retained in memory only, and told to whoever has subscribed. */
  #tellFigures(now: number): void {
    const { statistics, sessions, router, retained, queues, exchange } = this.#parts;
    const figures = {
      ...statistics,
      uptimeSeconds: Math.floor((now - this.#startedAt) / 1000),
      clientsConnected: sessions.connected,
      sessions: sessions.size,
      subscriptions: router.subscriptions,
      retained: retained.count,
      queued: queues.queued,
    };
    for (const [topic, text] of sysTopics(figures)) {
      const before = retained.get(topic);
      const payload = Buffer.from(text);
      if (before?.payload.equals(payload) === true) continue;
      const publication = new Publication({ topic, payload, qos: 0, retain: false });
      retained.set(publication);
      exchange.publish(publication, this.#site, () => undefined);
    }
  }
}

function partsOf(options: BrokerLifeOptions, needs: BrokerLifeNeeds, onGone: (client: Client) => void) {
  const { maxQueuedPerClient, limits, authenticator, authorizer, newClientId } = options;
  const { openFile, statistics, onFailure, clock, logger } = needs;
  const router = new Router<Session>();
  const retained = new RetainedMessages();
  const store = new BrokerStore(openFile, onFailure);
  const retainedSender = new RetainedSender({ retained, store, clock });
  const queues = new SessionQueues({
    limits,
    maxQueuedPerClient,
    store,
    clock,
    statistics,
    retainedSource: retainedSender,
  });
  const exchange = new Exchange({ limits, router, retained, queues, store, statistics, logger });
  const wills = new Wills(store, exchange, clock);
  const onEnd = ({ clientId }: Session) => wills.ended(clientId);
  const sessions = new Sessions({ limits, store, router, queues, clock, onEnd });
  const subscriber = new Subscriber({ limits, authorizer, sessions, retainedSender, queues, store });
  const handshake = new Handshake({ limits, authenticator, authorizer, sessions, wills, newClientId });
  const parts = { limits, clock, logger, statistics, router, retained, store, queues, exchange, wills, sessions };
  return { ...parts, authorizer, subscriber, handshake, writes: new WriteQueue(), onGone };
}
