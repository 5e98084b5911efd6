import { type Encoded, encodePublish, messageProperties } from '../codec/encode.ts';
import type { Version } from '../codec/packet.ts';
import type { Message, Qos } from '../message-bus.ts';

/** A buffer may lie in one this many times its size; beyond it the message takes a copy rather than keep all of it. */
const MAX_PINNED_RATIO = 4;
const NO_IDENTIFIERS: readonly number[] = [];

export interface PublicationFields extends Message {
  /** Encoded properties of MQTT 5 that subscribers get as they came. */
  readonly properties?: Buffer | undefined;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/** A message on its way through the broker. Its bytes are made once for all subscribers that get the same ones. */
export class Publication implements PublicationFields {
  readonly topic: string;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly expiresAt: number | undefined;
  #payload: Buffer;
  #properties: Buffer | undefined;
  /** By version, quality and retain flag. */
  #encodings: (Encoded | undefined)[] = [];

  /** `received`: the packet as it came, where a subscriber with MQTT 3 may get the same bytes. */
  constructor(fields: PublicationFields, received?: Encoded) {
    this.topic = fields.topic;
    this.qos = fields.qos;
    this.retain = fields.retain;
    this.expiresAt = fields.expiresAt;
    this.#payload = fields.payload;
    this.#properties = fields.properties;
    if (received !== undefined) this.#encodings[slot(4, fields.qos, false)] = received;
  }

  get payload(): Buffer {
    return this.#payload;
  }

  get properties(): Buffer | undefined {
    return this.#properties;
  }

  /** What it takes in a queue, about. */
  get bytes(): number {
    return this.topic.length + this.#payload.byteLength + (this.#properties?.byteLength ?? 0);
  }

  /** Of messages that will wait: lets go of the bytes they were received in, where those are many more. */
  own(): void {
    if (this.#payload.buffer.byteLength <= this.#payload.byteLength * MAX_PINNED_RATIO) return;
    this.#payload = ownCopy(this.#payload);
    if (this.#properties !== undefined) this.#properties = ownCopy(this.#properties);
    this.#encodings = [];
  }

  encoded(version: Version, qos: Qos, retain: boolean, now: number): Encoded {
    if (version === 5 && this.expiresAt !== undefined) return this.encodedFor(version, qos, retain, false, now);
    const at = slot(version, qos, retain);
    const known = this.#encodings[at];
    if (known !== undefined) return known;
    const encoded = this.encodedFor(version, qos, retain, false, now);
    this.#encodings[at] = encoded;
    return encoded;
  }

  /** What is not shared: a repetition, an expiry that runs, identifiers of subscriptions. */
  encodedFor(
    version: Version,
    qos: Qos,
    retain: boolean,
    dup: boolean,
    now: number,
    identifiers: readonly number[] = NO_IDENTIFIERS,
  ): Encoded {
    const fields = { topic: this.topic, payload: this.#payload, qos, retain, dup };
    if (version !== 5) return encodePublish(fields);
    const { expiresAt } = this;
    const seconds = expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - now) / 1000));
    return encodePublish(fields, messageProperties(this.#properties, seconds, identifiers));
  }

  expired(now: number): boolean {
    return this.expiresAt !== undefined && this.expiresAt <= now;
  }
}

function slot(version: Version, qos: Qos, retain: boolean): number {
  return (version === 5 ? 6 : 0) + qos * 2 + (retain ? 1 : 0);
}

function ownCopy(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.byteLength);
  bytes.copy(copy);
  return copy;
}
