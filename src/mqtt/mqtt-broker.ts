import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Component, Readiness } from '../base/component.ts';
import type { Logger } from '../base/logger.ts';
import { type Authenticator, type Authorizer, type Identity, OPEN_ACCESS, type Peer } from './access/ports.ts';
import { BrokerCore, type BrokerCoreOptions } from './core/broker-core.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import { listenAddress } from './listen/address.ts';
import { Listener, type ListenerTls } from './listen/listener.ts';
import type { MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';

export interface MqttBrokerOptions extends Pick<BrokerCoreOptions, 'file' | 'openFile' | 'maxQueuedPerClient'> {
  /** `tcp://127.0.0.1:1884`, or with `mqtts`, `ws` or `wss`; port 0 takes any free one. The first is the main one. */
  readonly urls: readonly string[];
  readonly tls?: ListenerTls;
  /** Web pages of other hosts that may speak to the broker. */
  readonly origins?: readonly string[];
  /** Of what the site publishes. */
  readonly qos: Qos;
  readonly limits?: Partial<BrokerLimits>;
  /** Absent: everybody may do everything. */
  readonly authenticator?: Authenticator;
  readonly authorizer?: Authorizer;
}

/** The broker in the process, with the ports on which its clients arrive. */
export class MqttBroker implements Component, MessageBus {
  readonly name = 'mqtt';
  readonly #options: MqttBrokerOptions;
  readonly #core: BrokerCore;
  #listeners: readonly Listener[] = [];
  #running = false;

  constructor(options: MqttBrokerOptions, clock: Clock, logger: Logger) {
    const { authenticator = OPEN_ACCESS, authorizer = OPEN_ACCESS } = options;
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const newClientId = () => `auto-${randomUUID()}`;
    this.#options = options;
    this.#core = new BrokerCore({ ...options, limits, authenticator, authorizer, newClientId }, clock, logger);
  }

  /** The ports in use, in the order of the URLs; 0 before the start. */
  get ports(): readonly number[] {
    return this.#listeners.map(({ port }) => port);
  }

  /** That of the first URL. */
  get port(): number {
    return this.ports[0] ?? 0;
  }

  get connections(): number {
    return this.#core.connections;
  }

  /** Messages that clients did not get for want of room. */
  get dropped(): number {
    return this.#core.dropped;
  }

  async start(): Promise<void> {
    this.#listeners = this.#makeListeners();
    this.#core.start();
    this.#running = true;
    for (const listener of this.#listeners) await listener.start();
  }

  async close(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    const closed = this.#listeners.map((listener) => listener.close());
    await this.#core.close();
    for (const listener of this.#listeners) listener.end();
    await Promise.all(closed);
  }

  readiness(): Readiness {
    return this.#core.storing ? { ready: true } : { ready: false, reason: 'the disk takes no writes' };
  }

  /** Takes over a connection that arrived by another way. */
  serve(duplex: Duplex, peer: Peer): void {
    this.#core.serve(duplex, peer);
  }

  /** New connections over TLS are shown this certificate. */
  renewTls(pair: { readonly cert: string; readonly key: string }): void {
    for (const listener of this.#listeners) listener.renewTls(pair);
  }

  /** Ends the connections of those whose rights are no longer what they were, by the topic filters that they have subscribed. */
  disconnect(whom: (identity: Identity, filters: readonly string[]) => boolean): void {
    this.#core.disconnect(whom);
  }

  async publish(topic: string, payload: string | Uint8Array, options: PublishOptions = {}): Promise<void> {
    if (!this.#running) throw new Error('the broker is not running');
    const { qos = this.#options.qos, retain = false } = options;
    await this.#core.publish({ topic, payload: Buffer.from(payload), qos, retain });
  }

  subscribe(filter: string, handler: MessageHandler): () => void {
    return this.#core.subscribe(filter, handler);
  }

  #makeListeners(): Listener[] {
    const { urls, tls, origins = [], limits } = this.#options;
    const { maxConnections, maxPacketBytes } = { ...DEFAULT_LIMITS, ...limits };
    const common = { origins, maxConnections, maxPacketBytes, ...(tls === undefined ? {} : { tls }) };
    return urls.map((url, index) => {
      const key = index === 0 ? 'mqtt.internal-server' : 'mqtt.listeners';
      const options = { key, address: listenAddress(key, url), ...common };
      return new Listener(options, (duplex, peer) => this.serve(duplex, peer));
    });
  }
}
