import type { Component } from '../../base/component.ts';
import { InvariantError } from '../../base/errors.ts';
import { bringUnderKeys, NO_SEALING, type RowSealing } from '../../base/row-sealing.ts';
import { openDatabase, type SqlDatabase } from '../../base/sqlite.ts';
import { StatusError } from '../../api/status-error.ts';
import type { WaitingWrite } from './waiting-write.ts';
import { writeKey } from './write-policy.ts';
import { APPLICATION_ID, MIGRATIONS, WriteRows } from './write-rows.ts';

export interface QueueLimits {
  readonly maxWrites: number;
  readonly maxBytes: number;
}

export const QUEUE_LIMITS: QueueLimits = { maxWrites: 1_000, maxBytes: 32 * 1024 * 1024 };

interface Open {
  readonly database: SqlDatabase;
  readonly rows: WriteRows;
}

/** Writes that wait for the API, in order, on disk before anybody is told that they were taken. */
export class WriteQueue implements Component {
  readonly name = 'metaserver-writes';
  readonly #file: string;
  readonly #sealing: RowSealing;
  readonly #limits: QueueLimits;
  #open: Open | undefined;
  #writes: WaitingWrite[] = [];
  #bytes = 0;

  constructor(file: string, sealing: RowSealing = NO_SEALING, limits: QueueLimits = QUEUE_LIMITS) {
    this.#file = file;
    this.#sealing = sealing;
    this.#limits = limits;
  }

  /** Rejects with UserError where the file cannot be opened, or was sealed with a key that is not known. */
  async start(): Promise<void> {
    const database = openDatabase(this.#file, { applicationId: APPLICATION_ID, migrations: MIGRATIONS });
    try {
      const rows = new WriteRows(database, this.#sealing);
      await bringUnderKeys(database, rows, this.#sealing);
      this.#writes = rows.writes();
      this.#bytes = this.#writes.reduce((sum, write) => sum + JSON.stringify(write).length, 0);
      this.#open = { database, rows };
    } catch (error) {
      database.close();
      throw error;
    }
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
    const [write] = this.addAll([make]);
    if (write === undefined) throw new InvariantError('one write was to be added');
    return write;
  }

  /** All of them or none. */
  addAll(makes: readonly ((id: number) => WaitingWrite)[]): readonly WaitingWrite[] {
    const { database, rows } = this.#opened();
    const added: WaitingWrite[] = [];
    let bytes = this.#bytes;
    database.transaction(() => {
      for (const make of makes) {
        const write = make(rows.nextId());
        const text = JSON.stringify(write);
        bytes += text.length;
        if (this.#writes.length + added.length >= this.#limits.maxWrites || bytes > this.#limits.maxBytes) throw full();
        rows.insert(write, text);
        added.push(write);
      }
    });
    this.#writes.push(...added);
    this.#bytes = bytes;
    return added;
  }

  replace(write: WaitingWrite): void {
    const index = this.#writes.findIndex(({ id }) => id === write.id);
    if (index < 0) throw new InvariantError(`write ${write.id} does not wait`);
    const text = JSON.stringify(write);
    this.#bytes += text.length - JSON.stringify(this.#writes[index]).length;
    this.#opened().rows.update(write, text);
    this.#writes[index] = write;
  }

  remove(id: number): void {
    const index = this.#writes.findIndex((write) => write.id === id);
    if (index < 0) return;
    this.#opened().rows.remove(id);
    this.#bytes -= JSON.stringify(this.#writes[index]).length;
    this.#writes.splice(index, 1);
  }

  #opened(): Open {
    if (this.#open === undefined) throw new InvariantError('the queue of writes is used before its start');
    return this.#open;
  }
}

function full(): StatusError {
  return new StatusError('TooManyRequests', 'the queue of writes that wait for the API server is full', {
    details: { retryAfterSeconds: 10 },
  });
}
