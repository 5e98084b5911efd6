import { Readable } from 'node:stream';
import { messageOf } from '../base/errors.ts';
import { GroupCommit } from '../base/group-commit.ts';
import type { Logger } from '../base/logger.ts';
import { openDatabase, type SqlDatabase } from '../base/sqlite.ts';
import { packetOf, rowOf, type StoredPacket } from './packet-row.ts';
import { APPLICATION_ID, MIGRATIONS, type OutgoingRow, type SessionTables, sessionTables } from './session-tables.ts';
import { hasWildcard, topicMatches, TopicTree } from './topic.ts';

/** Rows read at a time from queues and retained messages, so that a long one is never whole in memory. */
const PAGE_ROWS = 100;
/** Messages under way to a client that is connected, beyond which further ones are dropped. */
const MAX_INFLIGHT_PER_CLIENT = 20_000;
/** Messages in the queues of all clients together. */
const MAX_QUEUED = 500_000;
const MAX_RETAINED = 100_000;

interface ClientId {
  readonly id: string;
}

interface BrokerSide {
  readonly id: string;
  counter: number;
  readonly clients?: Readonly<Record<string, unknown>>;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: number;
  readonly [option: string]: unknown;
}

/** A subscription of a session that queues: with a quality of service above 0. */
export interface QueueingSubscription extends Subscription {
  readonly clientId: string;
}

export interface PersistenceOptions {
  readonly file: string;
  /** Messages kept for a client that is away; further ones are dropped. */
  readonly maxQueuedPerClient: number;
}

/**
 * Sessions in SQLite, on the contract of aedes' asynchronous persistence. Every promise resolves after the commit, writes
 * that arrive together share one. Beyond that contract `accept` stores a message before aedes is told of it: aedes would
 * acknowledge QoS 1 first and store then.
 *
 * Invariants: the tree of subscriptions and the lengths of queues follow the tables; a message is in a queue once, with
 * the highest quality that the client's subscriptions grant.
 */
export class SqlitePersistence {
  readonly #options: PersistenceOptions;
  readonly #logger: Logger;
  readonly #tree = new TopicTree<QueueingSubscription>();
  readonly #lengths = new Map<string, number>();
  /** Messages that `accept` has stored and aedes has not been through with yet, by their counter. */
  readonly #accepted = new Set<number>();
  #queued = 0;
  #database: SqlDatabase | undefined;
  #tables!: SessionTables;
  #commit!: GroupCommit;
  broker!: BrokerSide;
  /** Messages that no queue had room for. */
  dropped = 0;

  constructor(options: PersistenceOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
  }

  async setup(broker: BrokerSide): Promise<void> {
    const database = openDatabase(this.#options.file, { applicationId: APPLICATION_ID, migrations: MIGRATIONS });
    this.broker = broker;
    this.#database = database;
    this.#tables = sessionTables(database);
    this.#commit = new GroupCommit({ transaction: (body) => database.transaction(body), maxWaiting: 100_000 });
    for (const row of this.#tables.subscriptions.all()) {
      const { client, topic, qos } = row;
      if (qos > 0) this.#tree.set(topic, client, { clientId: client, topic, qos, ...optionsOf(row.options) });
    }
    for (const { client, count } of this.#tables.queueLengths.all()) this.#grow(client, count);
  }

  async destroy(): Promise<void> {
    await this.#commit.close();
    this.#database?.close();
  }

  /**
   * Stores a message with a quality of service for every session that queues, and as retained message where it is one.
   * Marks the packet with the identity that aedes will use. With `incoming` the identifier is stored in the same
   * transaction, so that a repeated QoS 2 message is known again.
   */
  async accept(packet: StoredPacket, incoming?: ClientId): Promise<void> {
    const targets = this.#targets(packet);
    const retains = packet.retain;
    if (targets.length > 0 || retains || incoming !== undefined) {
      const counter = ++this.broker.counter;
      identify(packet, this.broker.id, counter);
      await this.#commit.submit(() => {
        if (incoming !== undefined) {
          this.#tables.putIncoming.run(incoming.id, packet.messageId ?? 0, ...rowOf(packet));
        }
        if (retains) this.#putRetained(packet);
        this.#enqueue(targets, packet);
      });
      this.#accepted.add(counter);
    }
  }

  /** aedes is through with the packet. */
  published(packet: { brokerCounter?: number }): void {
    this.#accepted.delete(packet.brokerCounter ?? 0);
  }

  /** Whether a QoS 2 message with this identifier waits for its release. */
  hasIncoming(client: ClientId, messageId: number): boolean {
    return this.#tables.incoming.get(client.id, messageId) !== undefined;
  }

  async storeRetained(packet: StoredPacket): Promise<void> {
    if (this.#isAccepted(packet)) return;
    await this.#commit.submit(() => this.#putRetained(packet));
  }

  createRetainedStream(pattern: string): Readable {
    return this.createRetainedStreamCombi([pattern]);
  }

  createRetainedStreamCombi(patterns: readonly string[]): Readable {
    return Readable.from(this.#retained(patterns));
  }

  async addSubscriptions(client: ClientId, subscriptions: readonly Subscription[]): Promise<void> {
    await this.#commit.submit(() => {
      for (const { topic, qos, ...options } of subscriptions) {
        this.#tables.putSubscription.run(client.id, topic, qos, JSON.stringify({ ...options, clientId: undefined }));
      }
    });
    for (const { topic, qos, rh, rap, nl } of subscriptions) {
      if (qos > 0) this.#tree.set(topic, client.id, { clientId: client.id, topic, qos, rh, rap, nl });
      else this.#tree.delete(topic, client.id);
    }
  }

  async removeSubscriptions(client: ClientId, topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.#tree.delete(topic, client.id);
    await this.#commit.submit(() => {
      for (const topic of topics) this.#tables.deleteSubscription.run(client.id, topic);
    });
  }

  async subscriptionsByClient(client: ClientId): Promise<Subscription[]> {
    return this.#tables.subscriptionsOf
      .all(client.id)
      .map(({ topic, qos, options }) => ({ topic, qos, ...optionsOf(options) }));
  }

  async countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return { subsCount: this.#tree.size, clientsCount: this.#tables.clients.get()?.count ?? 0 };
  }

  async subscriptionsByTopic(topic: string): Promise<QueueingSubscription[]> {
    return this.#tree.match(topic);
  }

  /** A clean session discards all of the one before [MQTT-3.1.2-6]. */
  async cleanSubscriptions(client: ClientId): Promise<void> {
    const before = this.#tables.subscriptionsOf.all(client.id);
    if (before.length === 0 && !this.#lengths.has(client.id)) return;
    for (const { topic } of before) this.#tree.delete(topic, client.id);
    await this.#commit.submit(() => {
      this.#tables.deleteSubscriptions.run(client.id);
      this.#tables.deleteOutgoing.run(client.id);
    });
    this.#grow(client.id, -(this.#lengths.get(client.id) ?? 0));
  }

  async outgoingEnqueue(subscription: { clientId: string; qos?: number }, packet: StoredPacket): Promise<void> {
    await this.outgoingEnqueueCombi([subscription], packet);
  }

  async outgoingEnqueueCombi(
    subscriptions: readonly { clientId: string; qos?: number }[],
    packet: StoredPacket,
  ): Promise<void> {
    if (subscriptions.length === 0 || this.#isAccepted(packet)) return;
    const targets = subscriptions.map(({ clientId, qos }) => ({ clientId, qos: qos ?? packet.qos }));
    await this.#commit.submit(() => this.#enqueue(targets, packet));
  }

  async outgoingUpdate(client: ClientId, packet: StoredPacket): Promise<void> {
    if (!this.#lengths.has(client.id)) return;
    const { messageId = 0, brokerId, brokerCounter } = packet;
    const stored = this.#commit.submit(() => {
      if (packet.cmd === 'pubrel') this.#tables.setPacket.run('{"cmd":"pubrel"}', client.id, messageId);
      else this.#tables.setMessageId.run(messageId, client.id, brokerId ?? '', brokerCounter ?? 0);
    });
    // With QoS 1 a lost identifier only means another delivery, so nobody waits for the disk.
    if (packet.qos === 1) void stored.catch((error: unknown) => this.#failed(error));
    else await stored;
  }

  async outgoingClearMessageId(client: ClientId, packet: StoredPacket): Promise<StoredPacket | undefined> {
    const { messageId } = packet;
    if (messageId === undefined || !this.#lengths.has(client.id)) return undefined;
    return this.#commit.submit(() => {
      const row = this.#tables.outgoingById.get(client.id, messageId);
      if (row === undefined) return undefined;
      this.#tables.dequeue.run(row.seq);
      this.#grow(client.id, -1);
      return outgoingPacket(row);
    });
  }

  outgoingStream(client: ClientId): Readable {
    return Readable.from(this.#outgoing(client));
  }

  async incomingStorePacket(client: ClientId, packet: StoredPacket): Promise<void> {
    await this.accept(packet, client);
  }

  async incomingGetPacket(client: ClientId, packet: { messageId: number }): Promise<StoredPacket> {
    const row = this.#tables.incoming.get(client.id, packet.messageId);
    if (row === undefined) throw new Error('no such packet');
    return { ...packetOf(row), messageId: packet.messageId };
  }

  async incomingDelPacket(client: ClientId, packet: { messageId: number }): Promise<void> {
    await this.#commit.submit(() => {
      const deleted = this.#tables.deleteIncoming.run(client.id, packet.messageId);
      if (deleted === 0) throw new Error('no such packet');
    });
  }

  async cleanIncoming(client: ClientId): Promise<void> {
    await this.#commit.submit(() => this.#tables.deleteIncomingOf.run(client.id));
  }

  async putWill(client: ClientId, packet: StoredPacket): Promise<void> {
    Object.assign(packet, { brokerId: this.broker.id, clientId: client.id });
    await this.#commit.submit(() => this.#tables.putWill.run(client.id, this.broker.id, ...rowOf(packet)));
  }

  async getWill(client: ClientId): Promise<StoredPacket | undefined> {
    const row = this.#tables.will.get(client.id);
    return row === undefined ? undefined : packetOf(row);
  }

  async delWill(client: ClientId): Promise<StoredPacket | undefined> {
    const will = await this.getWill(client);
    if (will !== undefined) await this.#commit.submit(() => this.#tables.deleteWill.run(client.id));
    return will;
  }

  streamWill(brokers: Readonly<Record<string, unknown>> = {}): Readable {
    return Readable.from(
      this.#tables.wills
        .all()
        .filter(({ broker }) => !(broker in brokers))
        .map(packetOf),
    );
  }

  getClientList(topic: string): Readable {
    return Readable.from(this.#tables.clientsOf.all(topic).map(({ client }) => client));
  }

  /** One entry for each session, with the best quality that its subscriptions grant (aedes #543). */
  #targets(packet: StoredPacket): { clientId: string; qos: number }[] {
    const best = new Map<string, number>();
    if (packet.qos > 0) {
      for (const { clientId, qos } of this.#tree.match(packet.topic)) {
        best.set(clientId, Math.max(best.get(clientId) ?? 0, qos));
      }
    }
    return [...best].map(([clientId, qos]) => ({ clientId, qos }));
  }

  #enqueue(targets: readonly { clientId: string; qos: number }[], packet: StoredPacket): void {
    for (const { clientId, qos } of targets) {
      if (!this.#hasRoom(clientId)) {
        this.dropped += 1;
        continue;
      }
      const { brokerId = this.broker.id, brokerCounter = 0 } = packet;
      const own = { ...packet, brokerId, brokerCounter, retain: false, dup: false, qos: Math.min(qos, packet.qos) };
      const stored = this.#tables.enqueue.run(clientId, brokerId, brokerCounter, ...rowOf(own));
      this.#grow(clientId, stored);
    }
  }

  #hasRoom(clientId: string): boolean {
    const connected = this.broker.clients?.[clientId] !== undefined;
    const limit = connected ? MAX_INFLIGHT_PER_CLIENT : this.#options.maxQueuedPerClient;
    return (this.#lengths.get(clientId) ?? 0) < limit && this.#queued < MAX_QUEUED;
  }

  #grow(clientId: string, by: number): void {
    const length = (this.#lengths.get(clientId) ?? 0) + by;
    if (length > 0) this.#lengths.set(clientId, length);
    else this.#lengths.delete(clientId);
    this.#queued += by;
  }

  async *#outgoing(client: ClientId): AsyncGenerator<StoredPacket> {
    if (!this.#lengths.has(client.id)) return;
    // What was submitted before must show.
    await this.#commit.submit(() => undefined);
    const last = this.#tables.lastOutgoing.get(client.id)?.seq ?? 0;
    let seen = 0;
    while (seen < last) {
      const rows = this.#tables.outgoing.all(client.id, seen, last, PAGE_ROWS);
      if (rows.length === 0) return;
      for (const row of rows) {
        seen = row.seq;
        yield outgoingPacket(row);
      }
    }
  }

  #putRetained(packet: StoredPacket): void {
    if (packet.payload.length === 0) {
      this.#tables.deleteRetained.run(packet.topic);
      return;
    }
    const known = this.#tables.retained.get(packet.topic) !== undefined;
    if (!known && (this.#tables.retainedCount.get()?.count ?? 0) >= MAX_RETAINED) this.dropped += 1;
    else this.#tables.putRetained.run(packet.topic, ...rowOf(packet));
  }

  *#retained(patterns: readonly string[]): Generator<StoredPacket> {
    for (const pattern of patterns) {
      for (const topic of hasWildcard(pattern) ? this.#retainedTopics(pattern) : [pattern]) {
        const row = this.#tables.retained.get(topic);
        if (row !== undefined) yield packetOf(row);
      }
    }
  }

  /** Topics in the range that the pattern's beginning allows. */
  *#retainedTopics(pattern: string): Generator<string> {
    const prefix = pattern.slice(0, pattern.search(/\/?[+#]/));
    let last = '';
    for (;;) {
      const page = this.#tables.retainedTopics.all(last, prefix, `${prefix}\u{10ffff}`, PAGE_ROWS);
      for (const { topic } of page) if (topicMatches(pattern, topic)) yield topic;
      const end = page.at(-1);
      if (page.length < PAGE_ROWS || end === undefined) return;
      last = end.topic;
    }
  }

  #isAccepted(packet: StoredPacket): boolean {
    return packet.brokerId === this.broker.id && this.#accepted.has(packet.brokerCounter ?? 0);
  }

  #failed(error: unknown): void {
    this.#logger.error({ err: error }, `the state of a session could not be stored: ${messageOf(error)}`);
  }
}

/** aedes takes a packet's identity over where it has one; it is no field of the message itself. */
function identify(packet: StoredPacket, brokerId: string, brokerCounter: number): void {
  Object.defineProperties(packet, {
    brokerId: { value: brokerId, enumerable: false, configurable: true, writable: true },
    brokerCounter: { value: brokerCounter, enumerable: false, configurable: true, writable: true },
  });
}

function optionsOf(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

function outgoingPacket(row: OutgoingRow): StoredPacket {
  return { ...packetOf(row), messageId: row.messageId ?? undefined };
}
