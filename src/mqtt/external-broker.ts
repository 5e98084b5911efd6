import { connect, type IClientOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { type BackoffPolicy, backoffMs } from '../base/backoff.ts';
import type { Component } from '../base/component.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { brokerAddress } from './broker-address.ts';
import type { MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';
import { TopicTree } from './topic.ts';

const RETRY: BackoffPolicy = { baseMs: 500, maxMs: 30_000, jitter: 0.5 };
const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 30;
/**
 * Connections in a row that end before anything sent on them is acknowledged. After so many, messages go one at a time: one that
 * the broker does not take, as it is too large for it, would end every connection for ever.
 */
const MAX_BARREN = 3;
/** Connections that a message may see the end of alone; then it is dropped. */
const MAX_TRIES = 3;

export interface ExternalBrokerOptions {
  /** `tcp://`, `mqtt://`, `ssl://`, `mqtts://`, `ws://` or `wss://`. */
  readonly url: string;
  /** The same after a restart: the broker keeps the session of the site by it. */
  readonly clientId: string;
  /** Of what the site publishes. */
  readonly qos: Qos;
  readonly retain: boolean;
  /** Messages kept while the broker is away, the newest; and at most as many are under way unacknowledged. */
  readonly queueSize: number;
  readonly username?: string;
  readonly password?: string;
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

interface Outgoing {
  readonly topic: string;
  readonly payload: Buffer;
  readonly options: { readonly qos: Qos; readonly retain: boolean };
  /** As the library sends it; 0 at QoS 0. */
  packetId: number;
  tries: number;
}

/**
 * A broker elsewhere (mosquitto, EMQX). It may be away at any time, from the start on: nothing waits for it. Invariant:
 * what is queued here is never handed to the client library while it is not connected, whose own queue has no bound.
 */
export class ExternalBroker implements Component, MessageBus {
  readonly name = 'mqtt-external';
  readonly #options: ExternalBrokerOptions;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #handlers = new TopicTree<MessageHandler>();
  readonly #queue: Outgoing[] = [];
  #client: MqttClient | undefined;
  #lastHandler = 0;
  #attempts = 0;
  /** Handed to the library and not acknowledged, oldest first. */
  readonly #underWay = new Set<Outgoing>();
  /** The broker has let the present connection in. */
  #admitted = false;
  #barren = 0;
  /** Messages that the queue had no room for. */
  dropped = 0;

  constructor(options: ExternalBrokerOptions, random: () => number, logger: Logger) {
    this.#options = options;
    this.#random = random;
    this.#logger = logger;
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Returns at once, whether the broker answers or not. */
  async start(): Promise<void> {
    const { url } = this.#options;
    const client = connect({ ...brokerAddress(url), ...this.#clientOptions() });
    this.#client = client;
    client.handleMessage = (packet, done) => void this.#handle(client, packet, done);
    client.on('connect', () => {
      this.#attempts = 0;
      client.options.reconnectPeriod = RETRY.baseMs;
      this.#logger.info({ url }, 'connected to the external MQTT broker');
      this.#flush();
    });
    client.on('reconnect', () => {
      client.options.reconnectPeriod = backoffMs(RETRY, this.#attempts, this.#random);
      this.#attempts += 1;
    });
    client.on('error', (error) => this.#lost(error));
    // The library says `connect` only when it has sent again what it had under way.
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'connack' && packet.returnCode === 0) this.#admitted = true;
    });
    client.on('close', () => this.#closed(client));
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await client.endAsync(!client.connected);
  }

  /** Resolves when the message is queued or on its way. */
  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { qos = this.#options.qos, retain = this.#options.retain } = options;
    this.#queue.push({ topic, payload: Buffer.from(payload), options: { qos, retain }, packetId: 0, tries: 0 });
    this.#trim();
    this.#flush();
  }

  subscribe(filter: string, handler: MessageHandler): () => void {
    this.#lastHandler += 1;
    const key = String(this.#lastHandler);
    this.#handlers.set(filter, key, handler);
    // The library remembers it and subscribes again at each new session.
    this.#client?.subscribe(filter, { qos: 1 }, (error) => {
      if (error) this.#logger.warn({ filter, why: messageOf(error) }, 'the external MQTT broker took no subscription');
    });
    return () => {
      this.#handlers.delete(filter, key);
      this.#client?.unsubscribe(filter);
    };
  }

  /** The library acknowledges when `done` is called. What failed stays unacknowledged and comes again after a reconnection. */
  async #handle(client: MqttClient, packet: IPublishPacket, done: () => void): Promise<void> {
    const { topic, qos, retain, payload } = packet;
    const message = { topic, qos, retain, payload: Buffer.from(payload) };
    try {
      await Promise.all(this.#handlers.match(topic).map(async (handler) => handler(message)));
    } catch (error) {
      this.#logger.error({ err: error, topic }, 'a message of the external MQTT broker could not be handled');
      client.reconnect();
      return;
    }
    done();
  }

  #flush(): void {
    const client = this.#client;
    if (client === undefined) return;
    while (this.connected && this.#underWay.size < (this.#barren < MAX_BARREN ? this.#options.queueSize : 1)) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#underWay.add(next);
      client.publish(next.topic, next.payload, next.options, (error) => this.#settled(client, next, error));
      next.packetId = next.options.qos === 0 ? 0 : client.getLastMessageId();
    }
  }

  #settled(client: MqttClient, message: Outgoing, error: Error | null | undefined): void {
    this.#underWay.delete(message);
    if (!error && message.options.qos > 0) this.#barren = 0;
    if (error && this.#client === client) this.#again(message);
    this.#flush();
  }

  #again(message: Outgoing): void {
    if (message.tries < MAX_TRIES) this.#queue.unshift(message);
    else {
      this.dropped += 1;
      const { topic, payload } = message;
      const what = { topic, bytes: payload.byteLength };
      this.#logger.warn(what, 'the external MQTT broker ends the connection at a message: it is dropped');
    }
    this.#trim();
  }

  #trim(): void {
    while (this.#queue.length > this.#options.queueSize) {
      this.#queue.shift();
      this.dropped += 1;
    }
  }

  #closed(client: MqttClient): void {
    this.#lost(undefined);
    const suspects = [...this.#underWay].filter(({ packetId }) => packetId > 0);
    if (!this.#admitted || suspects.length === 0) return;
    this.#admitted = false;
    this.#barren += 1;
    if (this.#barren < MAX_BARREN) return;
    const [first] = suspects;
    if (first !== undefined && suspects.length === 1) first.tries += 1;
    // Back from the library, which would send them all again; `#settled` hears of each. The oldest is to be the first again.
    for (const { packetId } of suspects.reverse()) client.removeOutgoingMessage(packetId);
  }

  #lost(error: Error | undefined): void {
    if (this.#client === undefined || this.#attempts > 0) return;
    this.#attempts = 1;
    const why = error === undefined ? 'the connection ended' : messageOf(error);
    this.#logger.warn({ url: this.#options.url, why }, 'the external MQTT broker is away; trying again');
  }

  #clientOptions(): IClientOptions {
    const { clientId, username, password, tls } = this.#options;
    return {
      clientId,
      clean: false,
      reconnectPeriod: RETRY.baseMs,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_SECONDS,
      queueQoSZero: false,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      ...tls,
    };
  }
}
