import type { Clock } from '../../base/clock.ts';
import { allAnswers, type Answer, type Authorizer, type Identity } from '../access/ports.ts';
import type { SubscribePacket, SubscriptionRequest, Version } from '../codec/packet.ts';
import { ProtocolViolation, REASON } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import type { Qos } from '../message-bus.ts';
import { isTopicFilter, levelsOf } from '../topic.ts';
import type { BrokerStore, Settled } from './broker-store.ts';
import type { Publication } from './publication.ts';
import type { RetainedMessages } from './retained-messages.ts';
import { sharedFilter, topicFilterOf } from './router.ts';
import type { Session } from './session.ts';
import type { QueuedEntry, SessionQueues } from './session-queues.ts';
import type { Sessions } from './sessions.ts';

export interface SubscriberNeeds {
  readonly limits: BrokerLimits;
  readonly authorizer: Authorizer;
  readonly sessions: Sessions;
  readonly retained: RetainedMessages;
  readonly queues: SessionQueues;
  readonly store: BrokerStore;
  readonly clock: Clock;
}

/** MQTT 3 knows one refusal only [MQTT-3.9.3-2]. */
const FAILURE = REASON.unspecified;

/** SUBSCRIBE and UNSUBSCRIBE. */
export class Subscriber {
  readonly #needs: SubscriberNeeds;

  constructor(needs: SubscriberNeeds) {
    this.#needs = needs;
  }

  /** Which filters the client may subscribe to: at once, where the authorizer answers at once. */
  mayAll(identity: Identity, packet: SubscribePacket): Answer<readonly boolean[]> {
    const { authorizer } = this.#needs;
    const answers = packet.requests.map(({ filter }) => authorizer.maySubscribe(identity, topicFilterOf(filter)));
    const all = allAnswers(answers);
    return all instanceof Promise ? all.catch(() => packet.requests.map(() => false)) : all;
  }

  /** Calls `answer` with the codes of SUBACK when the subscriptions are stored; retained messages follow it. */
  subscribe(
    session: Session,
    version: Version,
    packet: SubscribePacket,
    allowed: readonly boolean[],
    answer: (codes: readonly number[]) => void,
  ): void {
    const retained: { request: SubscriptionRequest; identifiers: readonly number[] }[] = [];
    const identifiers = packet.identifier === undefined ? [] : [packet.identifier];
    const codes = packet.requests.map((request, index) => {
      const refusal = this.#refusal(session, version, request, allowed[index] === true);
      if (refusal !== undefined) return version === 5 ? refusal : FAILURE;
      const isNew = this.#needs.sessions.subscribe({ session, identifier: packet.identifier, ...request });
      if (wantsRetained(request, isNew)) retained.push({ request, identifiers });
      return request.qos;
    });
    const finish = () => {
      answer(codes);
      for (const { request, identifiers: ids } of retained) this.#sendRetained(session, request, ids);
      this.#needs.queues.pump(session);
    };
    if (session.stored) this.#needs.store.after(unlessFailed(finish));
    else finish();
  }

  /** The codes of UNSUBACK. */
  unsubscribe(session: Session, filters: readonly string[], answer: (codes: readonly number[]) => void): void {
    const { sessions, store } = this.#needs;
    const codes = filters.map((filter) =>
      sessions.unsubscribe(session, filter) ? REASON.success : REASON.noSubscriptionExisted,
    );
    if (session.stored) store.after(unlessFailed(() => answer(codes)));
    else answer(codes);
  }

  #refusal(session: Session, version: Version, request: SubscriptionRequest, allowed: boolean): number | undefined {
    const { filter, noLocal } = request;
    const shared = sharedFilter(filter);
    if (shared !== undefined && noLocal) {
      throw new ProtocolViolation('a shared subscription without local messages', REASON.protocolError); // [MQTT-3.8.3-4]
    }
    const isFilter = isTopicFilter(shared?.filter ?? filter) && shared?.group !== '';
    if (!isFilter || levelsOf(filter) > this.#needs.limits.maxTopicLevels) {
      if (version !== 5) throw new ProtocolViolation(`"${filter}" is no topic filter`);
      return REASON.topicFilterInvalid;
    }
    if (!allowed) return REASON.notAuthorized;
    const { subscriptions } = session;
    const isFull = subscriptions.size >= this.#needs.limits.maxSubscriptionsPerClient && !subscriptions.has(filter);
    return isFull ? REASON.quotaExceeded : undefined;
  }

  #sendRetained(session: Session, request: SubscriptionRequest, identifiers: readonly number[]): void {
    const { retained, queues, store, clock } = this.#needs;
    const now = clock.now();
    const entries: QueuedEntry[] = [];
    for (const publication of retained.match(request.filter)) {
      if (publication.expired(now)) continue;
      const qos = lower(request.qos, publication);
      if (!session.stored || qos === 0) queues.offerRetained(session, publication, qos, identifiers);
      else {
        const entry = queues.admit(session, publication, qos, true, identifiers);
        if (entry !== undefined) entries.push(entry);
      }
    }
    if (entries.length === 0) return;
    store.write(
      (tables) => {
        for (const entry of entries) queues.insert(tables, entry);
      },
      (error) => {
        for (const entry of entries) {
          if (error === undefined) queues.stored(entry);
          else queues.abandon(entry);
        }
      },
    );
  }
}

/** Where the disk has failed nothing is answered: the connection ends. */
function unlessFailed(proceed: () => void): Settled {
  return (error) => (error === undefined ? proceed() : undefined);
}

/** Shared subscriptions bring none. */
function wantsRetained({ filter, retainHandling }: SubscriptionRequest, isNew: boolean): boolean {
  if (sharedFilter(filter) !== undefined) return false;
  return retainHandling === 0 || (retainHandling === 1 && isNew);
}

function lower(qos: Qos, publication: Publication): Qos {
  return qos < publication.qos ? qos : publication.qos;
}
