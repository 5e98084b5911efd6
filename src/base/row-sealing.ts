/** What stands between the content of a row and the bytes in the file, where files must not tell secrets. */
import type { SqlDatabase } from './sqlite.ts';

export interface RowSealing {
  /** Whether rows of the resource (`secrets`, `widgets.example.com`) are written sealed. */
  seals(resource: string): boolean;
  seal(resource: string, key: string, bytes: Uint8Array): Uint8Array;
  /** Throws UserError where the row was sealed with a key that is not known, or was changed. */
  open(resource: string, key: string, value: Uint8Array): Uint8Array;
  /** Whether `seal` would write the row the same way. */
  isCurrent(resource: string, value: Uint8Array): boolean;
  /** Brings the keys to the disk; before anything is sealed with them. */
  save(): Promise<void>;
}

/** Everything as it is. */
export const NO_SEALING: RowSealing = {
  seals: () => false,
  seal: (_resource, _key, bytes) => bytes,
  open: (_resource, _key, value) => value,
  isCurrent: () => true,
  save: () => Promise.resolve(),
};

export interface SealedRow {
  readonly resource: string;
  readonly key: string;
  readonly value: Uint8Array;
}

/** A table whose rows may be sealed. */
export interface SealedTable<Row extends SealedRow> {
  /** At least the rows that are sealed or should be. */
  all(): Iterable<Row>;
  /** Writes the row anew with this content. */
  rewrite(row: Row, content: Uint8Array): void;
  /** Whether the file may still hold, in pages that are free, what was since sealed anew. */
  hasRemnants: boolean;
}

/**
 * Brings every row under the key that writes now, and leaves nothing of what it was before in the file. Before the first
 * write. Resolves to the number of such rows; rejects with UserError, nothing changed, where a row does not open.
 */
export async function bringUnderKeys<Row extends SealedRow>(
  database: SqlDatabase,
  table: SealedTable<Row>,
  sealing: RowSealing,
): Promise<number> {
  const outdated: Row[] = [];
  for (const row of table.all()) {
    sealing.open(row.resource, row.key, row.value);
    if (!sealing.isCurrent(row.resource, row.value)) outdated.push(row);
  }
  await sealing.save();
  if (outdated.length > 0) {
    database.transaction(() => {
      for (const row of outdated) table.rewrite(row, sealing.open(row.resource, row.key, row.value));
      table.hasRemnants = true;
    });
  }
  if (table.hasRemnants) {
    database.vacuum();
    table.hasRemnants = false;
  }
  return outdated.length;
}
