import type { Clock } from '../../base/clock.ts';
import type { Qos } from '../message-bus.ts';
import type { BrokerStore } from './broker-store.ts';
import type { Publication } from './publication.ts';
import type { RetainedMessages } from './retained-messages.ts';
import type { RetainedRequest, Session } from './session.ts';
import type { QueuedEntry, RetainedSource, SessionQueues } from './session-queues.ts';

export interface RetainedSenderNeeds {
  readonly retained: RetainedMessages;
  readonly store: BrokerStore;
  readonly clock: Clock;
}

/**
 * Retained messages for who has subscribed to them. What has to be stored for a session is stored at once. What is in memory anyway
 * is looked up filter by filter, the next when the client has taken the one before: who asks again and again and takes nothing has
 * no more than one of them waiting.
 */
export class RetainedSender implements RetainedSource {
  readonly #needs: RetainedSenderNeeds;

  constructor(needs: RetainedSenderNeeds) {
    this.#needs = needs;
  }

  ask(session: Session, request: RetainedRequest, queues: SessionQueues): void {
    session.retainedDue.set(request.filter, request);
    if (session.stored && request.qos > 0) this.#queue(session, request, queues);
  }

  /** Of the filter that was asked for first; false where none is due. */
  offerNext(session: Session, queues: SessionQueues): boolean {
    const [request] = session.retainedDue.values();
    if (request === undefined) return false;
    session.retainedDue.delete(request.filter);
    for (const [publication, qos] of this.#matching(request)) {
      if (!session.stored || qos === 0) queues.offerRetained(session, publication, qos, request.identifiers);
    }
    return true;
  }

  #queue(session: Session, request: RetainedRequest, queues: SessionQueues): void {
    const entries: QueuedEntry[] = [];
    for (const [publication, qos] of this.#matching(request)) {
      const entry = qos === 0 ? undefined : queues.admit(session, publication, qos, true, request.identifiers);
      if (entry !== undefined) entries.push(entry);
    }
    if (entries.length === 0) return;
    this.#needs.store.write(
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

  *#matching({ filter, qos }: RetainedRequest): Generator<readonly [Publication, Qos]> {
    const now = this.#needs.clock.now();
    for (const publication of this.#needs.retained.match(filter)) {
      if (!publication.expired(now)) yield [publication, qos < publication.qos ? qos : publication.qos];
    }
  }
}
