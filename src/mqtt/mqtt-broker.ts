import { randomUUID } from 'node:crypto';
import { createServer, isIP, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import type { Component } from '../base/component.ts';
import { errorCode, messageOf, UserError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type Authenticator, type Authorizer, type Identity, OPEN_ACCESS, type Peer } from './access.ts';
import { BrokerCore } from './core/broker-core.ts';
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts';
import type { MessageBus, MessageHandler, PublishOptions, Qos } from './message-bus.ts';

/** When the kernel starts to ask whether the other end is still there. */
const TCP_KEEPALIVE_AFTER_MS = 60_000;

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
  /** Absent: everybody may do everything. */
  readonly authenticator?: Authenticator;
  readonly authorizer?: Authorizer;
}

/** The broker in the process, listening on TCP. Other listeners hand their connections to `serve`. */
export class MqttBroker implements Component, MessageBus {
  readonly name = 'mqtt';
  readonly #options: MqttBrokerOptions;
  readonly #core: BrokerCore;
  readonly #sockets = new Set<Socket>();
  #running = false;
  #server: Server | undefined;

  constructor(options: MqttBrokerOptions, clock: Clock, logger: Logger) {
    const { file, maxQueuedPerClient, limits, authenticator = OPEN_ACCESS, authorizer = OPEN_ACCESS } = options;
    this.#options = options;
    const core = { file, maxQueuedPerClient, limits: { ...DEFAULT_LIMITS, ...limits }, authenticator, authorizer };
    this.#core = new BrokerCore({ ...core, newClientId: () => `auto-${randomUUID()}` }, clock, logger);
  }

  /** The port in use; 0 before the start. */
  get port(): number {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get connections(): number {
    return this.#core.connections;
  }

  /** Messages that clients did not get for want of room. */
  get dropped(): number {
    return this.#core.dropped;
  }

  async start(): Promise<void> {
    const { host, port } = listenAddress(this.#options.url);
    this.#core.start();
    this.#running = true;
    this.#server = await this.#listen(host, port);
  }

  async close(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
    await this.#core.close();
    for (const socket of this.#sockets) socket.destroySoon();
    await closed;
  }

  /** Takes over a connection that another listener has accepted. */
  serve(duplex: Duplex, peer: Peer): void {
    this.#core.serve(duplex, peer);
  }

  /** Ends the connections of those whose rights are no longer what they were. */
  disconnect(whom: (identity: Identity) => boolean): void {
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

  #listen(host: string, port: number): Promise<Server> {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE_AFTER_MS });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      this.#core.serve(socket, { address: socket.remoteAddress ?? '', transport: 'tcp' });
    });
    return new Promise((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(error, host, port)));
      server.listen({ host, port }, () => resolve(server));
    });
  }
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
