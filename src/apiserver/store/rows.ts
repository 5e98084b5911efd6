import type { SqlDatabase, SqlStatement } from '../../base/sqlite.ts';
import type { ItemCut, ListQuery, Stored } from './object-store.ts';

interface ObjectRow {
  readonly key: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

/** The range of keys that a query means: behind `from`, before `to`. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** What a list reads from; `rows.ts` on disk, `volatile-rows.ts` in memory. */
export interface ReadableRows {
  page(query: ListQuery): { items: Stored[]; remaining: number };
  count(resource: string, range: KeyRange): number;
}

/** Behind every key that begins with `namespace/`: `0` follows `/` in ASCII. */
const NAMESPACE_END = '0';
/** Behind every key there can be. */
const LAST_KEY = '\u{10ffff}';
const NOTHING = new Uint8Array();

export function rangeOf(query: ListQuery): KeyRange {
  const start = query.namespace === undefined ? '' : `${query.namespace}/`;
  const to = query.namespace === undefined ? LAST_KEY : `${query.namespace}${NAMESPACE_END}`;
  return { from: query.after !== undefined && query.after > start ? query.after : start, to };
}

/** The SQL of the object store. */
export class Rows implements ReadableRows {
  readonly #get: SqlStatement<ObjectRow>;
  readonly #page: SqlStatement<ObjectRow>;
  readonly #joined: SqlStatement<{ items: Uint8Array | null }>;
  readonly #count: SqlStatement<{ n: number }>;
  readonly #put: SqlStatement<never>;
  readonly #delete: SqlStatement<never>;
  readonly #expired: SqlStatement<ObjectRow & { resource: string }>;
  readonly #reserved: SqlStatement<{ value: number }>;
  readonly #reserve: SqlStatement<never>;

  constructor(database: SqlDatabase) {
    this.#get = database.prepare('SELECT key, revision, value FROM objects WHERE resource = ? AND key = ?');
    this.#page = database.prepare(
      'SELECT key, revision, value FROM objects WHERE resource = ? AND key > ? AND key < ? ORDER BY key LIMIT ?',
    );
    // SQLite joins them in one go: a thousand small buffers would cost more than all the rest of a list.
    this.#joined = database.prepare(
      `SELECT CAST(group_concat(? || CAST(substr(value, ?) AS TEXT), ',') AS BLOB) AS items FROM
       (SELECT value FROM objects WHERE resource = ? AND key > ? AND key < ? ORDER BY key)`,
    );
    this.#count = database.prepare('SELECT count(*) AS n FROM objects WHERE resource = ? AND key > ? AND key < ?');
    this.#put = database.prepare(
      `INSERT INTO objects (resource, key, revision, expires, value) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (resource, key) DO UPDATE
       SET revision = excluded.revision, expires = excluded.expires, value = excluded.value`,
    );
    this.#delete = database.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
    this.#expired = database.prepare(
      'SELECT resource, key, revision, value FROM objects WHERE expires <= ? ORDER BY expires LIMIT ?',
    );
    this.#reserved = database.prepare("SELECT value FROM counters WHERE name = 'revision'");
    this.#reserve = database.prepare("UPDATE counters SET value = ? WHERE name = 'revision'");
  }

  get(resource: string, key: string): Stored | undefined {
    const row = this.#get.get(resource, key);
    return row === undefined ? undefined : asStored(row);
  }

  page(query: ListQuery): { items: Stored[]; remaining: number } {
    const { from, to } = rangeOf(query);
    const limit = query.limit ?? -1;
    const items = this.#page.all(query.resource, from, to, limit).map(asStored);
    const last = items.at(-1);
    const full = last !== undefined && items.length === limit;
    return { items, remaining: full ? this.count(query.resource, { from: last.key, to }) : 0 };
  }

  joined(query: ListQuery, { skip, prefix }: ItemCut): Uint8Array {
    const { from, to } = rangeOf(query);
    return this.#joined.get(prefix, skip + 1, query.resource, from, to)?.items ?? NOTHING;
  }

  count(resource: string, { from, to }: KeyRange): number {
    return this.#count.get(resource, from, to)?.n ?? 0;
  }

  put(resource: string, stored: Stored, expires: number | null): void {
    this.#put.run(resource, stored.key, stored.revision, expires, stored.bytes);
  }

  delete(resource: string, key: string): void {
    this.#delete.run(resource, key);
  }

  expired(now: number, limit: number): (Stored & { resource: string })[] {
    return this.#expired.all(now, limit).map((row) => ({ ...asStored(row), resource: row.resource }));
  }

  reservedRevision(): number {
    return this.#reserved.get()?.value ?? 0;
  }

  reserveRevision(revision: number): void {
    this.#reserve.run(revision);
  }
}

function asStored({ key, revision, value }: ObjectRow): Stored {
  return { key, revision, bytes: value };
}
