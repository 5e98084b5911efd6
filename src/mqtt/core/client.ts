import type { Duplex } from 'node:stream';
import type { Logger } from '../../base/logger.ts';
import type { Answer, Identity, Peer } from '../access/ports.ts';
import { ByteReader } from '../codec/byte-reader.ts';
import {
  assertFlags,
  decodeAck,
  decodeConnect,
  decodeDisconnect,
  decodeNothing,
  decodeSubscribe,
  decodeUnsubscribe,
} from '../codec/decode.ts';
import {
  encodeAck,
  encodeConnack,
  encodeDisconnect,
  encodeSuback,
  encodeUnsuback,
  PINGRESP,
  PUBREL,
} from '../codec/encode.ts';
import type { FrameReader } from '../codec/frame-reader.ts';
import { type ConnectPacket, TYPE, type Version, type Will } from '../codec/packet.ts';
import { ProtocolViolation, REASON, type Reason } from '../codec/reason.ts';
import { type Entrant, type Greeting, type Handshake, Refusal } from './handshake.ts';
import type { Publication } from './publication.ts';
import { type Author, Publisher, type PublisherNeeds } from './publisher.ts';
import { topicFilterOf } from './router.ts';
import type { Link, Occupant, SendOptions, Session } from './session.ts';
import type { SessionQueues } from './session-queues.ts';
import type { Sessions } from './sessions.ts';
import type { Subscriber } from './subscriber.ts';
import type { Wills } from './wills.ts';
import { HOLD, Wire, type WireNeeds } from './wire.ts';

/** Bytes that may wait for a client before its queue is held back: so that QoS 0 has room beside it. */
const SEND_AHEAD_BYTES = 256 * 1024;
/** A client is lost after one and a half of its keep alive [MQTT-3.1.2-24]. */
const KEEP_ALIVE_FACTOR = 1.5;

export interface ClientNeeds extends WireNeeds, PublisherNeeds {
  readonly handshake: Handshake;
  readonly subscriber: Subscriber;
  readonly sessions: Sessions;
  readonly queues: SessionQueues;
  readonly wills: Wills;
  readonly logger: Logger;
  readonly onGone: (client: Client) => void;
}

/** What is there once a client has been let in. */
interface Admitted {
  readonly greeting: Greeting;
  readonly publisher: Publisher;
}

/** One connection, from its first byte to its last: what the client says, and what it is told. */
export class Client implements Link, Occupant, Author {
  readonly #peer: Peer;
  readonly #needs: ClientNeeds;
  readonly #wire: Wire;
  readonly #openedAt: number;
  #admitted: Admitted | undefined;
  #will: Will | undefined;
  #gone = false;
  version: Version = 4;

  constructor(duplex: Duplex, peer: Peer, needs: ClientNeeds) {
    this.#peer = peer;
    this.#needs = needs;
    this.#openedAt = needs.clock.now();
    this.#wire = new Wire(duplex, needs, {
      packet: (frames) => this.#packet(frames),
      violation: (error) => this.#violation(error),
      drained: () => this.#drained(),
      closed: () => this.#leave(),
    });
  }

  open(): void {
    this.#wire.open();
  }

  get identity(): Identity | undefined {
    return this.#admitted?.greeting.identity;
  }

  /** That it has subscribed, without the groups that share them. */
  get filters(): readonly string[] {
    const { session } = this.#admitted?.greeting ?? {};
    return session === undefined ? [] : [...session.subscriptions.keys()].map(topicFilterOf);
  }

  get congested(): boolean {
    return this.#wire.waiting >= SEND_AHEAD_BYTES;
  }

  send(publication: Publication, { qos, retain, dup, packetId, identifiers }: SendOptions): boolean {
    const { limits, clock, statistics } = this.#needs;
    if (qos === 0 && this.#wire.waiting > limits.slowClientBytes) {
      statistics.dropped += 1;
      return false;
    }
    const shared = !dup && (identifiers.length === 0 || this.version !== 5);
    const now = publication.expiresAt === undefined ? 0 : clock.now();
    const packet = shared
      ? publication.encoded(this.version, qos, retain, now)
      : publication.encodedFor(this.version, qos, retain, dup, now, identifiers);
    if (packet.bytes.byteLength > (this.#admitted?.greeting.maxPacketBytes ?? 0)) return false;
    statistics.publishSent += 1;
    this.#wire.send(packet, packetId);
    return true;
  }

  release(packetId: number): void {
    this.#wire.send(PUBREL, packetId);
  }

  takenOver(): void {
    this.end(REASON.sessionTakenOver);
  }

  /** The broker ends the connection; the client's will is said. */
  end(reason: Reason, why?: string): void {
    this.#leave();
    this.#wire.close(this.version === 5 ? this.#farewell(reason, why) : undefined);
  }

  /** Without the words where they are too many for the client [MQTT-3.14.2-3]. */
  #farewell(reason: Reason, why: string | undefined): Buffer | undefined {
    if (this.#admitted === undefined) return undefined;
    const { maxPacketBytes } = this.#admitted.greeting;
    const [long, short] = [encodeDisconnect(reason, why), encodeDisconnect(reason)];
    return [long, short].find(({ byteLength }) => byteLength <= maxPacketBytes);
  }

  answered<T>(answer: Answer<T>, proceed: (value: T) => void): void {
    if (!(answer instanceof Promise)) return proceed(answer);
    this.#wire.hold(HOLD.answer);
    const late = (value: T) => {
      if (this.#gone) return;
      proceed(value);
      this.#wire.release(HOLD.answer);
    };
    answer.then(late).catch((error: unknown) => this.#broke(error));
  }

  /** Once a second. */
  sweep(now: number): void {
    if (this.#wire.closing) return;
    const greeting = this.#admitted?.greeting;
    if (greeting === undefined) {
      if (now - this.#openedAt > this.#needs.limits.connectTimeoutMs) this.#wire.abort();
      return;
    }
    const silence = now - this.#wire.heardAt;
    const { keepAliveSeconds } = greeting;
    if (keepAliveSeconds > 0 && silence > keepAliveSeconds * 1000 * KEEP_ALIVE_FACTOR) {
      return this.end(REASON.keepAliveTimeout);
    }
    this.#wire.sweep(now);
  }

  #packet(frames: FrameReader): void {
    const first = frames.data[frames.start] ?? 0;
    const type = first >> 4;
    const reader = new ByteReader(frames.data, frames.body, frames.end);
    const admitted = this.#admitted;
    if (admitted === undefined) return this.#connect(type, first, reader);
    const { greeting, publisher } = admitted;
    if (type === TYPE.publish) return publisher.publish(first, reader, frames);
    assertFlags(first, type === TYPE.pubrel || type === TYPE.subscribe || type === TYPE.unsubscribe ? 2 : 0);
    const { session } = greeting;
    switch (type) {
      case TYPE.puback:
        return this.#acknowledged(reader, session);
      case TYPE.pubrec:
        return this.#received(reader, session);
      case TYPE.pubrel:
        return publisher.release(reader);
      case TYPE.pubcomp:
        return this.#needs.queues.settled(session, decodeAck(reader, this.version).packetId);
      case TYPE.subscribe:
        return this.#subscribe(reader, greeting);
      case TYPE.unsubscribe:
        return this.#unsubscribe(reader, session);
      case TYPE.pingreq:
        decodeNothing(reader);
        return this.#wire.send(PINGRESP);
      case TYPE.disconnect:
        return this.#disconnect(reader, session);
      default:
        throw new ProtocolViolation(`a packet of type ${type}`, REASON.protocolError);
    }
  }

  #connect(type: number, first: number, reader: ByteReader): void {
    if (type !== TYPE.connect) throw new ProtocolViolation('the first packet is not a CONNECT'); // [MQTT-3.1.0-1]
    assertFlags(first, 0);
    const packet = decodeConnect(reader);
    this.version = packet.version;
    this.#wire.hold(HOLD.greeting);
    this.answered(this.#needs.handshake.admit(packet, this.#peer), (outcome) => {
      if (outcome instanceof Refusal) this.#refuse(outcome);
      else this.#enter(packet, outcome);
    });
  }

  #refuse({ reason, why }: Refusal): void {
    this.#needs.statistics.refused += 1;
    this.#needs.logger.debug({ peer: this.#peer.address, why }, 'connection refused');
    this.#wire.close(encodeConnack(this.version, reason, false));
  }

  #enter(packet: ConnectPacket, entrant: Entrant): void {
    const { handshake, store } = this.#needs;
    const greeting = handshake.open(packet, entrant, this);
    if (greeting instanceof Refusal) return this.#refuse(greeting);
    this.#admitted = { greeting, publisher: new Publisher(this, this.#wire, greeting, this.#needs) };
    this.#will = packet.will;
    if (!greeting.durable) return this.#greet(greeting);
    store.after((error) => {
      if (error === undefined) this.#greet(greeting);
      else this.#wire.abort();
    });
  }

  #greet({ connack, session }: Greeting): void {
    if (this.#gone) return;
    this.#needs.statistics.connects += 1;
    this.#wire.send({ bytes: connack, idAt: 0 });
    session.link = this;
    this.#needs.queues.pump(session);
    this.#wire.release(HOLD.greeting);
  }

  #acknowledged(reader: ByteReader, session: Session): void {
    const { packetId } = decodeAck(reader, this.version);
    if (session.window.find(packetId)?.qos === 1) this.#needs.queues.settled(session, packetId);
  }

  #received(reader: ByteReader, session: Session): void {
    const { packetId, reason } = decodeAck(reader, this.version);
    const inflight = session.window.find(packetId);
    if (inflight === undefined || inflight.qos !== 2) {
      const unknown = this.version === 5 ? encodeAck(PUBREL, REASON.packetIdNotFound) : PUBREL;
      return this.#wire.send(unknown, packetId);
    }
    if (reason >= REASON.unspecified) this.#needs.queues.settled(session, packetId);
    else if (!inflight.released) this.#needs.queues.received(session, packetId, inflight);
  }

  #subscribe(reader: ByteReader, { identity, session }: Greeting): void {
    const packet = decodeSubscribe(reader, this.version);
    const { subscriber } = this.#needs;
    this.answered(subscriber.mayAll(identity, packet), (allowed) => {
      // One at a time: who asks faster than the disk can write is read more slowly.
      if (session.stored) this.#wire.hold(HOLD.storing);
      subscriber.subscribe(session, this.version, packet, allowed, (codes) => {
        this.#wire.send({ bytes: encodeSuback(this.version, packet.packetId, codes), idAt: 0 });
        this.#wire.release(HOLD.storing);
      });
    });
  }

  #unsubscribe(reader: ByteReader, session: Session): void {
    const { packetId, filters } = decodeUnsubscribe(reader, this.version);
    if (session.stored) this.#wire.hold(HOLD.storing);
    this.#needs.subscriber.unsubscribe(session, filters, (codes) => {
      this.#wire.send({ bytes: encodeUnsuback(this.version, packetId, codes), idAt: 0 });
      this.#wire.release(HOLD.storing);
    });
  }

  #disconnect(reader: ByteReader, session: Session): void {
    const { reason, properties } = decodeDisconnect(reader, this.version);
    const { sessionExpiryInterval } = properties;
    if (sessionExpiryInterval !== undefined) {
      if (session.expirySeconds === 0 && sessionExpiryInterval > 0) {
        throw new ProtocolViolation('a session that was to end is to stay', REASON.protocolError); // [MQTT-3.14.2.2.2]
      }
      session.expirySeconds = Math.min(sessionExpiryInterval, this.#needs.limits.sessionExpirySeconds);
    }
    if (reason !== REASON.disconnectWithWill && this.#will !== undefined) {
      this.#will = undefined;
      this.#needs.wills.drop(session.clientId);
    }
    this.#leave();
    this.#wire.close();
  }

  #broke(error: unknown): void {
    if (error instanceof ProtocolViolation) return this.#violation(error);
    this.#needs.logger.error({ err: error, peer: this.#peer.address }, 'nobody could say what a client may do');
    this.end(REASON.notAuthorized);
  }

  #violation(error: ProtocolViolation): void {
    const clientId = this.#admitted?.greeting.session.clientId;
    this.#needs.logger.debug({ peer: this.#peer.address, client: clientId, why: error.message }, 'connection ended');
    if (this.#admitted !== undefined) return this.end(error.reason, error.message);
    // A client of an unknown version is told in the form of MQTT 3.1.1 [MQTT-3.1.2-2].
    const answer = error.reason === REASON.unsupportedVersion ? encodeConnack(4, error.reason, false) : undefined;
    this.#wire.close(answer);
  }

  #drained(): void {
    const session = this.#admitted?.greeting.session;
    if (session?.link === this) this.#needs.queues.pump(session);
  }

  /** Once, whatever ends first: the connection, the client, or the broker's patience. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    const session = this.#admitted?.greeting.session;
    const will = this.#will;
    const { sessions, wills, onGone } = this.#needs;
    onGone(this);
    if (session === undefined) return;
    if (will !== undefined) wills.lost(session.clientId, will, Math.min(will.delaySeconds, session.expirySeconds));
    sessions.leave(session);
  }
}
