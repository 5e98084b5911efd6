import type { Clock } from '../../base/clock.ts';
import type { BrokerLimits } from '../limits.ts';
import type { Qos } from '../message-bus.ts';
import type { BrokerStore } from './broker-store.ts';
import { NO_LOCAL_FLAG, QOS_MASK, RETAIN_AS_PUBLISHED_FLAG, type SubscriptionRow } from './broker-tables.ts';
import type { Router, Subscription } from './router.ts';
import { Session } from './session.ts';
import type { SessionQueues } from './session-queues.ts';

export interface SessionsNeeds {
  readonly limits: BrokerLimits;
  readonly store: BrokerStore;
  readonly router: Router<Session>;
  readonly queues: SessionQueues;
  readonly clock: Clock;
  /** A session has ended, with or without its connection. */
  readonly onEnd: (session: Session) => void;
}

export interface SessionRequest {
  readonly clientId: string;
  readonly owner: string;
  readonly clean: boolean;
  readonly expirySeconds: number;
  readonly maxInflight: number;
}

/** All sessions, connected and away, and their rows. */
export class Sessions {
  readonly #needs: SessionsNeeds;
  readonly #sessions = new Map<string, Session>();
  #lastId = 0;
  #connected = 0;

  constructor(needs: SessionsNeeds) {
    this.#needs = needs;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get connected(): number {
    return this.#connected;
  }

  get(clientId: string): Session | undefined {
    return this.#sessions.get(clientId);
  }

  /** What was on disk at the start. */
  restore(): void {
    const { tables } = this.#needs.store;
    const byId = new Map<number, Session>();
    for (const row of tables.sessions.all()) {
      const { id, client: clientId, owner, expiry_seconds: expirySeconds } = row;
      const session = this.#make({ id, clientId, owner, expirySeconds });
      // Who was connected when the process ended has been away since now.
      session.goneAt = row.gone_at ?? this.#needs.clock.now();
      session.sentSeq = row.sent;
      byId.set(id, session);
      this.#sessions.set(clientId, session);
      this.#lastId = Math.max(this.#lastId, id);
    }
    for (const row of tables.subscriptions.all()) {
      const session = byId.get(row.session);
      if (session !== undefined) this.#subscribe(subscriptionOf(session, row));
    }
    for (const length of tables.queueLengths.all()) {
      const session = byId.get(length.session);
      if (session !== undefined) this.#needs.queues.restore(session, length);
    }
    for (const row of tables.incoming.all()) byId.get(row.session)?.incoming.set(row.packet_id, true);
  }

  /** The session of a new connection, the one before or a new one. Nobody else is connected to it any more. */
  open(request: SessionRequest): { session: Session; present: boolean } {
    const { clientId, owner, clean, expirySeconds, maxInflight } = request;
    const before = this.#sessions.get(clientId);
    // A session is whose it was: another user's messages are not for this one.
    const present = before !== undefined && !clean && before.owner === owner && before.stored;
    if (before !== undefined && !present) this.end(before);
    const session = present ? before : this.#begin(clientId, owner, expirySeconds);
    session.expirySeconds = expirySeconds;
    session.goneAt = undefined;
    session.window.limit(maxInflight);
    this.#connected += 1;
    const { id } = session;
    if (session.stored) this.#needs.store.write((tables) => tables.putSession.run(id, clientId, owner, expirySeconds));
    return { session, present };
  }

  /** The connection has ended. */
  leave(session: Session): void {
    this.#connected -= 1;
    session.link = undefined;
    session.occupant = undefined;
    if (session.expirySeconds === 0) return this.end(session);
    const { clock, store, queues } = this.#needs;
    const goneAt = clock.now();
    session.goneAt = goneAt;
    queues.suspend(session);
    store.write((tables) => tables.sessionGone.run(goneAt, session.expirySeconds, session.id));
  }

  end(session: Session): void {
    if (session.ended) return;
    session.ended = true;
    const { router, queues, store, onEnd } = this.#needs;
    for (const filter of session.subscriptions.keys()) router.remove(session, filter);
    session.subscriptions.clear();
    queues.discard(session);
    this.#sessions.delete(session.clientId);
    if (session.stored) {
      store.write((tables) => {
        tables.deleteSession.run(session.id);
        tables.deleteSubscriptions.run(session.id);
        tables.deleteQueue.run(session.id);
        tables.deleteAllIncoming.run(session.id);
      });
    }
    onEnd(session);
  }

  /** Ends sessions whose clients have been away for too long. */
  sweep(now: number): void {
    for (const session of this.#sessions.values()) {
      const { goneAt, expirySeconds } = session;
      if (goneAt !== undefined && goneAt + expirySeconds * 1000 <= now) this.end(session);
    }
  }

  /** False: it replaces one that was there. */
  subscribe(subscription: Subscription<Session>): boolean {
    const { session, filter, qos, noLocal, retainAsPublished, identifier = null } = subscription;
    const isNew = !session.subscriptions.has(filter);
    this.#subscribe(subscription);
    const options = qos | (noLocal ? NO_LOCAL_FLAG : 0) | (retainAsPublished ? RETAIN_AS_PUBLISHED_FLAG : 0);
    if (session.stored) {
      this.#needs.store.write((tables) => tables.putSubscription.run(session.id, filter, options, identifier));
    }
    return isNew;
  }

  /** False: there was none. */
  unsubscribe(session: Session, filter: string): boolean {
    if (!session.subscriptions.delete(filter)) return false;
    this.#needs.router.remove(session, filter);
    if (session.stored) this.#needs.store.write((tables) => tables.deleteSubscription.run(session.id, filter));
    return true;
  }

  #begin(clientId: string, owner: string, expirySeconds: number): Session {
    this.#lastId += 1;
    const session = this.#make({ id: this.#lastId, clientId, owner, expirySeconds });
    this.#sessions.set(clientId, session);
    return session;
  }

  #make(fields: { id: number; clientId: string; owner: string; expirySeconds: number }): Session {
    const { limits, queues } = this.#needs;
    return new Session({ ...fields, maxInflight: limits.maxInflight }, queues.budget);
  }

  #subscribe(subscription: Subscription<Session>): void {
    subscription.session.subscriptions.set(subscription.filter, subscription);
    this.#needs.router.add(subscription);
  }
}

function subscriptionOf(session: Session, row: SubscriptionRow): Subscription<Session> {
  const { filter, options, identifier } = row;
  return {
    session,
    filter,
    qos: (options & QOS_MASK) as Qos, // as `subscribe` wrote it
    noLocal: (options & NO_LOCAL_FLAG) !== 0,
    retainAsPublished: (options & RETAIN_AS_PUBLISHED_FLAG) !== 0,
    identifier: identifier ?? undefined,
  };
}
