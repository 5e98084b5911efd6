import type { Clock } from '../../base/clock.ts';
import type { Will } from '../codec/packet.ts';
import type { Qos } from '../message-bus.ts';
import type { BrokerStore } from './broker-store.ts';
import { QOS_MASK, RETAIN_FLAG, type WillRow } from './broker-tables.ts';
import type { Exchange, Source } from './exchange.ts';
import { Publication } from './publication.ts';

interface Due {
  readonly clientId: string;
  readonly will: Will;
  at: number;
}

/** What clients want said when they are lost. On disk from CONNECT on, so that the broker's own end counts as a loss. */
export class Wills {
  readonly #store: BrokerStore;
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  /** Wills with a delay whose clients are gone. */
  readonly #due = new Map<string, Due>();

  constructor(store: BrokerStore, exchange: Exchange, clock: Clock) {
    this.#store = store;
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** A new connection: a will of the client that was still waiting is not said any more [MQTT-3.1.3-9]. */
  put(clientId: string, will: Will | undefined): void {
    const waited = this.#due.delete(clientId);
    if (will !== undefined) this.#store.write((tables) => tables.putWill.run(clientId, ...columns(will)));
    else if (waited) this.#store.write((tables) => tables.deleteWill.run(clientId));
  }

  /** The client has said goodbye. */
  drop(clientId: string): void {
    this.#store.write((tables) => tables.deleteWill.run(clientId));
  }

  /** The client is lost. `delaySeconds` is at most what is left of its session. */
  lost(clientId: string, will: Will, delaySeconds: number): void {
    if (delaySeconds === 0) return this.#say(clientId, will);
    const at = this.#clock.now() + delaySeconds * 1000;
    this.#due.set(clientId, { clientId, will, at });
    this.#store.write((tables) => tables.setWillDue.run(at, clientId));
  }

  /** The session has ended: nothing is waited for any more. */
  ended(clientId: string): void {
    const due = this.#due.get(clientId);
    if (due !== undefined) this.#say(clientId, due.will);
  }

  /** Says what is due. */
  sweep(now: number): void {
    for (const { clientId, will, at } of this.#due.values()) if (at <= now) this.#say(clientId, will);
  }

  /** Clients whose broker died could not say goodbye. */
  restore(): void {
    const now = this.#clock.now();
    for (const row of this.#store.tables.wills.all()) {
      const will = willOf(row);
      const at = row.due_at ?? now + will.delaySeconds * 1000;
      this.#due.set(row.client, { clientId: row.client, will, at });
    }
    this.sweep(now);
  }

  #say(clientId: string, will: Will): void {
    this.#due.delete(clientId);
    const { topic, payload, qos, retain, properties, expirySeconds } = will;
    const expiresAt = expirySeconds === undefined ? undefined : this.#clock.now() + expirySeconds * 1000;
    const publication = new Publication({ topic, payload, qos, retain, properties, expiresAt });
    const source: Source = { session: undefined, storing: 0 };
    // Said and forgotten in one: after a crash it is said again or was stored for all who get it.
    this.#exchange.publish(
      publication,
      source,
      () => undefined,
      (tables) => tables.deleteWill.run(clientId),
    );
  }
}

function columns(will: Will): [string, Buffer, number, Buffer | null, number | null, number] {
  const { topic, payload, qos, retain, properties, expirySeconds, delaySeconds } = will;
  const flags = qos | (retain ? RETAIN_FLAG : 0);
  return [topic, payload, flags, properties ?? null, expirySeconds ?? null, delaySeconds];
}

function willOf(row: WillRow): Will {
  return {
    topic: row.topic,
    payload: row.payload,
    qos: (row.flags & QOS_MASK) as Qos, // as `columns` wrote it
    retain: (row.flags & RETAIN_FLAG) !== 0,
    delaySeconds: row.delay_seconds,
    expirySeconds: row.expiry_seconds ?? undefined,
    properties: row.properties ?? undefined,
  };
}
