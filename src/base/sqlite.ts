/** The only door to better-sqlite3: database files that are durable, private, checked at open and never overwritten. */
import { chmodSync, closeSync, existsSync, fdatasync, openSync } from 'node:fs';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { InvariantError, UserError } from './errors.ts';

/** How long a statement waits for another process's lock before it fails. */
const BUSY_TIMEOUT_MS = 5_000;
/** Pages kept in memory, in KiB: an index look-up needs few. */
const CACHE_KIB = 2_048;
/** The write-ahead log is cut back to this after a checkpoint, in bytes. */
const WAL_LIMIT_BYTES = 8 * 1024 * 1024;
/** Changed rows after which the log is brought into the file, where `sync` does that: some thousand pages. */
const CHECKPOINT_CHANGES = 500;
const PRIVATE_MODE = 0o600;

/** Cheaper than the fsync that SQLite does itself: the log keeps its size, so its metadata need not be written. */
const syncData = promisify(fdatasync);

/** What a column can hold. */
export type SqlValue = string | number | bigint | Uint8Array | null;

export interface SqlStatement<Row> {
  get(...parameters: SqlValue[]): Row | undefined;
  all(...parameters: SqlValue[]): Row[];
  iterate(...parameters: SqlValue[]): IterableIterator<Row>;
  /** How many rows were changed. */
  run(...parameters: SqlValue[]): number;
}

export interface SqlDatabase {
  readonly file: string;
  /** Prepares once; statements live as long as the database. Rows come as objects keyed by column. */
  prepare<Row = Record<string, SqlValue>>(sql: string): SqlStatement<Row>;
  /** Runs `body` in a transaction, a savepoint where one is open already. A throw rolls it back. */
  transaction<T>(body: () => T): T;
  /**
   * Brings all commits to the disk, off the loop: what `synchronous: 'on-demand'` leaves to the caller. Nothing may be written
   * before it has resolved; where it rejects, nothing any more.
   */
  sync(): Promise<void>;
  /** Rewrites the file without its free pages, and empties the log: what was deleted is in neither. */
  vacuum(): void;
  /** May be called twice. */
  close(): void;
}

export interface SqliteOptions {
  /** Marks the file as ours (`PRAGMA application_id`, a positive 32-bit number); a file with another mark is refused. */
  readonly applicationId: number;
  /** SQL that brings a file from version i to i + 1. The version is kept in the file; a newer file is refused. */
  readonly migrations: readonly string[];
  /**
   * `full` (the default): a commit is on disk. `normal`: safe against crashes, the last commits may go with the power.
   * `on-demand`: a commit is on disk once a `sync` that began after it has resolved.
   */
  readonly synchronous?: 'full' | 'normal' | 'on-demand';
}

/** Opens or creates the file. Throws UserError when it is damaged, foreign, newer than the program or not accessible. */
export function openDatabase(file: string, options: SqliteOptions): SqlDatabase {
  const fresh = !existsSync(file);
  let connection: Sqlite.Database | undefined;
  try {
    if (fresh) closeSync(openSync(file, 'ax', PRIVATE_MODE));
    else chmodSync(file, PRIVATE_MODE);
    connection = new Sqlite(file, { timeout: BUSY_TIMEOUT_MS });
    if (!fresh) check(connection, file, options);
    configure(connection, options);
    migrate(connection, file, options);
    return new Database(connection, file);
  } catch (error) {
    connection?.close();
    throw explained(error, file);
  }
}

/** Nothing is written before the file is known to be ours and whole. */
function check(connection: Sqlite.Database, file: string, options: SqliteOptions): void {
  const mark = Number(connection.pragma('application_id', { simple: true }));
  const tables = Number(connection.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
  // A file without tables is one whose first start was cut short.
  if (mark !== options.applicationId && tables > 0) {
    throw new UserError(
      `${file} is an SQLite database of another program (application id ${mark}). Nothing was changed. ` +
        'Choose another data directory, or move the file away.',
    );
  }
  const faults = connection.pragma('quick_check(1)') as { quick_check: string }[];
  const first = faults[0]?.quick_check;
  if (first !== 'ok') throw damaged(file, first ?? 'no answer from quick_check');
}

function configure(connection: Sqlite.Database, options: SqliteOptions): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma(`synchronous = ${(options.synchronous ?? 'full') === 'full' ? 'full' : 'normal'}`);
  connection.pragma(`cache_size = -${CACHE_KIB}`);
  connection.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
  connection.pragma('mmap_size = 0');
  connection.pragma('foreign_keys = ON');
}

function migrate(connection: Sqlite.Database, file: string, options: SqliteOptions): void {
  const version = Number(connection.pragma('user_version', { simple: true }));
  const known = options.migrations.length;
  if (version > known) {
    throw new UserError(
      `${file} was written by a newer version (schema ${version}, this program knows ${known}). Nothing was changed. ` +
        'Start the newer version, or choose another data directory.',
    );
  }
  connection.transaction(() => {
    for (const sql of options.migrations.slice(version)) connection.exec(sql);
    connection.pragma(`application_id = ${options.applicationId}`);
    connection.pragma(`user_version = ${known}`);
  })();
}

function explained(error: unknown, file: string): unknown {
  if (error instanceof UserError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) return damaged(file, error.message, error);
  if (code.startsWith('SQLITE_BUSY')) {
    return new UserError(`${file} is in use by another process. Stop that one first.`, { cause: error });
  }
  if (code === '' || code === 'SQLITE_ERROR') return error;
  return new UserError(`cannot open ${file}: ${error.message}. Check that its folder exists and may be written to.`, {
    cause: error,
  });
}

function damaged(file: string, why: string, cause?: unknown): UserError {
  return new UserError(
    `${file} is damaged or not an SQLite database (${why}). Nothing was changed. ` +
      'Restore it from a backup, or move it away to start empty.',
    cause === undefined ? undefined : { cause },
  );
}

/** Whether SQLite itself failed: nobody knows then what of the transaction is left. */
export function isSqlError(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError;
}

class Database implements SqlDatabase {
  readonly file: string;
  readonly #connection: Sqlite.Database;
  #log: number | undefined;
  #main: number | undefined;
  #changes = 0;
  #syncingMain = false;
  readonly #run: Sqlite.Transaction<(body: () => void) => void>;

  constructor(connection: Sqlite.Database, file: string) {
    this.#connection = connection;
    this.file = file;
    // To make the wrapper once is cheaper than for each transaction.
    this.#run = connection.transaction((body) => body());
  }

  prepare<Row>(sql: string): SqlStatement<Row> {
    const statement = this.#connection.prepare<SqlValue[], Row>(sql);
    return {
      get: (...parameters) => statement.get(...parameters),
      all: (...parameters) => statement.all(...parameters),
      iterate: (...parameters) => statement.iterate(...parameters),
      run: (...parameters) => {
        this.#assertWritable();
        const { changes } = statement.run(...parameters);
        this.#changes += changes;
        return changes;
      },
    };
  }

  transaction<T>(body: () => T): T {
    this.#assertWritable();
    const outcome: { result?: T } = {};
    this.#run.immediate(() => {
      outcome.result = body();
    });
    return outcome.result as T; // what did not throw has set it
  }

  async sync(): Promise<void> {
    // SQLite keeps one log for as long as the database is open.
    this.#log ??= openSync(`${this.file}-wal`, 'r+');
    await syncData(this.#log);
    if (this.#changes >= CHECKPOINT_CHANGES) await this.#checkpoint();
  }

  #assertWritable(): void {
    if (this.#syncingMain) throw new InvariantError('a write while the log is being brought into the file');
  }

  /**
   * Brings the log, which is on disk, into the file. SQLite itself would wait for the disk on the loop. The next write may
   * begin the log anew, so it has to wait until the file is on disk too.
   */
  async #checkpoint(): Promise<void> {
    this.#changes = 0;
    this.#connection.pragma('synchronous = off');
    try {
      this.#connection.pragma('wal_checkpoint(PASSIVE)');
    } finally {
      this.#connection.pragma('synchronous = normal');
    }
    this.#main ??= openSync(this.file, 'r+');
    this.#syncingMain = true;
    await syncData(this.#main);
    this.#syncingMain = false;
  }

  vacuum(): void {
    this.#connection.exec('VACUUM');
    this.#connection.pragma('wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    for (const file of [this.#log, this.#main]) if (file !== undefined) closeSync(file);
    this.#log = undefined;
    this.#main = undefined;
    this.#connection.close();
  }
}

/** Holds a file for this process until `release`, or until the process ends, however it ends; undefined if it is held. */
export function lockFile(file: string): { release(): void } | undefined {
  const connection = new Sqlite(file, { timeout: 0 });
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return { release: () => connection.close() };
  } catch (error) {
    connection.close();
    if (error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY') return undefined;
    throw explained(error, file);
  }
}
