/** Packets that a client sends, decoded. Versions: 3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0. */
import type { Qos } from '../message-bus.ts';
import type { Properties } from './properties.ts';

export type Version = 3 | 4 | 5;

export const TYPE = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;

export interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly delaySeconds: number;
  readonly expirySeconds: number | undefined;
  /** Encoded, see MessageProperties. */
  readonly properties: Buffer | undefined;
}

export interface ConnectPacket {
  readonly version: Version;
  /** Clean Session, in MQTT 5 Clean Start. */
  readonly clean: boolean;
  readonly keepAliveSeconds: number;
  readonly clientId: string;
  readonly will: Will | undefined;
  readonly username: string | undefined;
  readonly password: Buffer | undefined;
  readonly properties: Properties;
}

export interface PublishPacket {
  readonly topic: string;
  /** Lies in the bytes that were received. */
  readonly payload: Buffer;
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  /** 0 at QoS 0. */
  readonly packetId: number;
  readonly topicAlias: number | undefined;
  readonly expirySeconds: number | undefined;
  readonly properties: Buffer | undefined;
}

export interface AckPacket {
  readonly packetId: number;
  readonly reason: number;
}

export interface SubscriptionRequest {
  readonly filter: string;
  readonly qos: Qos;
  readonly noLocal: boolean;
  readonly retainAsPublished: boolean;
  /** 0: send retained messages, 1: only for a new subscription, 2: never. */
  readonly retainHandling: number;
}

export interface SubscribePacket {
  readonly packetId: number;
  readonly requests: readonly SubscriptionRequest[];
  readonly identifier: number | undefined;
}

export interface UnsubscribePacket {
  readonly packetId: number;
  readonly filters: readonly string[];
}

export interface DisconnectPacket {
  readonly reason: number;
  readonly properties: Properties;
}
