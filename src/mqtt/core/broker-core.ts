import type { Duplex } from 'node:stream';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Authenticator, Authorizer, Identity, Peer } from '../access/ports.ts';
import { REASON } from '../codec/reason.ts';
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
import { Router } from './router.ts';
import type { Session } from './session.ts';
import { SessionQueues } from './session-queues.ts';
import { Sessions } from './sessions.ts';
import { newStatistics } from './statistics.ts';
import { Subscriber } from './subscriber.ts';
import { sysTopics } from './sys-topics.ts';
import { Wills } from './wills.ts';

/** Keep alives, wills that are due: nothing of MQTT counts in less than seconds. */
const SWEEP_MS = 1_000;
/** `$SYS/broker/…`, and whatever expires unseen. */
const SLOW_SWEEP_MS = 10_000;

export interface BrokerCoreOptions {
  /** Where sessions, queues, retained messages and wills are kept. */
  readonly file: string;
  /** Messages kept for a client that is away. */
  readonly maxQueuedPerClient: number;
  readonly limits: BrokerLimits;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** For clients that leave their name to the broker. */
  readonly newClientId: () => string;
}

/** An MQTT broker without listeners: whoever has a connection hands it to `serve`. */
export class BrokerCore {
  readonly #clock: Clock;
  readonly #clients = new Set<Client>();
  readonly #parts: ReturnType<typeof partsOf>;
  readonly #limits: BrokerLimits;
  /** The site itself, as a publisher. */
  readonly #site: Source = { session: undefined, storing: 0 };
  #startedAt = 0;
  #sweptAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BrokerCoreOptions, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#limits = options.limits;
    this.#parts = partsOf(options, clock, logger, (client) => this.#clients.delete(client));
  }

  get connections(): number {
    return this.#clients.size;
  }

  /** Messages that somebody should have got and did not, for want of room. */
  get dropped(): number {
    return this.#parts.statistics.dropped;
  }

  /** Throws UserError where the file cannot be used. */
  start(): void {
    const { store, sessions, wills } = this.#parts;
    store.open();
    this.#startedAt = this.#clock.now();
    this.#restoreRetained();
    sessions.restore();
    wills.restore();
    this.#slowSweep(this.#startedAt);
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const client of this.#clients) client.end(REASON.shuttingDown);
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
  disconnect(whom: (identity: Identity) => boolean): void {
    for (const client of this.#clients) {
      if (client.identity !== undefined && whom(client.identity)) client.end(REASON.notAuthorized);
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

function partsOf(options: BrokerCoreOptions, clock: Clock, logger: Logger, onGone: (client: Client) => void) {
  const { file, maxQueuedPerClient, limits, authenticator, authorizer, newClientId } = options;
  const statistics = newStatistics();
  const router = new Router<Session>();
  const retained = new RetainedMessages();
  const store = new BrokerStore(file, (error) => logger.error({ err: error }, 'the broker could not store'));
  const queues = new SessionQueues({ limits, maxQueuedPerClient, store, clock, statistics });
  const exchange = new Exchange({ limits, router, retained, queues, store, statistics, logger });
  const wills = new Wills(store, exchange, clock);
  const onEnd = ({ clientId }: Session) => wills.ended(clientId);
  const sessions = new Sessions({ limits, store, router, queues, clock, onEnd });
  const subscriber = new Subscriber({ limits, authorizer, sessions, retained, queues, store, clock });
  const handshake = new Handshake({ limits, authenticator, authorizer, sessions, wills, newClientId });
  const parts = { limits, clock, logger, statistics, router, retained, store, queues, exchange, wills, sessions };
  return { ...parts, authorizer, subscriber, handshake, writes: new WriteQueue(), onGone };
}
