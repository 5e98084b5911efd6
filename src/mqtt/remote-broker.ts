import { connect, type MqttClient } from 'mqtt';
import { brokerAddress } from './broker-address.ts';
import type { PublishOptions } from './message-bus.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_SECONDS = 30;

/**
 * A broker that single messages are published to: connects with the first one, again after a loss with the next one, and
 * keeps nothing. Who publishes hears what became of the message and tries again where that is worth it.
 */
export class RemoteBroker {
  readonly #url: string;
  #client: MqttClient | undefined;
  #connected: Promise<void> | undefined;

  constructor(url: string) {
    this.#url = url;
  }

  /** Resolves when the broker has taken the message (QoS 1 and 2: acknowledged it). */
  async publish(topic: string, payload: string, options: Required<PublishOptions>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const client = this.#client ?? this.#connect();
    await ended(this.#connected, signal);
    await ended(client.publishAsync(topic, payload, options), signal);
  }

  async close(): Promise<void> {
    await this.#client?.endAsync(true);
  }

  #connect(): MqttClient {
    const client = connect({
      ...brokerAddress(this.#url),
      clean: true,
      reconnectPeriod: 0,
      connectTimeout: CONNECT_TIMEOUT_MS,
      keepalive: KEEPALIVE_SECONDS,
      queueQoSZero: false,
    });
    this.#client = client;
    this.#connected = new Promise((resolve, reject) => {
      let why: Error = new Error('the broker has ended the connection');
      client.on('connect', () => resolve());
      client.on('error', (error) => {
        why = error;
      });
      client.on('close', () => {
        if (this.#client === client) this.#client = undefined;
        client.end(true); // rejects what is under way
        reject(why);
      });
    });
    return client;
  }
}

/** Rejects with the signal's reason where it ends first. */
async function ended(work: Promise<unknown> | undefined, signal: AbortSignal): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
