/** Bytes to packets: MQTT 3.1.1 and 5.0 chapter 3. Pure; all of it throws ProtocolViolation. */
import type { Qos } from '../message-bus.ts';
import { hasWildcard, levelsOf } from '../topic.ts';
import { ByteReader, checkedText } from './byte-reader.ts';
import type {
  AckPacket,
  ConnectPacket,
  DisconnectPacket,
  PublishPacket,
  SubscribePacket,
  SubscriptionRequest,
  UnsubscribePacket,
  Version,
  Will,
} from './packet.ts';
import { readMessageProperties, readProperties } from './properties.ts';
import { ProtocolViolation, REASON } from './reason.ts';

/** Bridges of mosquitto set it in the protocol level. */
const BRIDGE_BIT = 0x80;

const CONNECT_FLAG = { reserved: 0x01, clean: 0x02, will: 0x04, willRetain: 0x20, password: 0x40, username: 0x80 };

/** Packets that must have exactly these flags in their first byte; PUBLISH has flags of its own. */
export function assertFlags(first: number, required: number): void {
  if ((first & 0x0f) !== required) throw new ProtocolViolation('reserved flags of a fixed header are set'); // [MQTT-2.2.2-2]
}

export function decodeConnect(reader: ByteReader): ConnectPacket {
  const version = protocolVersion(reader);
  const flags = reader.byte();
  const has = (flag: number) => (flags & flag) !== 0;
  if (has(CONNECT_FLAG.reserved)) throw new ProtocolViolation('the reserved flag of CONNECT is set'); // [MQTT-3.1.2-3]
  const keepAliveSeconds = reader.uint16();
  const properties = version === 5 ? readProperties(reader, 'connect') : {};
  const clientId = reader.text('client id');
  const qos = (flags >> 3) & 0x03;
  const retain = has(CONNECT_FLAG.willRetain);
  if (!has(CONNECT_FLAG.will) && (qos !== 0 || retain)) throw new ProtocolViolation('flags of a will without a will');
  const will = has(CONNECT_FLAG.will) ? decodeWill(reader, version, toQos(qos), retain) : undefined;
  if (version !== 5 && has(CONNECT_FLAG.password) && !has(CONNECT_FLAG.username)) {
    throw new ProtocolViolation('a password without a user name'); // [MQTT-3.1.2-22]
  }
  const username = has(CONNECT_FLAG.username) ? reader.text('user name') : undefined;
  const password = has(CONNECT_FLAG.password) ? reader.binary() : undefined;
  assertDone(reader);
  const clean = has(CONNECT_FLAG.clean);
  return { version, clean, keepAliveSeconds, clientId, will, username, password, properties };
}

function protocolVersion(reader: ByteReader): Version {
  const name = reader.text('protocol name');
  const level = reader.byte() & ~BRIDGE_BIT;
  if (name === 'MQIsdp' && level === 3) return 3;
  if (name === 'MQTT' && (level === 4 || level === 5)) return level;
  // A name that is not MQTT's is no MQTT at all [MQTT-3.1.2-1].
  if (name !== 'MQTT' && name !== 'MQIsdp') throw new ProtocolViolation('not MQTT');
  throw new ProtocolViolation(`protocol level ${level} is not spoken here`, REASON.unsupportedVersion); // [MQTT-3.1.2-2]
}

function decodeWill(reader: ByteReader, version: Version, qos: Qos, retain: boolean): Will {
  const { expirySeconds, willDelaySeconds, forwarded } =
    version === 5 ? readMessageProperties(reader, 'will') : NO_PROPERTIES;
  const topic = reader.text('will topic');
  assertTopicName(topic);
  const payload = reader.binary();
  return { topic, payload, qos, retain, delaySeconds: willDelaySeconds, expirySeconds, properties: forwarded };
}

const NO_PROPERTIES = {
  expirySeconds: undefined,
  topicAlias: undefined,
  willDelaySeconds: 0,
  forwarded: undefined,
} as const;

/** Remembers the last topic: publishers repeat themselves, and to compare bytes is cheaper than to read text. */
export class TopicReader {
  readonly #maxLevels: number;
  #bytes = Buffer.alloc(0);
  #topic = '';

  constructor(maxLevels: number) {
    this.#maxLevels = maxLevels;
  }

  read(data: Buffer, from: number, to: number): string {
    if (this.#isLast(data, from, to)) return this.#topic;
    const topic = checkedText(data, from, to, 'topic');
    if (topic !== '') assertTopicName(topic);
    if (levelsOf(topic) > this.#maxLevels) {
      throw new ProtocolViolation(`a topic of over ${this.#maxLevels} levels`, REASON.topicNameInvalid);
    }
    this.#bytes = Buffer.from(data.subarray(from, to));
    this.#topic = topic;
    return topic;
  }

  #isLast(data: Buffer, from: number, to: number): boolean {
    const last = this.#bytes;
    if (last.byteLength !== to - from) return false;
    // From the end, where topics differ.
    for (let index = last.byteLength - 1; index >= 0; index -= 1) {
      if (last[index] !== data[from + index]) return false;
    }
    return true;
  }
}

/** The topic is empty where MQTT 5 leaves it to an alias. */
export function decodePublish(first: number, reader: ByteReader, version: Version, topics: TopicReader): PublishPacket {
  const qos = toQos((first >> 1) & 0x03);
  const dup = (first & 0x08) !== 0;
  if (dup && qos === 0) throw new ProtocolViolation('DUP at QoS 0'); // [MQTT-3.3.1-2]
  const from = reader.skipBinary();
  const topic = topics.read(reader.data, from, reader.at);
  const packetId = qos === 0 ? 0 : decodePacketId(reader);
  const { expirySeconds, topicAlias, forwarded } =
    version === 5 ? readMessageProperties(reader, 'publish') : NO_PROPERTIES;
  if (topic === '' && topicAlias === undefined) throw new ProtocolViolation('an empty topic', REASON.protocolError);
  const retain = (first & 0x01) !== 0;
  return {
    topic,
    payload: reader.rest(),
    qos,
    retain,
    dup,
    packetId,
    topicAlias,
    expirySeconds,
    properties: forwarded,
  };
}

/** PUBACK, PUBREC, PUBREL, PUBCOMP. */
export function decodeAck(reader: ByteReader, version: Version): AckPacket {
  const packetId = decodePacketId(reader);
  let reason = 0;
  if (version === 5 && !reader.done) {
    reason = reader.byte();
    if (!reader.done) readProperties(reader, 'ack');
  }
  assertDone(reader);
  return { packetId, reason };
}

export function decodeSubscribe(reader: ByteReader, version: Version): SubscribePacket {
  const packetId = decodePacketId(reader);
  const identifier = version === 5 ? readProperties(reader, 'subscribe').subscriptionIdentifier : undefined;
  const requests: SubscriptionRequest[] = [];
  while (!reader.done) requests.push(decodeRequest(reader.text('topic filter'), reader.byte(), version));
  if (requests.length === 0) throw new ProtocolViolation('a SUBSCRIBE without filters', REASON.protocolError); // [MQTT-3.8.3-3]
  return { packetId, requests, identifier };
}

function decodeRequest(filter: string, options: number, version: Version): SubscriptionRequest {
  const reserved = version === 5 ? 0xc0 : 0xfc;
  const retainHandling = (options >> 4) & 0x03;
  if ((options & reserved) !== 0 || retainHandling === 3) {
    throw new ProtocolViolation('options of a subscription are malformed'); // [MQTT-3.8.3-4]
  }
  const qos = toQos(options & 0x03);
  return {
    filter,
    qos,
    noLocal: (options & 0x04) !== 0,
    retainAsPublished: (options & 0x08) !== 0,
    retainHandling,
  };
}

export function decodeUnsubscribe(reader: ByteReader, version: Version): UnsubscribePacket {
  const packetId = decodePacketId(reader);
  if (version === 5) readProperties(reader, 'unsubscribe');
  const filters: string[] = [];
  while (!reader.done) filters.push(reader.text('topic filter'));
  if (filters.length === 0) throw new ProtocolViolation('an UNSUBSCRIBE without filters', REASON.protocolError); // [MQTT-3.10.3-2]
  return { packetId, filters };
}

export function decodeDisconnect(reader: ByteReader, version: Version): DisconnectPacket {
  const reason = version === 5 && !reader.done ? reader.byte() : 0;
  const properties = version === 5 && !reader.done ? readProperties(reader, 'disconnect') : {};
  assertDone(reader);
  return { reason, properties };
}

/** PINGREQ. */
export function decodeNothing(reader: ByteReader): void {
  assertDone(reader);
}

function decodePacketId(reader: ByteReader): number {
  const packetId = reader.uint16();
  if (packetId === 0) throw new ProtocolViolation('packet identifier 0', REASON.protocolError); // [MQTT-2.3.1-1]
  return packetId;
}

function toQos(value: number): Qos {
  if (value === 0 || value === 1 || value === 2) return value;
  throw new ProtocolViolation('QoS 3'); // [MQTT-3.3.1-4]
}

function assertTopicName(topic: string): void {
  if (topic === '' || hasWildcard(topic)) {
    throw new ProtocolViolation(`"${topic}" is no topic name`, REASON.topicNameInvalid); // [MQTT-3.3.2-2]
  }
}

function assertDone(reader: ByteReader): void {
  if (!reader.done) throw new ProtocolViolation('a packet is longer than what it says');
}
