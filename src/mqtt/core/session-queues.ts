import type { Clock } from '../../base/clock.ts';
import type { BrokerLimits } from '../limits.ts';
import type { Qos } from '../message-bus.ts';
import type { BrokerStore } from './broker-store.ts';
import { type BrokerTables, QOS_MASK, type QueueRow, RELEASED_FLAG, RETAIN_FLAG } from './broker-tables.ts';
import { type Budget, type Entry, type Inflight, packetIdOf } from './outbound-window.ts';
import { Publication } from './publication.ts';
import type { Session } from './session.ts';
import type { Statistics } from './statistics.ts';

/** Bytes read at a time from the queue of a session. */
const PAGE_BYTES = 256 * 1024;
const PAGE_ROWS = 1_000;
/** What a message takes beside its topic and payload, about. */
const ENTRY_OVERHEAD_BYTES = 100;
const NO_IDENTIFIERS: readonly number[] = [];

/** Messages that a session is to get when it has got what waits for it. */
export interface RetainedSource {
  /** False where none are due. */
  offerNext(session: Session, queues: SessionQueues): boolean;
}

export interface QueueNeeds {
  readonly limits: BrokerLimits;
  /** Messages kept for a client that is away. */
  readonly maxQueuedPerClient: number;
  readonly store: BrokerStore;
  readonly clock: Clock;
  readonly statistics: Statistics;
  readonly retainedSource: RetainedSource;
}

/** A message for a session that is stored, which has to get to disk. */
export interface QueuedEntry extends Entry {
  readonly session: Session;
}

/**
 * What the sessions have to get. The queue of a stored session is on disk, all of it; memory holds a page of it while
 * the client is connected. Invariants: `loadedSeq` ≤ `storedSeq` ≤ `lastSeq`; in memory is what lies at or below
 * `loadedSeq` and has not been sent; a message is sent only when it is on disk.
 */
export class SessionQueues {
  readonly #needs: QueueNeeds;
  /** Sessions whose `sentSeq` is not on disk yet. */
  readonly #sent = new Set<Session>();
  readonly budget: Budget = { bytes: 0 };
  #queued = 0;
  #queuedBytes = 0;

  constructor(needs: QueueNeeds) {
    this.#needs = needs;
  }

  /** Messages on disk, of all sessions. */
  get queued(): number {
    return this.#queued;
  }

  /** What was on disk at the start. */
  restore(session: Session, length: { count: number; bytes: number; last: number }): void {
    session.lastSeq = length.last;
    session.storedSeq = length.last;
    this.#grow(session, length.count, length.bytes + length.count * ENTRY_OVERHEAD_BYTES);
  }

  /** A message for a session that is not stored, or that is not worth storing. */
  direct(session: Session, publication: Publication, qos: Qos, retain: boolean, identifiers = NO_IDENTIFIERS): void {
    const { window, link } = session;
    if (link === undefined) return;
    const waits = link.congested || window.waiting > 0;
    if (qos === 0 && !waits) {
      link.send(publication, { qos, retain, dup: false, packetId: 0, identifiers });
      return;
    }
    if (waits && !this.#hasRoomInMemory(session)) return this.#drop();
    if (waits) publication.own();
    const seq = qos === 0 ? 0 : this.#nextSeq(session);
    window.offer({ seq, publication, qos, retain, dup: false, identifiers });
    if (!waits) this.pump(session);
  }

  /** Retained messages, which are in memory anyway: they wait for their client, however slowly it reads. */
  offerRetained(session: Session, publication: Publication, qos: Qos, identifiers: readonly number[]): void {
    const seq = qos === 0 ? 0 : this.#nextSeq(session);
    session.window.offer({ seq, publication, qos, retain: true, dup: false, identifiers });
  }

  /** A place in the queue of a stored session; undefined where it has no room. To be stored at once. */
  admit(
    session: Session,
    publication: Publication,
    qos: Qos,
    retain: boolean,
    identifiers: readonly number[],
  ): QueuedEntry | undefined {
    if (!this.#hasRoomOnDisk(session)) {
      this.#drop();
      return undefined;
    }
    this.#grow(session, 1, sizeOf(publication));
    return { session, seq: this.#nextSeq(session), publication, qos, retain, dup: false, identifiers };
  }

  /** Within a transaction. */
  insert(tables: BrokerTables, { session, seq, publication, qos, retain, identifiers }: QueuedEntry): void {
    const { topic, payload, properties = null, expiresAt = null } = publication;
    const flags = qos | (retain ? RETAIN_FLAG : 0);
    const ids = identifiers.length === 0 ? null : identifiers.join(' ');
    tables.enqueue.run(session.id, seq, topic, payload, flags, properties, expiresAt, ids);
  }

  /** It is on disk. */
  stored(entry: QueuedEntry): void {
    const { session, seq } = entry;
    const { window, link } = session;
    const upToDate = session.loadedSeq === session.storedSeq;
    session.storedSeq = seq;
    if (link === undefined || session.ended) return;
    // The page in memory has an end: what comes after it is read when it is through.
    if (!upToDate || window.waitingBytes > PAGE_BYTES || window.waiting > PAGE_ROWS) return;
    session.loadedSeq = seq;
    if (window.waiting > 0 || link.congested) entry.publication.own();
    window.offer(entry);
    this.pump(session);
  }

  /** It could not be stored: its sender will repeat it. */
  abandon({ session, publication }: QueuedEntry): void {
    this.#grow(session, -1, -sizeOf(publication));
  }

  /** Sends what there is, as far as the window and the connection allow. */
  pump(session: Session): void {
    const { window, link } = session;
    if (link === undefined) return;
    while (!link.congested) {
      const entry = window.next();
      if (entry !== undefined) this.#send(session, entry);
      else if (window.waiting > 0 || !(this.#load(session) || this.#needs.retainedSource.offerNext(session, this)))
        return;
    }
  }

  /** PUBACK, PUBCOMP, and a PUBREC that refuses. */
  settled(session: Session, packetId: number): void {
    const inflight = session.window.find(packetId);
    if (inflight === undefined) return;
    session.window.settle(packetId);
    this.#dequeue(session, inflight.seq, inflight.bytes);
    this.pump(session);
  }

  /** PUBREC. PUBREL may leave when it is known on disk that the client has the message. */
  received(session: Session, packetId: number, inflight: Inflight): void {
    const { link } = session;
    inflight.released = true;
    if (!session.stored) return link?.release(packetId);
    this.#needs.store.write(
      (tables) => tables.release.run(session.id, inflight.seq),
      (error) => {
        if (error === undefined && session.link === link) link?.release(packetId);
      },
    );
  }

  /** The connection has ended. What the disk has is read again at the next one. */
  suspend(session: Session): void {
    session.window.clear();
    session.retainedDue.clear();
    session.loadedSeq = 0;
  }

  /** The session has ended: its rows go with it. */
  discard(session: Session): void {
    session.window.clear();
    this.#grow(session, -session.queued, -session.queuedBytes);
  }

  #send(session: Session, entry: Entry): void {
    const { link } = session;
    const { publication, seq, qos, retain, dup, identifiers } = entry;
    const packetId = qos === 0 ? 0 : packetIdOf(seq);
    const gone = publication.expired(this.#needs.clock.now());
    if (!gone && link?.send(publication, { qos, retain, dup, packetId, identifiers }) === true) {
      if (session.stored && qos > 0) this.#wasSent(session, seq);
    } else if (qos > 0) {
      session.window.settle(packetId);
      this.#dequeue(session, seq, publication.bytes);
    }
  }

  #wasSent(session: Session, seq: number): void {
    if (seq <= session.sentSeq) return;
    session.sentSeq = seq;
    if (this.#sent.has(session)) return;
    this.#sent.add(session);
    if (this.#sent.size > 1) return;
    // Nobody waits for it: at worst a repetition is not marked as one.
    this.#needs.store.write((tables) => {
      for (const { id, sentSeq } of this.#sent) tables.sessionSent.run(sentSeq, id);
      this.#sent.clear();
    });
  }

  /** The next page of the queue; false where there is none. */
  #load(session: Session): boolean {
    const { loadedSeq, storedSeq } = session;
    if (!session.stored || loadedSeq >= storedSeq) return false;
    let bytes = 0;
    for (const row of this.#needs.store.tables.queue.iterate(session.id, loadedSeq, storedSeq, PAGE_ROWS)) {
      session.loadedSeq = row.seq;
      bytes += this.#take(session, row);
      if (bytes > PAGE_BYTES) return true;
    }
    if (bytes > 0) return true;
    session.loadedSeq = storedSeq;
    return false;
  }

  #take(session: Session, row: QueueRow): number {
    const { seq, flags } = row;
    const qos = (flags & QOS_MASK) as Qos; // as `insert` wrote it
    const publication = new Publication({
      topic: row.topic,
      payload: row.payload,
      qos,
      retain: false,
      properties: row.properties ?? undefined,
      expiresAt: row.expires_at ?? undefined,
    });
    if ((flags & RELEASED_FLAG) !== 0) {
      session.window.resumeReleased(seq, publication.bytes);
      session.link?.release(packetIdOf(seq));
      return sizeOf(publication);
    }
    const identifiers = row.identifiers === null ? NO_IDENTIFIERS : row.identifiers.split(' ').map(Number);
    const retain = (flags & RETAIN_FLAG) !== 0;
    session.window.offer({ seq, publication, qos, retain, dup: seq <= session.sentSeq, identifiers });
    return sizeOf(publication);
  }

  #dequeue(session: Session, seq: number, bytes: number): void {
    if (!session.stored) return;
    this.#grow(session, -1, -(bytes + ENTRY_OVERHEAD_BYTES));
    // Nobody waits for it: at worst the message comes once more, marked as a repetition.
    this.#needs.store.write((tables) => tables.dequeue.run(session.id, seq));
  }

  #nextSeq(session: Session): number {
    session.lastSeq += 1;
    return session.lastSeq;
  }

  #grow(session: Session, messages: number, bytes: number): void {
    session.queued += messages;
    session.queuedBytes += bytes;
    this.#queued += messages;
    this.#queuedBytes += bytes;
  }

  #hasRoomInMemory({ window }: Session): boolean {
    const { maxWaiting, maxWaitingBytes, maxWaitingBytesTotal } = this.#needs.limits;
    return (
      window.waiting < maxWaiting && window.waitingBytes < maxWaitingBytes && this.budget.bytes < maxWaitingBytesTotal
    );
  }

  #hasRoomOnDisk(session: Session): boolean {
    const { limits, maxQueuedPerClient } = this.#needs;
    const most = session.link === undefined ? maxQueuedPerClient : Math.max(limits.maxWaiting, maxQueuedPerClient);
    return session.queued < most && this.#queued < limits.maxQueued && this.#queuedBytes < limits.maxQueuedBytes;
  }

  #drop(): void {
    this.#needs.statistics.dropped += 1;
  }
}

function sizeOf(publication: Publication): number {
  return publication.bytes + ENTRY_OVERHEAD_BYTES;
}
