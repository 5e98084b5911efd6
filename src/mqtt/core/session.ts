import type { Version } from '../codec/packet.ts';
import type { Qos } from '../message-bus.ts';
import type { Budget } from './outbound-window.ts';
import { OutboundWindow } from './outbound-window.ts';
import type { Publication } from './publication.ts';
import type { Subscription } from './router.ts';

/** The connection, as its session needs it. */
export interface Link {
  readonly version: Version;
  /** More would only wait in memory. */
  readonly congested: boolean;
  /** False: the client does not take packets of this size. */
  send(publication: Publication, options: SendOptions): boolean;
  /** PUBREL. */
  release(packetId: number): void;
}

export interface SendOptions {
  readonly qos: Qos;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly packetId: number;
  readonly identifiers: readonly number[];
}

/** Who is connected to a session, from before CONNACK on. */
export interface Occupant {
  /** Another connection has come with the same client id. */
  takenOver(): void;
}

export interface SessionFields {
  /** In the tables; of sessions that are not stored too. */
  readonly id: number;
  readonly clientId: string;
  /** Name of the identity that made it. */
  readonly owner: string;
  /** How long it outlives its connection; 0: not at all, and nothing of it is stored. */
  readonly expirySeconds: number;
  readonly maxInflight: number;
}

/** A subscription that asks for retained messages. */
export interface RetainedRequest {
  readonly filter: string;
  readonly qos: Qos;
  readonly identifiers: readonly number[];
}

/** What the broker knows of a client, beyond its connection. */
export class Session {
  readonly id: number;
  readonly clientId: string;
  readonly owner: string;
  /** Whether its queue is on disk. */
  readonly stored: boolean;
  expirySeconds: number;
  /** When its connection ended. */
  goneAt: number | undefined;
  link: Link | undefined;
  occupant: Occupant | undefined;
  /** It has ended: nothing is to be done for it any more. */
  ended = false;
  readonly subscriptions = new Map<string, Subscription<Session>>();
  /** Identifiers of QoS 2 messages that the client has not released; true once the message is stored. */
  readonly incoming = new Map<number, boolean>();
  /** By filter; looked up when the client has taken what waits for it. */
  readonly retainedDue = new Map<string, RetainedRequest>();
  readonly window: OutboundWindow;
  /** Numbers of messages: given out last, on disk, and of these in the window, and ever sent. */
  lastSeq = 0;
  storedSeq = 0;
  loadedSeq = 0;
  sentSeq = 0;
  /** Messages on disk. */
  queued = 0;
  queuedBytes = 0;

  constructor(fields: SessionFields, budget: Budget) {
    this.id = fields.id;
    this.clientId = fields.clientId;
    this.owner = fields.owner;
    this.stored = fields.expirySeconds > 0;
    this.expirySeconds = fields.expirySeconds;
    this.window = new OutboundWindow(fields.maxInflight, budget);
  }
}
