import { allAnswers, type Answer, type Authorizer, type Identity } from '../access/ports.ts';
import type { SubscribePacket, SubscriptionRequest, Version } from '../codec/packet.ts';
import { ProtocolViolation, REASON } from '../codec/reason.ts';
import type { BrokerLimits } from '../limits.ts';
import { isTopicFilter, levelsOf } from '../topic.ts';
import type { BrokerStore, Settled } from './broker-store.ts';
import type { RetainedSender } from './retained-sender.ts';
import { sharedFilter, topicFilterOf } from './router.ts';
import type { RetainedRequest, Session } from './session.ts';
import type { SessionQueues } from './session-queues.ts';
import type { Sessions } from './sessions.ts';

export interface SubscriberNeeds {
  readonly limits: BrokerLimits;
  readonly authorizer: Authorizer;
  readonly sessions: Sessions;
  readonly retainedSender: RetainedSender;
  readonly queues: SessionQueues;
  readonly store: BrokerStore;
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
    const due: RetainedRequest[] = [];
    const identifiers = packet.identifier === undefined ? [] : [packet.identifier];
    const codes = packet.requests.map((request, index) => {
      const refusal = this.#refusal(session, version, request, allowed[index] === true);
      if (refusal !== undefined) return version === 5 ? refusal : FAILURE;
      const isNew = this.#needs.sessions.subscribe({ session, identifier: packet.identifier, ...request });
      if (wantsRetained(request, isNew)) due.push({ ...request, identifiers });
      return request.qos;
    });
    const finish = () => {
      answer(codes);
      const { retainedSender, queues } = this.#needs;
      for (const request of due) retainedSender.ask(session, request, queues);
      queues.pump(session);
    };
    if (session.stored) this.#needs.store.after(unlessFailed(finish));
    else finish();
  }

  /** The codes of UNSUBACK. */
  unsubscribe(session: Session, filters: readonly string[], answer: (codes: readonly number[]) => void): void {
    const { sessions, store } = this.#needs;
    const codes = filters.map((filter) => {
      session.retainedDue.delete(filter);
      return sessions.unsubscribe(session, filter) ? REASON.success : REASON.noSubscriptionExisted;
    });
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
