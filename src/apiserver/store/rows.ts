import type { RowSealing, SealedTable } from '../../base/row-sealing.ts';
import type { SqlDatabase, SqlStatement } from '../../base/sqlite.ts';
import type { ItemCut, ListQuery, Stored } from './object-store.ts';
import { RowCache } from './row-cache.ts';

interface ObjectRow {
  readonly key: string;
  readonly revision: number;
  readonly value: Uint8Array;
}

interface StoredRow extends ObjectRow {
  readonly resource: string;
  readonly expires: number | null;
}

/** The range of keys that a query means: behind `from`, before `to`. */
export interface KeyRange {
  readonly from: string;
  readonly to: string;
}

/** What a list reads from; `rows.ts` on disk, `volatile-rows.ts` in memory. */
export interface ReadableRows {
  page(query: ListQuery): { items: readonly Stored[]; remaining: number };
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
export class Rows implements ReadableRows, SealedTable<StoredRow> {
  readonly #sealing: RowSealing;
  readonly #cache = new RowCache();
  readonly #get: SqlStatement<ObjectRow>;
  readonly #page: SqlStatement<ObjectRow>;
  readonly #joined: SqlStatement<{ items: Uint8Array | null }>;
  readonly #count: SqlStatement<{ n: number }>;
  readonly #put: SqlStatement<never>;
  readonly #delete: SqlStatement<never>;
  readonly #expired: SqlStatement<ObjectRow & { resource: string }>;
  readonly #all: SqlStatement<StoredRow>;
  readonly #counter: SqlStatement<{ value: number }>;
  readonly #setCounter: SqlStatement<never>;

  constructor(database: SqlDatabase, sealing: RowSealing) {
    this.#sealing = sealing;
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
    this.#all = database.prepare('SELECT resource, key, revision, expires, value FROM objects');
    this.#counter = database.prepare('SELECT value FROM counters WHERE name = ?');
    this.#setCounter = database.prepare(
      'INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
  }

  get(resource: string, key: string): Stored | undefined {
    const known = this.#cache.get(resource, key);
    if (known !== undefined) return known;
    const row = this.#get.get(resource, key);
    if (row === undefined) return undefined;
    const stored = this.#stored(resource, row);
    this.#cache.keep(resource, stored);
    return stored;
  }

  page(query: ListQuery): { items: readonly Stored[]; remaining: number } {
    const { from, to } = rangeOf(query);
    const limit = query.limit ?? -1;
    const read = (): readonly Stored[] =>
      this.#page.all(query.resource, from, to, limit).map((row) => this.#stored(query.resource, row));
    const whole = query.limit === undefined && query.after === undefined;
    const items = whole ? this.#cache.page(query.resource, query.namespace ?? '', read) : read();
    const last = items.at(-1);
    const full = last !== undefined && items.length === limit;
    return { items, remaining: full ? this.count(query.resource, { from: last.key, to }) : 0 };
  }

  /** Undefined where the rows have to be opened one by one. */
  joined(query: ListQuery, { skip, prefix }: ItemCut): Uint8Array | undefined {
    if (this.#sealing.seals(query.resource)) return undefined;
    const { from, to } = rangeOf(query);
    return this.#cache.list(
      query.resource,
      `${query.namespace ?? ''} ${skip}${prefix}`,
      () => this.#joined.get(prefix, skip + 1, query.resource, from, to)?.items ?? NOTHING,
    );
  }

  count(resource: string, { from, to }: KeyRange): number {
    return this.#count.get(resource, from, to)?.n ?? 0;
  }

  put(resource: string, stored: Stored, expires: number | null): void {
    const value = this.#sealing.seal(resource, stored.key, stored.bytes);
    this.#put.run(resource, stored.key, stored.revision, expires, value);
    this.#cache.changed(resource, stored.key, stored);
  }

  delete(resource: string, key: string): void {
    this.#delete.run(resource, key);
    this.#cache.changed(resource, key, undefined);
  }

  expired(now: number, limit: number): (Stored & { resource: string })[] {
    return this.#expired.all(now, limit).map((row) => ({ ...this.#stored(row.resource, row), resource: row.resource }));
  }

  all(): Iterable<StoredRow> {
    return this.#all.iterate();
  }

  rewrite({ resource, key, revision, expires }: StoredRow, bytes: Uint8Array): void {
    this.put(resource, { key, revision, bytes }, expires);
  }

  get hasRemnants(): boolean {
    return this.#counter.get('remnants')?.value === 1;
  }

  set hasRemnants(value: boolean) {
    this.#setCounter.run('remnants', Number(value));
  }

  /** What was written since the last commit is not there. */
  rolledBack(): void {
    this.#cache.clear();
  }

  reservedRevision(): number {
    return this.#counter.get('revision')?.value ?? 0;
  }

  reserveRevision(revision: number): void {
    this.#setCounter.run('revision', revision);
  }

  #stored(resource: string, { key, revision, value }: ObjectRow): Stored {
    return { key, revision, bytes: this.#sealing.open(resource, key, value) };
  }
}
