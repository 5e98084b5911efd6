/** Packets to bytes. What many clients get is encoded once: only the packet identifier differs. Pure. */
import type { Qos } from '../message-bus.ts';
import { TYPE, type Version } from './packet.ts';
import { encodeProperties, type Properties, varint } from './properties.ts';
import { REASON, type Reason, returnCodeOf } from './reason.ts';

export interface Encoded {
  readonly bytes: Buffer;
  /** Where a packet identifier is to be put in; 0: it has none. */
  readonly idAt: number;
}

function packet(first: number, ...parts: readonly Buffer[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return Buffer.concat([Buffer.from([first, ...varint(length)]), ...parts]);
}

function withId(first: number, ...rest: readonly number[]): Encoded {
  return { bytes: Buffer.from([first, 2 + rest.length, 0, 0, ...rest]), idAt: 2 };
}

export const PUBACK = withId(TYPE.puback << 4);
export const PUBREC = withId(TYPE.pubrec << 4);
export const PUBREL = withId((TYPE.pubrel << 4) | 0x02);
export const PUBCOMP = withId(TYPE.pubcomp << 4);
export const PINGRESP: Encoded = { bytes: Buffer.from([TYPE.pingresp << 4, 0]), idAt: 0 };

/** An acknowledgement with a reason, which only MQTT 5 knows. */
export function encodeAck(plain: Encoded, reason: Reason): Encoded {
  return reason === REASON.success ? plain : withId(plain.bytes[0] ?? 0, reason);
}

export interface PublishFields {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
}

/** `properties` are the encoded ones of MQTT 5; absent for clients of MQTT 3. */
export function encodePublish({ topic, payload, qos, retain, dup }: PublishFields, properties?: Buffer): Encoded {
  const first = (TYPE.publish << 4) | (dup ? 0x08 : 0) | (qos << 1) | (retain ? 1 : 0);
  const topicBytes = Buffer.byteLength(topic);
  const propertiesLength = properties === undefined ? [] : varint(properties.byteLength);
  const idBytes = qos === 0 ? 0 : 2;
  const length =
    2 + topicBytes + idBytes + propertiesLength.length + (properties?.byteLength ?? 0) + payload.byteLength;
  const lengthBytes = varint(length);
  const bytes = Buffer.allocUnsafe(1 + lengthBytes.length + length);
  let at = 0;
  bytes[at++] = first;
  for (const byte of lengthBytes) bytes[at++] = byte;
  bytes[at++] = topicBytes >> 8;
  bytes[at++] = topicBytes & 0xff;
  at += bytes.write(topic, at);
  const idAt = qos === 0 ? 0 : at;
  at += idBytes;
  for (const byte of propertiesLength) bytes[at++] = byte;
  if (properties !== undefined) at += properties.copy(bytes, at);
  payload.copy(bytes, at);
  return { bytes, idAt };
}

/** `undefined`: MQTT 3 has no return code for this reason, the connection ends without an answer. */
export function encodeConnack(
  version: Version,
  reason: Reason,
  sessionPresent: boolean,
  properties: Properties = {},
): Buffer | undefined {
  const flags = sessionPresent ? 1 : 0;
  if (version === 5) {
    const encoded = encodeProperties(properties);
    const head = Buffer.from([flags, reason, ...varint(encoded.byteLength)]);
    return packet(TYPE.connack << 4, head, encoded);
  }
  const code = returnCodeOf(reason);
  // MQTT 3.1 has no session present flag.
  return code === undefined ? undefined : packet(TYPE.connack << 4, Buffer.from([version === 3 ? 0 : flags, code]));
}

export function encodeSuback(version: Version, packetId: number, codes: readonly number[]): Buffer {
  return acknowledged(TYPE.suback, version, packetId, codes);
}

/** MQTT 3 has no codes here. */
export function encodeUnsuback(version: Version, packetId: number, codes: readonly number[]): Buffer {
  return acknowledged(TYPE.unsuback, version, packetId, version === 5 ? codes : []);
}

function acknowledged(type: number, version: Version, packetId: number, codes: readonly number[]): Buffer {
  const noProperties = version === 5 ? [0] : [];
  return packet(type << 4, Buffer.from([packetId >> 8, packetId & 0xff, ...noProperties, ...codes]));
}

/** Only MQTT 5 lets a server say goodbye. */
export function encodeDisconnect(reason: Reason, why?: string): Buffer {
  const properties = why === undefined ? Buffer.alloc(0) : encodeProperties({ reasonString: why });
  return packet(TYPE.disconnect << 4, Buffer.from([reason, ...varint(properties.byteLength)]), properties);
}

const EXPIRY = 0x02;
const SUBSCRIPTION_IDENTIFIER = 0x0b;

/** What is not the same for all subscribers, and what the sender said, in one. */
export function messageProperties(
  forwarded: Buffer | undefined,
  expirySeconds: number | undefined,
  identifiers: readonly number[],
): Buffer {
  const head: number[] = [];
  if (expirySeconds !== undefined) {
    head.push(EXPIRY, (expirySeconds >>> 24) & 0xff, (expirySeconds >>> 16) & 0xff);
    head.push((expirySeconds >>> 8) & 0xff, expirySeconds & 0xff);
  }
  for (const identifier of identifiers) head.push(SUBSCRIPTION_IDENTIFIER, ...varint(identifier));
  if (head.length === 0) return forwarded ?? NONE;
  return forwarded === undefined ? Buffer.from(head) : Buffer.concat([Buffer.from(head), forwarded]);
}

const NONE = Buffer.alloc(0);
