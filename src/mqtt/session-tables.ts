/** The SQL of sessions, queues, retained messages and wills: rows in, rows out, no decisions. */
import type { SqlDatabase, SqlValue } from '../base/sqlite.ts';

/** `mqtt` */
export const APPLICATION_ID = 0x6d717474;

export const MIGRATIONS = [
  `CREATE TABLE subscriptions (
     client TEXT NOT NULL, topic TEXT NOT NULL, qos INTEGER NOT NULL, options TEXT NOT NULL,
     PRIMARY KEY (client, topic)
   ) WITHOUT ROWID;
   CREATE TABLE outgoing (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     client TEXT NOT NULL, broker TEXT NOT NULL, counter INTEGER NOT NULL, message_id INTEGER,
     packet TEXT NOT NULL, payload BLOB
   );
   CREATE UNIQUE INDEX outgoing_once ON outgoing (client, broker, counter);
   CREATE INDEX outgoing_by_id ON outgoing (client, message_id);
   CREATE TABLE incoming (
     client TEXT NOT NULL, message_id INTEGER NOT NULL, packet TEXT NOT NULL, payload BLOB,
     PRIMARY KEY (client, message_id)
   ) WITHOUT ROWID;
   CREATE TABLE retained (topic TEXT PRIMARY KEY, packet TEXT NOT NULL, payload BLOB) WITHOUT ROWID;
   CREATE TABLE wills (
     client TEXT PRIMARY KEY, broker TEXT NOT NULL, packet TEXT NOT NULL, payload BLOB
   ) WITHOUT ROWID;`,
];

/** A packet as it lies in a row: its fields as JSON, its payload as it came. */
export interface PacketRow {
  readonly packet: string;
  readonly payload: SqlValue;
}

export interface OutgoingRow extends PacketRow {
  readonly seq: number;
  readonly messageId: number | null;
}

export interface SubscriptionRow {
  readonly client: string;
  readonly topic: string;
  readonly qos: number;
  readonly options: string;
}

const OUTGOING = 'seq, message_id AS messageId, packet, payload';

export type SessionTables = ReturnType<typeof sessionTables>;

export function sessionTables(database: SqlDatabase) {
  return {
    subscriptions: database.prepare<SubscriptionRow>('SELECT * FROM subscriptions'),
    subscriptionsOf: database.prepare<SubscriptionRow>('SELECT * FROM subscriptions WHERE client = ?'),
    clientsOf: database.prepare<{ client: string }>('SELECT client FROM subscriptions WHERE topic = ? ORDER BY client'),
    clients: database.prepare<{ count: number }>('SELECT count(DISTINCT client) AS count FROM subscriptions'),
    putSubscription: database.prepare(
      `INSERT INTO subscriptions VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET qos = excluded.qos, options = excluded.options`,
    ),
    deleteSubscription: database.prepare('DELETE FROM subscriptions WHERE client = ? AND topic = ?'),
    deleteSubscriptions: database.prepare('DELETE FROM subscriptions WHERE client = ?'),

    queueLengths: database.prepare<{ client: string; count: number }>(
      'SELECT client, count(*) AS count FROM outgoing GROUP BY client',
    ),
    lastOutgoing: database.prepare<{ seq: number }>(
      'SELECT coalesce(max(seq), 0) AS seq FROM outgoing WHERE client = ?',
    ),
    outgoing: database.prepare<OutgoingRow>(
      `SELECT ${OUTGOING} FROM outgoing WHERE client = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    ),
    outgoingById: database.prepare<OutgoingRow>(
      `SELECT ${OUTGOING} FROM outgoing WHERE client = ? AND message_id = ? ORDER BY seq LIMIT 1`,
    ),
    enqueue: database.prepare(
      `INSERT INTO outgoing (client, broker, counter, packet, payload) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    ),
    setMessageId: database.prepare(
      'UPDATE outgoing SET message_id = ? WHERE client = ? AND broker = ? AND counter = ?',
    ),
    setPacket: database.prepare('UPDATE outgoing SET packet = ?, payload = NULL WHERE client = ? AND message_id = ?'),
    dequeue: database.prepare('DELETE FROM outgoing WHERE seq = ?'),
    deleteOutgoing: database.prepare('DELETE FROM outgoing WHERE client = ?'),

    incoming: database.prepare<PacketRow>('SELECT packet, payload FROM incoming WHERE client = ? AND message_id = ?'),
    putIncoming: database.prepare('INSERT OR REPLACE INTO incoming VALUES (?, ?, ?, ?)'),
    deleteIncoming: database.prepare('DELETE FROM incoming WHERE client = ? AND message_id = ?'),
    deleteIncomingOf: database.prepare('DELETE FROM incoming WHERE client = ?'),

    retained: database.prepare<PacketRow>('SELECT packet, payload FROM retained WHERE topic = ?'),
    retainedTopics: database.prepare<{ topic: string }>(
      'SELECT topic FROM retained WHERE topic > ? AND topic >= ? AND topic < ? ORDER BY topic LIMIT ?',
    ),
    retainedCount: database.prepare<{ count: number }>('SELECT count(*) AS count FROM retained'),
    putRetained: database.prepare('INSERT OR REPLACE INTO retained VALUES (?, ?, ?)'),
    deleteRetained: database.prepare('DELETE FROM retained WHERE topic = ?'),

    will: database.prepare<PacketRow>('SELECT packet, payload FROM wills WHERE client = ?'),
    wills: database.prepare<PacketRow & { broker: string }>(
      'SELECT broker, packet, payload FROM wills ORDER BY client',
    ),
    putWill: database.prepare('INSERT OR REPLACE INTO wills VALUES (?, ?, ?, ?)'),
    deleteWill: database.prepare('DELETE FROM wills WHERE client = ?'),
  };
}
