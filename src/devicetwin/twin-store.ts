import { InvariantError } from '../base/errors.ts';
import { GroupCommit } from '../base/group-commit.ts';
import { openDatabase, type SqlDatabase, type SqlStatement } from '../base/sqlite.ts';
import {
  History,
  HISTORY_MIGRATION,
  type HistoryLimits,
  type HistoryPage,
  type HistoryQuery,
  type Sample,
} from './history.ts';
import type { Device } from './twin.ts';

/** `twin` */
const APPLICATION_ID = 0x7477696e;
const MIGRATIONS = [
  'CREATE TABLE devices (id TEXT PRIMARY KEY, device TEXT NOT NULL) WITHOUT ROWID',
  HISTORY_MIGRATION,
];

interface Open {
  readonly database: SqlDatabase;
  readonly commit: GroupCommit;
  readonly putRow: SqlStatement<never>;
  readonly dropRow: SqlStatement<never>;
  readonly history: History;
}

/** The devices of the site: all in memory, each write on disk before it counts. Their history is on disk only. */
export class TwinStore {
  readonly #file: string;
  readonly #limits: HistoryLimits;
  readonly #devices = new Map<string, Device>();
  #open: Open | undefined;

  constructor(file: string, limits: HistoryLimits) {
    this.#file = file;
    this.#limits = limits;
  }

  open(): void {
    const own = { applicationId: APPLICATION_ID, migrations: MIGRATIONS };
    const database = openDatabase(this.#file, { ...own, synchronous: 'on-demand' });
    const commit = new GroupCommit({
      transaction: (body) => database.transaction(body),
      durable: () => database.sync(),
    });
    const putRow = database.prepare<never>('INSERT OR REPLACE INTO devices VALUES (?, ?)');
    const dropRow = database.prepare<never>('DELETE FROM devices WHERE id = ?');
    this.#open = { database, commit, putRow, dropRow, history: new History(database, this.#limits) };
    for (const { device } of database.prepare<{ device: string }>('SELECT device FROM devices').all()) {
      const kept = JSON.parse(device) as Device;
      this.#devices.set(kept.id, kept);
    }
  }

  async close(): Promise<void> {
    await this.#open?.commit.close();
    this.#open?.database.close();
    this.#open = undefined;
  }

  get size(): number {
    return this.#devices.size;
  }

  get(id: string): Device | undefined {
    return this.#devices.get(id);
  }

  /** Ordered by id. */
  all(): Device[] {
    return [...this.#devices.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Resolves when device and samples are durable; only then is the device what `get` returns. */
  async put(device: Device, samples: readonly Sample[] = []): Promise<void> {
    const { commit, putRow, history } = this.#opened();
    await commit.submit(() => {
      putRow.run(device.id, JSON.stringify(device));
      for (const sample of samples) history.add(device.id, sample);
    });
    this.#devices.set(device.id, device);
  }

  /** Resolves when device and history are gone for good. */
  async delete(id: string): Promise<void> {
    const { commit, dropRow, history } = this.#opened();
    await commit.submit(() => {
      dropRow.run(id);
      history.forget(id);
    });
    this.#devices.delete(id);
  }

  history(id: string, property: string, query: HistoryQuery, now: number): HistoryPage | undefined {
    return this.#opened().history.read(id, property, query, now);
  }

  /** Drops samples beyond their age, a series at a time, so that others get their turns. */
  async dropExpired(now: number): Promise<void> {
    const { commit, history } = this.#opened();
    for (const id of history.seriesIds()) await commit.submit(() => history.dropExpired(id, now));
  }

  #opened(): Open {
    if (this.#open === undefined) {
      throw new InvariantError('the twin store is used before its start or after its close');
    }
    return this.#open;
  }
}
