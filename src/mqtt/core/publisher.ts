import type { Answer, Authorizer, Identity } from '../access/ports.ts';
import type { Clock } from '../../base/clock.ts';
import type { ByteReader } from '../codec/byte-reader.ts';
import { decodeAck, decodePublish, TopicReader } from '../codec/decode.ts';
import { type Encoded, encodeAck, PUBACK, PUBCOMP, PUBREC } from '../codec/encode.ts';
import type { FrameReader } from '../codec/frame-reader.ts';
import type { PublishPacket, Version } from '../codec/packet.ts';
import { ProtocolViolation, REASON, type Reason } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import type { BrokerStore } from './broker-store.ts';
import type { Exchange, Rider, Source } from './exchange.ts';
import { OrderedLine } from './ordered-line.ts';
import { Publication } from './publication.ts';
import type { Session } from './session.ts';
import type { Statistics } from './statistics.ts';
import { HOLD, type Wire } from './wire.ts';

export interface PublisherNeeds {
  readonly limits: BrokerLimits;
  readonly clock: Clock;
  readonly authorizer: Authorizer;
  readonly exchange: Exchange;
  readonly store: BrokerStore;
  readonly statistics: Statistics;
}

/** The client whose messages these are. */
export interface Author {
  readonly version: Version;
  /** Goes on at once where the answer is there; else the client is not read until it is. */
  answered<T>(answer: Answer<T>, proceed: (value: T) => void): void;
  end(reason: Reason): void;
}

/** What a client publishes: QoS 0, 1 and 2 inwards, each acknowledged when it is stored and handled. */
export class Publisher implements Source {
  readonly session: Session;
  readonly #identity: Identity;
  readonly #author: Author;
  readonly #wire: Wire;
  readonly #needs: PublisherNeeds;
  readonly #topics: TopicReader;
  readonly #line = new OrderedLine();
  #aliases: Map<number, string> | undefined;
  /** Of messages that are being stored or handled. */
  #bytes = 0;
  storing = 0;

  constructor(author: Author, wire: Wire, greeting: { identity: Identity; session: Session }, needs: PublisherNeeds) {
    this.session = greeting.session;
    this.#identity = greeting.identity;
    this.#author = author;
    this.#wire = wire;
    this.#needs = needs;
    this.#topics = new TopicReader(needs.limits.maxTopicLevels);
  }

  /** PUBLISH */
  publish(first: number, reader: ByteReader, frames: FrameReader): void {
    const packet = decodePublish(first, reader, this.#author.version, this.#topics);
    const topic = this.#resolved(packet);
    this.#needs.statistics.publishReceived += 1;
    if (topic.startsWith('$SYS/')) throw new ProtocolViolation('$SYS is for the broker itself', REASON.notAuthorized);
    const received = this.#asReceived(first, packet, frames);
    const may = this.#needs.authorizer.mayPublish(this.#identity, topic);
    if (may === true) return this.#admit(packet, topic, received);
    this.#author.answered(may, (allowed) => {
      if (allowed) this.#admit(packet, topic, received);
      else this.#deny(packet);
    });
  }

  /** PUBREL: the identifier may be used again, which must be on disk before the client hears so. */
  release(reader: ByteReader): void {
    const { packetId } = decodeAck(reader, this.#author.version);
    const { session } = this;
    const known = session.incoming.delete(packetId);
    if (!known || !session.stored) {
      const missing = !known && this.#author.version === 5;
      return this.#wire.send(missing ? encodeAck(PUBCOMP, REASON.packetIdNotFound) : PUBCOMP, packetId);
    }
    this.#needs.store.write(
      (tables) => tables.deleteIncoming.run(session.id, packetId),
      (error) => {
        if (error === undefined) this.#wire.send(PUBCOMP, packetId);
        else this.#author.end(REASON.unspecified);
      },
    );
  }

  /** The bytes as they came, where a subscriber may get the same. */
  #asReceived(first: number, { packetId, payload }: PublishPacket, frames: FrameReader): Encoded | undefined {
    const { data, start, end } = frames;
    if (this.#author.version === 5 || (first & 0x09) !== 0) return undefined;
    const idAt = packetId === 0 ? 0 : end - start - payload.byteLength - 2;
    return { bytes: data.subarray(start, end), idAt };
  }

  /** The topic behind an alias: MQTT 5 section 3.3.2.3.4. */
  #resolved({ topic, topicAlias }: PublishPacket): string {
    if (topicAlias === undefined) return topic;
    if (topicAlias > this.#needs.limits.maxTopicAliases) {
      throw new ProtocolViolation(`topic alias ${topicAlias}`, REASON.topicAliasInvalid);
    }
    this.#aliases ??= new Map();
    if (topic !== '') this.#aliases.set(topicAlias, topic);
    const resolved = this.#aliases.get(topicAlias);
    if (resolved === undefined)
      throw new ProtocolViolation(`topic alias ${topicAlias} is not set`, REASON.protocolError);
    return resolved;
  }

  #admit(packet: PublishPacket, topic: string, received: Encoded | undefined): void {
    const { qos, packetId, payload, retain, properties, expirySeconds } = packet;
    if (qos === 2 && !this.#isNew(packetId)) return;
    const { clock, exchange } = this.#needs;
    const expiresAt = expirySeconds === undefined ? undefined : clock.now() + expirySeconds * 1000;
    const publication = new Publication({ topic, payload, qos, retain, properties, expiresAt }, received);
    const told = exchange.tellSite(publication);
    if (told === undefined && this.#line.length === 0) return this.#pass(publication, packetId);
    const { bytes } = publication;
    this.#bytes += bytes;
    this.#line.add(told, (error) => {
      this.#bytes -= bytes;
      if (error === undefined) this.#pass(publication, packetId);
      else this.#settled(publication, packetId, error);
    });
    this.#brake();
  }

  /** A message that waits for its release is not taken again; PUBREC follows when it is stored. */
  #isNew(packetId: number): boolean {
    const { incoming } = this.session;
    const stored = incoming.get(packetId);
    if (stored === true) this.#wire.send(PUBREC, packetId);
    if (stored !== undefined) return false;
    if (incoming.size >= this.#needs.limits.maxIncoming) {
      throw new ProtocolViolation('too many messages await PUBREL', REASON.receiveMaximumExceeded);
    }
    incoming.set(packetId, false);
    return true;
  }

  #pass(publication: Publication, packetId: number): void {
    const { exchange } = this.#needs;
    const { qos, retain } = publication;
    if (qos === 0 && !retain && this.storing === 0) return exchange.publish(publication, this, NOBODY_WAITS);
    const { bytes } = publication;
    this.#bytes += bytes;
    const settled = (error?: Error) => {
      this.#bytes -= bytes;
      this.#settled(publication, packetId, error);
    };
    exchange.publish(publication, this, settled, this.#rider(publication, packetId));
    this.#brake();
  }

  /** The identifier of a QoS 2 message is stored with it, so that its repetition is known again. */
  #rider({ qos }: Publication, packetId: number): Rider | undefined {
    const { stored, id } = this.session;
    return qos === 2 && stored ? (tables) => tables.putIncoming.run(id, packetId) : undefined;
  }

  /** A message that was neither stored nor handled is not acknowledged: so it comes again. */
  #settled({ qos }: Publication, packetId: number, error: unknown): void {
    const { incoming } = this.session;
    if (error !== undefined) {
      if (qos === 2) incoming.delete(packetId);
      if (qos > 0) this.#author.end(REASON.unspecified);
      return;
    }
    if (qos === 2) incoming.set(packetId, true);
    if (qos > 0) this.#wire.send(qos === 2 ? PUBREC : PUBACK, packetId);
    if (this.#load < 0.5) this.#wire.release(HOLD.storing);
  }

  #brake(): void {
    if (this.#load >= 1) this.#wire.hold(HOLD.storing);
  }

  /** How much of what it may is being stored or handled. */
  get #load(): number {
    const { maxStoring, maxStoringBytes } = this.#needs.limits;
    return Math.max((this.#line.length + this.storing) / maxStoring, this.#bytes / maxStoringBytes);
  }

  /** MQTT 3 has no way to say so but the end of the connection [MQTT-3.3.5-2]. */
  #deny({ qos, packetId }: PublishPacket): void {
    if (this.#author.version !== 5 || qos === 0) return this.#author.end(REASON.notAuthorized);
    this.#wire.send(encodeAck(qos === 1 ? PUBACK : PUBREC, REASON.notAuthorized), packetId);
  }
}

const NOBODY_WAITS = () => undefined;
