import { InvariantError } from '../../base/errors.ts';
import { GroupCommit } from '../../base/group-commit.ts';
import { openDatabase, type SqlDatabase } from '../../base/sqlite.ts';
import { APPLICATION_ID, type BrokerTables, brokerTables, MIGRATIONS } from './broker-tables.ts';

/** Writes of one transaction: some ten milliseconds of the loop. */
const MAX_BATCH = 2_000;

/** `error`: the write is not on disk. */
export type Settled = (error?: Error) => void;

interface Write {
  readonly run: ((tables: BrokerTables) => void) | undefined;
  readonly settled: Settled | undefined;
}

/**
 * The broker's state on disk. Writes gather and are committed together, in the order in which they came; whoever waits for
 * one hears of it, in the same order, when it will survive a power cut.
 */
export class BrokerStore {
  readonly #file: string;
  readonly #onFailure: (error: Error) => void;
  #writes: Write[] = [];
  #taken: Write[] = [];
  #submitted = false;
  #open: { readonly database: SqlDatabase; readonly commit: GroupCommit; readonly tables: BrokerTables } | undefined;

  /** `onFailure` hears of failed writes that nobody waits for too. */
  constructor(file: string, onFailure: (error: Error) => void) {
    this.#file = file;
    this.#onFailure = onFailure;
  }

  open(): void {
    const database = openDatabase(this.#file, {
      applicationId: APPLICATION_ID,
      migrations: MIGRATIONS,
      synchronous: 'on-demand',
    });
    const commit = new GroupCommit({
      transaction: (body) => database.transaction(body),
      durable: () => database.sync(),
    });
    this.#open = { database, commit, tables: brokerTables(database) };
  }

  async close(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    while (this.#submitted || this.#writes.length > 0) {
      await new Promise<void>((resolve) => this.after(() => resolve()));
    }
    this.#open = undefined;
    await open.commit.close();
    open.database.close();
  }

  /** For reading. */
  get tables(): BrokerTables {
    if (this.#open === undefined)
      throw new InvariantError('the broker store is used before its start or after its close');
    return this.#open.tables;
  }

  /** Writes that are not on disk yet. */
  get pending(): number {
    return this.#writes.length + this.#taken.length;
  }

  write(run: (tables: BrokerTables) => void, settled?: Settled): void {
    this.#writes.push({ run, settled });
    this.#submit();
  }

  /** Calls back when all that was written before is on disk. */
  after(settled: Settled): void {
    this.#writes.push({ run: undefined, settled });
    this.#submit();
  }

  #submit(): void {
    const open = this.#open;
    if (open === undefined) throw new InvariantError('the broker store is used before its start or after its close');
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
    const taken = this.#taken;
    this.#taken = [];
    this.#submitted = false;
    if (error !== undefined) this.#onFailure(error);
    if (this.#writes.length > 0) this.#submit();
    for (const { settled } of taken) settled?.(error);
  }
}
