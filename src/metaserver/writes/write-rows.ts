/** The SQL of the queue of writes. A write of a resource that is sealed at rest is sealed whole. */
import { qualifiedResource } from '../../api/status-error.ts';
import type { RowSealing, SealedRow, SealedTable } from '../../base/row-sealing.ts';
import type { SqlDatabase, SqlStatement } from '../../base/sqlite.ts';
import type { WaitingWrite } from './waiting-write.ts';

/** `edgw` */
export const APPLICATION_ID = 0x65646777;
export const MIGRATIONS = [
  'CREATE TABLE writes (id INTEGER PRIMARY KEY AUTOINCREMENT, write TEXT NOT NULL);',
  `ALTER TABLE writes ADD COLUMN resource TEXT NOT NULL DEFAULT '';
   UPDATE writes SET resource = write ->> '$.collection.plural' ||
     CASE write ->> '$.collection.group' WHEN '' THEN '' ELSE '.' || (write ->> '$.collection.group') END;
   CREATE TABLE remnants (there INTEGER NOT NULL);
   INSERT INTO remnants VALUES (0);`,
];

interface Row {
  readonly id: number;
  readonly resource: string;
  readonly write: string | Uint8Array;
}

interface SealableWrite extends SealedRow {
  readonly id: number;
}

export class WriteRows implements SealedTable<SealableWrite> {
  readonly #sealing: RowSealing;
  readonly #all: SqlStatement<Row>;
  readonly #insert: SqlStatement<never>;
  readonly #update: SqlStatement<never>;
  readonly #remove: SqlStatement<never>;
  readonly #lastId: SqlStatement<{ id: number | null }>;
  readonly #remnants: SqlStatement<{ there: number }>;
  readonly #setRemnants: SqlStatement<never>;

  constructor(database: SqlDatabase, sealing: RowSealing) {
    this.#sealing = sealing;
    this.#all = database.prepare('SELECT id, resource, write FROM writes ORDER BY id');
    this.#insert = database.prepare('INSERT INTO writes (id, resource, write) VALUES (?, ?, ?)');
    this.#update = database.prepare('UPDATE writes SET write = ? WHERE id = ?');
    this.#remove = database.prepare('DELETE FROM writes WHERE id = ?');
    this.#lastId = database.prepare("SELECT seq AS id FROM sqlite_sequence WHERE name = 'writes'");
    this.#remnants = database.prepare('SELECT there FROM remnants');
    this.#setRemnants = database.prepare('UPDATE remnants SET there = ?');
  }

  /** Oldest first. */
  writes(): WaitingWrite[] {
    return [...this.all()].map(({ resource, key, value }) => {
      const text = Buffer.from(this.#sealing.open(resource, key, value)).toString();
      return JSON.parse(text) as WaitingWrite;
    });
  }

  /** Grows by one, also past writes that are gone. */
  nextId(): number {
    return (this.#lastId.get()?.id ?? 0) + 1;
  }

  insert({ id, collection }: WaitingWrite, text: string): void {
    const resource = qualifiedResource(collection);
    this.#insert.run(id, resource, this.#value(resource, id, text));
  }

  update({ id, collection }: WaitingWrite, text: string): void {
    this.#update.run(this.#value(qualifiedResource(collection), id, text), id);
  }

  remove(id: number): void {
    this.#remove.run(id);
  }

  *all(): Iterable<SealableWrite> {
    for (const { id, resource, write } of this.#all.iterate()) {
      yield { id, resource, key: String(id), value: Buffer.from(write) };
    }
  }

  rewrite({ id, resource }: SealableWrite, content: Uint8Array): void {
    this.#update.run(this.#value(resource, id, Buffer.from(content).toString()), id);
  }

  get hasRemnants(): boolean {
    return this.#remnants.get()?.there === 1;
  }

  set hasRemnants(value: boolean) {
    this.#setRemnants.run(Number(value));
  }

  #value(resource: string, id: number, text: string): string | Uint8Array {
    return this.#sealing.seals(resource) ? this.#sealing.seal(resource, String(id), Buffer.from(text)) : text;
  }
}
