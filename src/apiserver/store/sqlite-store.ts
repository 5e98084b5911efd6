import { GroupCommit } from '../../base/group-commit.ts';
import { bringUnderKeys, NO_SEALING, type RowSealing } from '../../base/row-sealing.ts';
import { isSqlError, openDatabase, type SqlDatabase } from '../../base/sqlite.ts';
import { DEFAULT_RING_LIMITS, type RingLimits } from './event-ring.ts';
import { History } from './history.ts';
import { pageAt } from './history-page.ts';
import {
  type ItemCut,
  type JoinedItems,
  WriteConflictError,
  type ListPage,
  type ListQuery,
  type ObjectStore,
  type Render,
  type Stored,
  type StoreEvent,
  type WatchListener,
  type WriteExtras,
} from './object-store.ts';
import { Rows } from './rows.ts';
import { VolatileRows } from './volatile-rows.ts';

/** `edge` in ASCII. */
const APPLICATION_ID = 0x65646765;
const MIGRATIONS = [
  `CREATE TABLE objects (
     id INTEGER PRIMARY KEY,
     resource TEXT NOT NULL,
     key TEXT NOT NULL,
     revision INTEGER NOT NULL,
     expires INTEGER,
     value BLOB NOT NULL,
     UNIQUE (resource, key)
   );
   CREATE INDEX objects_expires ON objects (expires) WHERE expires IS NOT NULL;
   CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
   INSERT INTO counters VALUES ('revision', 0);`,
];

/** Revisions are reserved on disk by blocks, so that one is never given out twice, whatever was lost in a crash. */
const REVISION_BLOCK = 1_000;
/** A block is reserved so long before its first revision is needed: by then the reservation itself is on disk. */
const REVISION_MARGIN = 500;
/** At most so many expired objects go in one transaction. */
const EXPIRE_BATCH = 500;

export interface SqliteStoreOptions {
  readonly file: string;
  readonly now: () => number;
  /** Resources whose writes are kept in memory and reach the disk with `flush`: heartbeats, which would wear flash. */
  readonly volatileResources?: ReadonlySet<string>;
  readonly ringLimits?: RingLimits;
  /** Absent: everything is written as it is. */
  readonly sealing?: RowSealing;
}

/** Objects in one SQLite file. Throws UserError when the file is damaged or foreign. */
export class SqliteStore implements ObjectStore {
  readonly #options: SqliteStoreOptions;
  readonly #database: SqlDatabase;
  readonly #rows: Rows;
  readonly #volatile: VolatileRows;
  readonly #commits: GroupCommit;
  readonly #history: History;
  /** Events of the open transaction, published once it is committed. */
  #pending: StoreEvent[] = [];
  #revision: number;
  /** The last revision of all that is committed: what a read may claim to be the truth of. */
  #committed: number;
  #reserved: number;
  #closed = false;

  constructor(options: SqliteStoreOptions) {
    this.#options = options;
    const own = { applicationId: APPLICATION_ID, migrations: MIGRATIONS };
    this.#database = openDatabase(options.file, { ...own, synchronous: 'on-demand' });
    this.#rows = new Rows(this.#database, options.sealing ?? NO_SEALING);
    this.#revision = this.#rows.reservedRevision();
    this.#reserved = this.#revision;
    this.#committed = this.#revision;
    this.#volatile = new VolatileRows(this.#rows, options.volatileResources ?? new Set());
    this.#history = new History(this.#revision, options.ringLimits ?? DEFAULT_RING_LIMITS);
    this.#commits = new GroupCommit({
      transaction: (body) => this.#database.transaction(body),
      isRefusal: (error) => !isSqlError(error),
      durable: () => this.#database.sync(),
      committed: () => this.#publish(),
      rolledBack: () => this.#rollBack(),
    });
  }

  get revision(): number {
    return this.#committed;
  }

  /**
   * Brings every row under the key that writes now, before the first write. Resolves to the number of rows that were not;
   * rejects with UserError, nothing changed, where one was sealed with a key that is not known.
   */
  bringUnderKeys(): Promise<number> {
    return bringUnderKeys(this.#database, this.#rows, this.#options.sealing ?? NO_SEALING);
  }

  async get(resource: string, key: string): Promise<Stored | undefined> {
    await this.#commits.flight;
    return this.#read(resource, key);
  }

  async list(query: ListQuery): Promise<ListPage> {
    await this.#commits.flight;
    const rows = this.#volatile.has(query.resource) ? this.#volatile : this.#rows;
    const revision = query.revision ?? this.#committed;
    if (revision >= this.#committed) return { ...rows.page(query), revision: this.#committed };
    return pageAt(query, this.#history.stateAt(query.resource, revision), rows, revision);
  }

  async joined(resource: string, namespace: string | undefined, cut: ItemCut): Promise<JoinedItems | undefined> {
    if (this.#volatile.has(resource)) return undefined;
    await this.#commits.flight;
    const bytes = this.#rows.joined({ resource, namespace }, cut);
    return bytes && { bytes, revision: this.#committed };
  }

  create(resource: string, key: string, render: Render, extras?: WriteExtras): Promise<Stored> {
    return this.#write(resource, () => {
      const current = this.#read(resource, key);
      if (current !== undefined) throw new WriteConflictError(resource, key, current);
      return this.#put('ADDED', resource, key, undefined, render, extras);
    });
  }

  update(resource: string, key: string, expected: number, render: Render, extras?: WriteExtras): Promise<Stored> {
    return this.#write(resource, () =>
      this.#put('MODIFIED', resource, key, this.#expect(resource, key, expected), render, extras),
    );
  }

  delete(resource: string, key: string, expected: number, render: Render): Promise<Stored> {
    return this.#write(resource, () =>
      this.#put('DELETED', resource, key, this.#expect(resource, key, expected), render, undefined),
    );
  }

  watch(resource: string, since: number, listener: WatchListener): () => void {
    return this.#history.watch(resource, since, listener);
  }

  replay(resource: string, since: number, limit: number): readonly StoreEvent[] {
    return this.#history.replay(resource, since, limit);
  }

  async expire(now: number, render: (stored: Stored, revision: number) => Uint8Array): Promise<number> {
    this.#history.trim(now);
    for (let gone = 0; ; ) {
      const batch = await this.#commits.submit(() => this.#expireSome(now, render));
      gone += batch;
      if (batch < EXPIRE_BATCH) return gone;
    }
  }

  async flush(): Promise<void> {
    if (this.#volatile.dirty) await this.#commits.submit(() => this.#volatile.save());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#commits.close();
    if (!this.#commits.broken) {
      this.#database.transaction(() => {
        this.#volatile.save();
        this.#rows.reserveRevision(this.#revision);
      });
    }
    this.#database.close();
  }

  #read(resource: string, key: string): Stored | undefined {
    return this.#volatile.has(resource) ? this.#volatile.get(resource, key) : this.#rows.get(resource, key);
  }

  #expect(resource: string, key: string, expected: number): Stored {
    const current = this.#read(resource, key);
    if (current?.revision !== expected) throw new WriteConflictError(resource, key, current);
    return current;
  }

  #expireSome(now: number, render: (stored: Stored, revision: number) => Uint8Array): number {
    const expired = this.#rows.expired(now, EXPIRE_BATCH);
    for (const { resource, ...stored } of expired) {
      this.#put('DELETED', resource, stored.key, stored, (revision) => render(stored, revision), undefined);
    }
    return expired.length;
  }

  /** Durable writes wait for the shared commit; those of volatile resources are done at once. */
  async #write(resource: string, write: () => Stored): Promise<Stored> {
    if (!this.#volatile.has(resource)) return await this.#commits.submit(write);
    // Events come in the order of their revisions: first those that are on their way to the disk.
    await this.#commits.flight;
    const stored = write();
    this.#publish();
    return stored;
  }

  #put(
    type: StoreEvent['type'],
    resource: string,
    key: string,
    previous: Stored | undefined,
    render: Render,
    extras: WriteExtras | undefined,
  ): Stored {
    const revision = this.#revision + 1;
    const stored = { key, revision, bytes: render(revision) };
    if (revision + REVISION_MARGIN > this.#reserved) {
      this.#rows.reserveRevision(revision + REVISION_BLOCK);
      this.#reserved = revision + REVISION_BLOCK;
    }
    const rows = this.#volatile.has(resource) ? this.#volatile : this.#rows;
    if (type === 'DELETED') rows.delete(resource, key);
    else rows.put(resource, stored, extras?.expiresAt ?? null);
    this.#revision = revision;
    this.#pending.push({ ...stored, type, resource, ...(previous === undefined ? {} : { previous }) });
    return stored;
  }

  #publish(): void {
    const events = this.#pending;
    this.#pending = [];
    this.#committed = this.#revision;
    this.#history.publish(events, this.#options.now());
  }

  #rollBack(): void {
    this.#pending = [];
    this.#rows.rolledBack();
    this.#revision = this.#committed;
    this.#reserved = this.#rows.reservedRevision();
  }
}
