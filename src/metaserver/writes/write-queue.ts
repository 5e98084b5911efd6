import type { Component } from '../../base/component.ts';
import { InvariantError } from '../../base/errors.ts';
import { openDatabase, type SqlDatabase, type SqlStatement } from '../../base/sqlite.ts';
import { StatusError } from '../../api/status-error.ts';
import type { WaitingWrite } from './waiting-write.ts';
import { writeKey } from './write-policy.ts';

/** `edgw` */
const APPLICATION_ID = 0x65646777;
const MIGRATIONS = ['CREATE TABLE writes (id INTEGER PRIMARY KEY AUTOINCREMENT, write TEXT NOT NULL);'];

export interface QueueLimits {
  readonly maxWrites: number;
  readonly maxBytes: number;
}

export const QUEUE_LIMITS: QueueLimits = { maxWrites: 1_000, maxBytes: 32 * 1024 * 1024 };

interface Row {
  readonly id: number;
  readonly write: string;
}

interface Open {
  readonly database: SqlDatabase;
  readonly insert: SqlStatement<never>;
  readonly update: SqlStatement<never>;
  readonly remove: SqlStatement<never>;
  readonly lastId: SqlStatement<{ id: number | null }>;
}

/** Writes that wait for the API, in order, on disk before anybody is told that they were taken. */
export class WriteQueue implements Component {
  readonly name = 'metaserver-writes';
  readonly #file: string;
  readonly #limits: QueueLimits;
  #open: Open | undefined;
  #writes: WaitingWrite[] = [];
  #bytes = 0;

  constructor(file: string, limits: QueueLimits = QUEUE_LIMITS) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Throws UserError where the file cannot be opened. */
  async start(): Promise<void> {
    const database = openDatabase(this.#file, { applicationId: APPLICATION_ID, migrations: MIGRATIONS });
    const rows = database.prepare<Row>('SELECT id, write FROM writes ORDER BY id').all();
    this.#open = {
      database,
      insert: database.prepare<never>('INSERT INTO writes (id, write) VALUES (?, ?)'),
      update: database.prepare<never>('UPDATE writes SET write = ? WHERE id = ?'),
      remove: database.prepare<never>('DELETE FROM writes WHERE id = ?'),
      lastId: database.prepare<{ id: number | null }>("SELECT seq AS id FROM sqlite_sequence WHERE name = 'writes'"),
    };
    this.#writes = rows.map(({ write }) => JSON.parse(write) as WaitingWrite);
    this.#bytes = rows.reduce((sum, { write }) => sum + write.length, 0);
  }

  async close(): Promise<void> {
    this.#open?.database.close();
    this.#open = undefined;
  }

  get all(): readonly WaitingWrite[] {
    return this.#writes;
  }

  /** The last write of the object that waits. */
  last(name: Parameters<typeof writeKey>[0]): WaitingWrite | undefined {
    const key = writeKey(name);
    return this.#writes.findLast((write) => writeKey(write) === key);
  }

  /** Takes what `make` makes of the next id; it is on disk when this returns. Throws TooManyRequests when it is full. */
  add(make: (id: number) => WaitingWrite): WaitingWrite {
    const { insert, lastId } = this.#opened();
    const write = make((lastId.get()?.id ?? 0) + 1);
    const text = JSON.stringify(write);
    if (this.#writes.length >= this.#limits.maxWrites || this.#bytes + text.length > this.#limits.maxBytes) {
      throw new StatusError('TooManyRequests', `${this.#writes.length} writes wait for the API server already`, {
        details: { retryAfterSeconds: 10 },
      });
    }
    insert.run(write.id, text);
    this.#writes.push(write);
    this.#bytes += text.length;
    return write;
  }

  replace(write: WaitingWrite): void {
    const index = this.#writes.findIndex(({ id }) => id === write.id);
    if (index < 0) throw new InvariantError(`write ${write.id} does not wait`);
    this.#bytes += JSON.stringify(write).length - JSON.stringify(this.#writes[index]).length;
    this.#opened().update.run(JSON.stringify(write), write.id);
    this.#writes[index] = write;
  }

  remove(id: number): void {
    const index = this.#writes.findIndex((write) => write.id === id);
    if (index < 0) return;
    this.#opened().remove.run(id);
    this.#bytes -= JSON.stringify(this.#writes[index]).length;
    this.#writes.splice(index, 1);
  }

  #opened(): Open {
    if (this.#open === undefined) throw new InvariantError('the queue of writes is used before its start');
    return this.#open;
  }
}
