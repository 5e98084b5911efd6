import { messageOf } from '../../base/errors.ts';
import {
  type Admission,
  allAnswers,
  type Answer,
  type Authenticator,
  type Authorizer,
  type ConnectRefusal,
  type Identity,
  type Peer,
} from '../access/ports.ts';
import { encodeConnack } from '../codec/encode.ts';
import type { ConnectPacket } from '../codec/packet.ts';
import type { Properties } from '../codec/properties.ts';
import { REASON, type Reason } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import { topicFilterOf } from './router.ts';
import type { Occupant, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Wills } from './wills.ts';

export interface HandshakeNeeds {
  readonly limits: BrokerLimits;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly sessions: Sessions;
  readonly wills: Wills;
  /** For clients that leave their name to the broker. */
  readonly newClientId: () => string;
}

/** Who may come in. */
export interface Entrant {
  readonly identity: Identity;
  /** Whether all that his session has subscribed is still for him: else it is not continued, nor what waits in it sent. */
  readonly keepsSession: boolean;
}

/** A client that has been let in. */
export interface Greeting {
  readonly identity: Identity;
  readonly session: Session;
  readonly connack: Buffer;
  /** 0: none. */
  readonly keepAliveSeconds: number;
  /** Larger packets are not for this client. */
  readonly maxPacketBytes: number;
  /** Something of it must be on disk before CONNACK. */
  readonly durable: boolean;
}

export class Refusal {
  readonly reason: Reason;
  readonly why: string;

  constructor(reason: Reason, why: string) {
    this.reason = reason;
    this.why = why;
  }
}

const REFUSALS: Readonly<Record<ConnectRefusal, Reason>> = {
  'bad-credentials': REASON.badCredentials,
  'not-authorized': REASON.notAuthorized,
  'client-id-rejected': REASON.clientIdRejected,
  unavailable: REASON.serverUnavailable,
};

/** CONNECT: who it is, whether he may, and which session he gets. */
export class Handshake {
  readonly #needs: HandshakeNeeds;

  constructor(needs: HandshakeNeeds) {
    this.#needs = needs;
  }

  /** Answers at once where the authenticator and the authorizer do. */
  admit(packet: ConnectPacket, peer: Peer): Answer<Entrant | Refusal> {
    const formal = this.#formalRefusal(packet);
    if (formal !== undefined) return formal;
    const { clientId, username, password } = packet;
    const admission = this.#needs.authenticator.authenticate({
      clientId,
      peer,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    });
    return admission instanceof Promise ? this.#late(admission, packet) : this.#admitted(admission, packet);
  }

  /** Takes over from an earlier connection with the same client id. */
  open(packet: ConnectPacket, { identity, keepsSession }: Entrant, client: Occupant): Greeting | Refusal {
    const { sessions, wills, limits, newClientId } = this.#needs;
    const assigned = packet.clientId === '' ? newClientId() : undefined;
    const clientId = assigned ?? packet.clientId;
    const before = sessions.get(clientId);
    if (before?.occupant !== undefined && before.owner !== identity.name) {
      return new Refusal(REASON.clientIdRejected, 'another user is connected by this client id');
    }
    const expirySeconds = this.#expirySeconds(packet);
    if (
      before === undefined &&
      expirySeconds > 0 &&
      sessions.size >= limits.maxConnections + limits.maxStoredSessions
    ) {
      return new Refusal(REASON.serverUnavailable, 'there are too many sessions');
    }
    before?.occupant?.takenOver();
    const { receiveMaximum = limits.maxInflight, maximumPacketSize = Number.POSITIVE_INFINITY } = packet.properties;
    const maxInflight = Math.min(limits.maxInflight, receiveMaximum);
    const clean = packet.clean || !keepsSession;
    const request = { clientId, owner: identity.name, clean, expirySeconds, maxInflight };
    const { session, present } = sessions.open(request);
    session.occupant = client;
    wills.put(clientId, packet.will);
    return {
      identity,
      session,
      connack: this.#connack(packet, present, expirySeconds, assigned),
      keepAliveSeconds: this.#keepAliveSeconds(packet),
      maxPacketBytes: maximumPacketSize,
      durable: session.stored || before?.stored === true || packet.will !== undefined,
    };
  }

  #formalRefusal({ version, clientId, clean, properties }: ConnectPacket): Refusal | undefined {
    if (properties.authenticationMethod !== undefined) {
      return new Refusal(REASON.badAuthenticationMethod, 'there is no extended authentication');
    }
    // [MQTT-3.1.3-8]; MQTT 3.1 has no empty client id at all.
    if (clientId === '' && (version === 3 || (version === 4 && !clean))) {
      return new Refusal(REASON.clientIdRejected, 'an empty client id without a clean session');
    }
    return undefined;
  }

  async #late(admission: Promise<Admission>, packet: ConnectPacket): Promise<Entrant | Refusal> {
    try {
      return await this.#admitted(await admission, packet);
    } catch (error) {
      return new Refusal(REASON.serverUnavailable, `nobody could say who the client is: ${messageOf(error)}`);
    }
  }

  #admitted(admission: Admission, { clientId, will }: ConnectPacket): Answer<Entrant | Refusal> {
    if ('refusal' in admission) return new Refusal(REFUSALS[admission.refusal], admission.refusal);
    const { identity } = admission;
    const { authorizer, sessions } = this.#needs;
    const filters = [...(sessions.get(clientId)?.subscriptions.keys() ?? [])];
    const answers = allAnswers([
      will === undefined || (!will.topic.startsWith('$SYS/') && authorizer.mayPublish(identity, will.topic)),
      ...filters.map((filter) => authorizer.maySubscribe(identity, topicFilterOf(filter))),
    ]);
    const decide = ([mayWill, ...mayKeep]: readonly boolean[]): Entrant | Refusal =>
      mayWill === true
        ? { identity, keepsSession: mayKeep.every(Boolean) }
        : new Refusal(REASON.notAuthorized, 'the will may not be published');
    return answers instanceof Promise ? answers.then(decide) : decide(answers);
  }

  /** MQTT 3 knows sessions that stay for ever; here they stay for as long as any. */
  #expirySeconds({ version, clean, properties }: ConnectPacket): number {
    const { sessionExpirySeconds } = this.#needs.limits;
    if (version !== 5) return clean ? 0 : sessionExpirySeconds;
    return Math.min(properties.sessionExpiryInterval ?? 0, sessionExpirySeconds);
  }

  /** Only MQTT 5 can be told of another one than it asked for. */
  #keepAliveSeconds({ version, keepAliveSeconds }: ConnectPacket): number {
    const { maxKeepAliveSeconds } = this.#needs.limits;
    if (version !== 5) return keepAliveSeconds;
    return keepAliveSeconds === 0 ? maxKeepAliveSeconds : Math.min(keepAliveSeconds, maxKeepAliveSeconds);
  }

  #connack(packet: ConnectPacket, present: boolean, expirySeconds: number, assigned: string | undefined): Buffer {
    const { limits } = this.#needs;
    const keepAlive = this.#keepAliveSeconds(packet);
    const properties: Properties = {
      receiveMaximum: limits.maxIncoming,
      maximumPacketSize: limits.maxPacketBytes,
      topicAliasMaximum: limits.maxTopicAliases,
      ...(expirySeconds === (packet.properties.sessionExpiryInterval ?? 0)
        ? {}
        : { sessionExpiryInterval: expirySeconds }),
      ...(assigned === undefined ? {} : { assignedClientIdentifier: assigned }),
      ...(keepAlive === packet.keepAliveSeconds ? {} : { serverKeepAlive: keepAlive }),
    };
    const connack = encodeConnack(packet.version, REASON.success, present, properties);
    return connack ?? Buffer.alloc(0); // success has a code in every version
  }
}
