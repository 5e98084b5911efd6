import { randomUUID } from 'node:crypto';
import { createServer, isIP, type Server, type Socket } from 'node:net';
import { callbackify } from 'node:util';
import { Aedes, type AedesPublishPacket, type Client, type Subscription as AedesSubscription } from 'aedes';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { errorCode, messageOf, UserError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ClientConnection } from './client-connection.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import type { MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';
import type { StoredPacket } from './packet-row.ts';
import { SqlitePersistence } from './sqlite-persistence.ts';
import { isTopicFilter, topicMatches, TopicTree } from './topic.ts';

export interface MqttBrokerOptions {
  /** `tcp://127.0.0.1:1884`; port 0 takes any free one. */
  readonly url: string;
  /** Where sessions, queues, retained messages and wills are kept. */
  readonly file: string;
  /** Messages kept for a client that is away. */
  readonly maxQueuedPerClient: number;
  /** Of what the site publishes. */
  readonly qos: Qos;
  readonly limits?: Partial<BrokerLimits>;
}

/** `$SYS` topics that clients may read; the core tells the others' client ids under its own. */
const PUBLIC_SYS = '$SYS/broker/';
const SYS = /^\$SYS(\/|$)/;

/** The broker in the process: aedes, with its gaps closed at this door (docs/mqtt.md lists them). */
export class MqttBroker implements Component, MessageBus {
  readonly name = 'mqtt';
  readonly #options: MqttBrokerOptions;
  readonly #limits: BrokerLimits;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #handlers = new TopicTree<MessageHandler>();
  readonly #persistence: SqlitePersistence;
  readonly #sockets = new Set<Socket>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;
  #lastHandler = 0;
  /** Messages that slow clients did not get. */
  dropped = 0;

  constructor(options: MqttBrokerOptions, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#clock = clock;
    this.#logger = logger;
    const { file, maxQueuedPerClient } = options;
    this.#persistence = new SqlitePersistence({ file, maxQueuedPerClient }, logger);
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async start(): Promise<void> {
    const { host, port } = listenAddress(this.#options.url);
    const aedes = await Aedes.createBroker({
      id: randomUUID(),
      persistence: this.#persistence,
      connectTimeout: this.#limits.connectTimeoutMs,
      // Writing never waits (ClientConnection), so nothing of the core's own may either.
      drainTimeout: 0,
      authorizePublish: (client, packet, done) => callbackify(() => this.#admit(client, packet))(done),
      authorizeSubscribe: (client, subscription, done) => this.#admitSubscription(client, subscription, done),
      authorizeForward: (client, packet) => this.#forward(client, packet),
      published: (packet, _client, done) => {
        this.#persistence.published(packet);
        done();
      },
    });
    this.#aedes = aedes;
    this.#observe(aedes);
    await this.#publishOrphanedWills(aedes);
    this.#server = await this.#listen(aedes, host, port);
  }

  async close(): Promise<void> {
    const aedes = this.#aedes;
    const server = this.#server;
    if (aedes === undefined) return;
    this.#aedes = undefined;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#persistence.destroy();
  }

  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const aedes = this.#aedes;
    if (aedes === undefined) throw new Error('the broker is not running');
    const { qos = this.#options.qos, retain = false } = options;
    const packet = { cmd: 'publish' as const, topic, payload: Buffer.from(payload), qos, retain, dup: false };
    if (qos > 0) await this.#persistence.accept(packet);
    await new Promise<void>((resolve, reject) => {
      aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  }

  subscribe(filter: string, handler: MessageHandler): () => void {
    this.#lastHandler += 1;
    const key = String(this.#lastHandler);
    this.#handlers.set(filter, key, handler);
    return () => this.#handlers.delete(filter, key);
  }

  /** Everything that must be durable before the sender hears that its message has arrived. */
  async #admit(client: Client | null, packet: StoredPacket & { qos: Qos }): Promise<void> {
    if (SYS.test(packet.topic)) throw new Error('$SYS is for the broker itself');
    const repeated =
      packet.qos === 2 && client !== null && this.#persistence.hasIncoming(client, packet.messageId ?? 0);
    if (!repeated) await this.#tellSite(packet);
    // QoS 2 is stored together with its identifier, see incomingStorePacket.
    if (packet.qos === 1) await this.#persistence.accept(packet);
  }

  async #tellSite(packet: StoredPacket & { qos: Qos }): Promise<void> {
    const handlers = this.#handlers.match(packet.topic);
    if (handlers.length === 0) return;
    const { topic, qos, retain } = packet;
    const message = { topic, payload: Buffer.from(packet.payload), qos, retain };
    try {
      await Promise.all(handlers.map(async (handler) => handler(message)));
    } catch (error) {
      this.#logger.error({ err: error, topic }, 'a message could not be handled');
      if (qos > 0) throw error;
    }
  }

  #admitSubscription(
    client: Client,
    subscription: AedesSubscription,
    done: (error: Error | null, subscription?: AedesSubscription | null) => void,
  ): void {
    const { topic } = subscription;
    if (!isTopicFilter(topic)) return done(new Error(`"${topic}" is no topic filter`));
    const secret = SYS.test(topic) && !topic.startsWith(PUBLIC_SYS);
    const full = subscriptionsOf(client).length >= this.#limits.maxSubscriptionsPerClient;
    // Without a subscription the answer is 0x80, Failure [MQTT-3.9.3-2].
    done(null, secret || full || topic.startsWith('$share/') ? null : subscription);
  }

  /** The last look at a message before it goes to a client. */
  #forward(client: Client, packet: AedesPublishPacket): AedesPublishPacket | null {
    const waiting = client.conn.writableLength;
    if (waiting > this.#limits.maxOutboundBytes) {
      this.dropped += 1;
      client.conn.destroy(new Error('the client reads too slowly'));
      return null;
    }
    if (packet.qos === 0 && waiting > this.#limits.slowClientBytes) {
      this.dropped += 1;
      return null;
    }
    // The core looks at subscriptions to exactly this topic only; wildcards grant no more either [MQTT-3.8.4-6].
    if (packet.qos > 0) packet.qos = lower(packet.qos, grantedQos(client, packet.topic));
    return packet;
  }

  #observe(aedes: Aedes): void {
    aedes.on('client', (client) => {
      // The core drops what a message of lower quality has overtaken, taking it for a duplicate (its issue #994). Copies
      // for overlapping subscriptions are what that leaves, and what MQTT-3.3.5-1 allows.
      Object.assign(client, { duplicates: NO_DUPLICATES });
    });
    const tell = (client: Client, error: Error) => {
      this.#logger.debug({ client: client.id, why: messageOf(error) }, 'connection ended');
    };
    aedes.on('clientError', tell);
    aedes.on('connectionError', tell);
    // Not among the events that its types name; unheard it would end the process.
    (aedes as NodeJS.EventEmitter).on('error', (error) => {
      this.#logger.error({ err: error as unknown }, 'the broker failed to store or deliver');
    });
  }

  /** Clients whose broker died cannot say goodbye any more; nobody is connected yet (aedes #754). */
  async #publishOrphanedWills(aedes: Aedes): Promise<void> {
    for await (const will of this.#persistence.streamWill() as AsyncIterable<StoredPacket>) {
      const { topic, payload, qos, retain, clientId = '' } = will;
      await this.publish(topic, payload, { qos: qos as Qos, retain });
      await this.#persistence.delWill({ id: clientId });
      this.#logger.debug({ client: clientId, topic, broker: aedes.id }, 'will of an earlier life published');
    }
  }

  #listen(aedes: Aedes, host: string, port: number): Promise<Server> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      aedes.handle(new ClientConnection(socket, this.#limits, this.#clock));
    });
    server.maxConnections = this.#limits.maxConnections;
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(error, host, port)));
      server.listen({ host, port }, () => resolve(server));
    });
  }
}

const NO_DUPLICATES: object = new Proxy({}, { get: () => 0, set: () => true, deleteProperty: () => true });

/** The core keeps a client's subscriptions by filter; its types do not say so. */
function subscriptionsOf(client: Client): [filter: string, subscription: { qos: Qos }][] {
  const { subscriptions } = client as Client & { subscriptions: Record<string, { qos: Qos }> };
  return Object.entries(subscriptions);
}

function lower(a: Qos, b: Qos): Qos {
  return a < b ? a : b;
}

function grantedQos(client: Client, topic: string): Qos {
  const granted = subscriptionsOf(client)
    .filter(([filter]) => topicMatches(filter, topic))
    .map(([, { qos }]) => qos);
  return granted.length === 0 ? 2 : granted.reduce((best, qos) => (qos > best ? qos : best));
}

/** Anybody who reaches the port may publish: until there is authentication, that is this machine only. */
function listenAddress(url: string): { host: string; port: number } {
  const { protocol, hostname, port } = new URL(url);
  if (protocol !== 'tcp:' && protocol !== 'mqtt:') {
    throw new UserError(`mqtt.internal-server: ${url}: the broker listens on tcp:// only.`);
  }
  const host = hostname.replace(/^\[|\]$/g, '');
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (!loopback) {
    throw new UserError(
      `mqtt.internal-server: ${url} would open the broker to the network, and it asks nobody who he is. ` +
        'Use an address of this machine alone, such as tcp://127.0.0.1:1884, or mode 1 or 2 with an external broker.',
    );
  }
  return { host, port: Number(port === '' ? 1883 : port) };
}

function cannotListen(error: unknown, host: string, port: number): Error {
  if (errorCode(error) === 'EADDRINUSE') {
    return new UserError(`mqtt.internal-server: another program uses ${host}:${port}. Stop it or choose another port.`);
  }
  return new Error(`the MQTT broker cannot listen on ${host}:${port}: ${messageOf(error)}`, { cause: error });
}
