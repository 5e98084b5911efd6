/** What the site itself says and hears over MQTT, whichever brokers are behind it. */

export type Qos = 0 | 1 | 2;

export interface Message {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
}

/**
 * What a handler awaits is waited for before the message is acknowledged to its sender (QoS 1 and 2): acknowledged means
 * handled. A rejection leaves it unacknowledged, so that the sender repeats it.
 */
export type MessageHandler = (message: Message) => Promise<void> | void;

export interface PublishOptions {
  /** Absent: the configured one. */
  readonly qos?: Qos;
  readonly retain?: boolean;
}

export interface MessageBus {
  /** Resolves when the message is with the broker in this process, or queued for one that is away. */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): Promise<void>;
  /** Hears what clients publish, not what the site itself does. Call the returned function to end it. */
  subscribe(filter: string, handler: MessageHandler): () => void;
}
