import { InvariantError } from '../base/errors.ts';
import { GroupCommit } from '../base/group-commit.ts';
import { openDatabase, type SqlDatabase, type SqlStatement } from '../base/sqlite.ts';
import type { Device } from './twin.ts';

/** `twin` */
const APPLICATION_ID = 0x7477696e;
const MIGRATIONS = ['CREATE TABLE devices (id TEXT PRIMARY KEY, device TEXT NOT NULL) WITHOUT ROWID'];

interface Open {
  readonly database: SqlDatabase;
  readonly commit: GroupCommit;
  readonly putRow: SqlStatement<never>;
}

/** The devices of the site: all in memory, each write on disk before it counts. */
export class TwinStore {
  readonly #file: string;
  readonly #devices = new Map<string, Device>();
  #open: Open | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  open(): void {
    const own = { applicationId: APPLICATION_ID, migrations: MIGRATIONS };
    const database = openDatabase(this.#file, { ...own, synchronous: 'on-demand' });
    const commit = new GroupCommit({
      transaction: (body) => database.transaction(body),
      durable: () => database.sync(),
    });
    const putRow = database.prepare<never>('INSERT OR REPLACE INTO devices VALUES (?, ?)');
    this.#open = { database, commit, putRow };
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

  /** Resolves when the device is durable; only then is it what `get` returns. */
  async put(device: Device): Promise<void> {
    const open = this.#open;
    if (open === undefined) throw new InvariantError('the twin store is used before its start or after its close');
    await open.commit.submit(() => open.putRow.run(device.id, JSON.stringify(device)));
    this.#devices.set(device.id, device);
  }
}
