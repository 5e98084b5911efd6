import { InvariantError } from '../../base/errors.ts';
import { GroupCommit } from '../../base/group-commit.ts';
import type { SqlDatabase } from '../../base/sqlite.ts';
import { type BrokerTables, brokerTables } from './broker-tables.ts';

/** Writes of one transaction: some ten milliseconds of the loop. */
const MAX_BATCH = 2_000;
/** A disk that has failed must take so much before it is trusted again: else the next message would fail as the last one did. */
const PROOF_BYTES = 1024 * 1024;

/** `error`: the write is not on disk. */
export type Settled = (error?: Error) => void;

interface Write {
  readonly run: ((tables: BrokerTables) => void) | undefined;
  readonly settled: Settled | undefined;
}

interface Opened {
  readonly database: SqlDatabase;
  readonly commit: GroupCommit;
  readonly tables: BrokerTables;
}

/**
 * The broker's state on disk. Writes gather and are committed together, in the order in which they came; whoever waits for
 * one hears of it, in the same order, when it will survive a power cut. After one that failed all fail, as after the close.
 */
export class BrokerStore {
  readonly #openFile: () => SqlDatabase;
  readonly #onFailure: (error: Error) => void;
  #writes: Write[] = [];
  #taken: Write[] = [];
  #submitted = false;
  /** Why nothing is written any more. */
  #ended: Error | undefined;
  #open: Opened | undefined;

  /** `onFailure` hears, once, of the first write that fails, after those who wait for it. */
  constructor(openFile: () => SqlDatabase, onFailure: (error: Error) => void) {
    this.#openFile = openFile;
    this.#onFailure = onFailure;
  }

  open(): void {
    const database = this.#openFile();
    const commit = new GroupCommit({
      transaction: (body) => database.transaction(body),
      durable: () => database.sync(),
    });
    this.#open = { database, commit, tables: brokerTables(database) };
  }

  /** Throws where the disk does not take what it is given. `rewrite`: all that the file has is written anew. */
  async prove(rewrite: boolean): Promise<void> {
    const { database } = this.#opened();
    if (rewrite) database.vacuum();
    const drop = database.prepare('DROP TABLE IF EXISTS proof');
    drop.run();
    database.prepare(`CREATE TABLE proof AS SELECT zeroblob(${PROOF_BYTES})`).run();
    await database.sync();
    drop.run();
    await database.sync();
  }

  /** Resolves when what was written before is on disk, or has failed. */
  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    while (this.#submitted || this.#writes.length > 0) {
      await new Promise<void>((resolve) => this.after(() => resolve()));
    }
    this.#ended ??= new Error('the broker has ended');
    this.#open = undefined;
    await open.commit.close();
    open.database.close();
  }

  /** For reading. */
  get tables(): BrokerTables {
    return this.#opened().tables;
  }

  /** Writes that are not on disk yet. */
  get pending(): number {
    return this.#writes.length + this.#taken.length;
  }

  write(run: (tables: BrokerTables) => void, settled?: Settled): void {
    if (this.#ended !== undefined) return settled?.(this.#ended);
    this.#writes.push({ run, settled });
    this.#submit();
  }

  /** Calls back when all that was written before is on disk. */
  after(settled: Settled): void {
    if (this.#ended !== undefined) return settled(this.#ended);
    this.#writes.push({ run: undefined, settled });
    this.#submit();
  }

  #opened(): Opened {
    if (this.#open === undefined) throw new InvariantError('the broker store is not open');
    return this.#open;
  }

  #submit(): void {
    const open = this.#opened();
    if (this.#submitted) return;
    this.#submitted = true;
    open.commit
      .submit(() => {
        this.#taken = this.#writes.splice(0, MAX_BATCH);
        for (const { run } of this.#taken) run?.(open.tables);
      })
      .then(
        () => this.#settle(undefined),
        (error: unknown) => this.#settle(error as Error),
      );
  }

  #settle(error: Error | undefined): void {
    const settled = this.#taken;
    this.#taken = [];
    this.#submitted = false;
    if (error !== undefined) {
      this.#ended = error;
      settled.push(...this.#writes.splice(0));
    }
    if (this.#writes.length > 0) this.#submit();
    for (const write of settled) write.settled?.(error);
    if (error !== undefined) this.#onFailure(error);
  }
}
