/** The SQL of sessions, queues, retained messages and wills: rows in, rows out, no decisions. */
import type { SqlDatabase, SqliteOptions } from '../../base/sqlite.ts';

/** `mqtt` */
const APPLICATION_ID = 0x6d717474;

const MIGRATIONS = [
  // Version 0 to 1 was the layout of another broker core; nothing of it has been released.
  'SELECT 1',
  `DROP TABLE IF EXISTS subscriptions; DROP TABLE IF EXISTS outgoing; DROP TABLE IF EXISTS incoming;
   DROP TABLE IF EXISTS retained; DROP TABLE IF EXISTS wills;
   CREATE TABLE sessions (
     id INTEGER PRIMARY KEY, client TEXT NOT NULL UNIQUE, owner TEXT NOT NULL,
     expiry_seconds INTEGER NOT NULL, gone_at INTEGER, sent INTEGER NOT NULL
   );
   CREATE TABLE subscriptions (
     session INTEGER NOT NULL, filter TEXT NOT NULL, options INTEGER NOT NULL, identifier INTEGER,
     PRIMARY KEY (session, filter)
   ) WITHOUT ROWID;
   CREATE TABLE queue (
     session INTEGER NOT NULL, seq INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
     flags INTEGER NOT NULL, properties BLOB, expires_at INTEGER, identifiers TEXT,
     PRIMARY KEY (session, seq)
   ) WITHOUT ROWID;
   CREATE TABLE incoming (
     session INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY (session, packet_id)
   ) WITHOUT ROWID;
   CREATE TABLE retained (
     topic TEXT PRIMARY KEY, payload BLOB NOT NULL, flags INTEGER NOT NULL, properties BLOB, expires_at INTEGER
   ) WITHOUT ROWID;
   CREATE TABLE wills (
     client TEXT PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL, flags INTEGER NOT NULL, properties BLOB,
     expiry_seconds INTEGER, delay_seconds INTEGER NOT NULL, due_at INTEGER
   ) WITHOUT ROWID;`,
];

export const FILE_OPTIONS: SqliteOptions = {
  applicationId: APPLICATION_ID,
  migrations: MIGRATIONS,
  synchronous: 'on-demand',
};

/** Bits of `flags` and `options`. */
export const QOS_MASK = 0x03;
export const RETAIN_FLAG = 0x04;
export const RELEASED_FLAG = 0x08;
export const NO_LOCAL_FLAG = 0x04;
export const RETAIN_AS_PUBLISHED_FLAG = 0x08;

export interface SessionRow {
  readonly id: number;
  readonly client: string;
  readonly owner: string;
  readonly expiry_seconds: number;
  readonly gone_at: number | null;
  readonly sent: number;
}

export interface SubscriptionRow {
  readonly session: number;
  readonly filter: string;
  readonly options: number;
  readonly identifier: number | null;
}

export interface MessageRow {
  readonly topic: string;
  readonly payload: Buffer;
  readonly flags: number;
  readonly properties: Buffer | null;
  readonly expires_at: number | null;
}

export interface QueueRow extends MessageRow {
  readonly seq: number;
  readonly identifiers: string | null;
}

export interface WillRow {
  readonly client: string;
  readonly topic: string;
  readonly payload: Buffer;
  readonly flags: number;
  readonly properties: Buffer | null;
  readonly expiry_seconds: number | null;
  readonly delay_seconds: number;
  readonly due_at: number | null;
}

export interface QueueLength {
  readonly session: number;
  readonly count: number;
  readonly bytes: number;
  readonly last: number;
}

export type BrokerTables = ReturnType<typeof brokerTables>;

export function brokerTables(database: SqlDatabase) {
  return {
    sessions: database.prepare<SessionRow>('SELECT * FROM sessions ORDER BY id'),
    putSession: database.prepare(
      `INSERT INTO sessions VALUES (?, ?, ?, ?, NULL, 0)
         ON CONFLICT (client) DO UPDATE SET id = excluded.id, owner = excluded.owner,
           expiry_seconds = excluded.expiry_seconds, gone_at = NULL`,
    ),
    sessionGone: database.prepare('UPDATE sessions SET gone_at = ?, expiry_seconds = ? WHERE id = ?'),
    sessionSent: database.prepare('UPDATE sessions SET sent = ? WHERE id = ?'),
    deleteSession: database.prepare('DELETE FROM sessions WHERE id = ?'),

    subscriptions: database.prepare<SubscriptionRow>('SELECT * FROM subscriptions'),
    putSubscription: database.prepare('INSERT OR REPLACE INTO subscriptions VALUES (?, ?, ?, ?)'),
    deleteSubscription: database.prepare('DELETE FROM subscriptions WHERE session = ? AND filter = ?'),
    deleteSubscriptions: database.prepare('DELETE FROM subscriptions WHERE session = ?'),

    queueLengths: database.prepare<QueueLength>(
      `SELECT session, count(*) AS count, max(seq) AS last,
         sum(length(topic) + length(payload) + coalesce(length(properties), 0)) AS bytes
         FROM queue GROUP BY session`,
    ),
    queue: database.prepare<QueueRow>(
      `SELECT seq, topic, payload, flags, properties, expires_at, identifiers FROM queue
         WHERE session = ? AND seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    ),
    enqueue: database.prepare('INSERT INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?)'),
    release: database.prepare(`UPDATE queue SET flags = flags | ${RELEASED_FLAG} WHERE session = ? AND seq = ?`),
    dequeue: database.prepare('DELETE FROM queue WHERE session = ? AND seq = ?'),
    deleteQueue: database.prepare('DELETE FROM queue WHERE session = ?'),

    incoming: database.prepare<{ session: number; packet_id: number }>('SELECT * FROM incoming'),
    putIncoming: database.prepare('INSERT OR IGNORE INTO incoming VALUES (?, ?)'),
    deleteIncoming: database.prepare('DELETE FROM incoming WHERE session = ? AND packet_id = ?'),
    deleteAllIncoming: database.prepare('DELETE FROM incoming WHERE session = ?'),

    retained: database.prepare<MessageRow>('SELECT * FROM retained'),
    putRetained: database.prepare('INSERT OR REPLACE INTO retained VALUES (?, ?, ?, ?, ?)'),
    deleteRetained: database.prepare('DELETE FROM retained WHERE topic = ?'),

    wills: database.prepare<WillRow>('SELECT * FROM wills ORDER BY client'),
    putWill: database.prepare('INSERT OR REPLACE INTO wills VALUES (?, ?, ?, ?, ?, ?, ?, NULL)'),
    setWillDue: database.prepare('UPDATE wills SET due_at = ? WHERE client = ?'),
    deleteWill: database.prepare('DELETE FROM wills WHERE client = ?'),
  };
}
