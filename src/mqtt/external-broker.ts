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
  #underWay = 0;
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
      this.#logger.info({ url }, 'connected to the external MQTT broker');
      this.#flush();
    });
    client.on('reconnect', () => {
      client.options.reconnectPeriod = backoffMs(RETRY, this.#attempts, this.#random);
      this.#attempts += 1;
    });
    client.on('error', (error) => this.#lost(error));
    client.on('close', () => this.#lost(undefined));
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client !== undefined) await client.endAsync(!client.connected);
  }

  /** Resolves when the message is queued or on its way. */
  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    const { qos = this.#options.qos, retain = this.#options.retain } = options;
    this.#queue.push({ topic, payload: Buffer.from(payload), options: { qos, retain } });
    if (this.#queue.length > this.#options.queueSize) {
      this.#queue.shift();
      this.dropped += 1;
    }
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
    while (this.connected && this.#underWay < this.#options.queueSize) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#underWay += 1;
      client.publish(next.topic, next.payload, next.options, () => {
        this.#underWay -= 1;
        this.#flush();
      });
    }
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
