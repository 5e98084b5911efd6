import { InvariantError } from '../base/errors.ts';
import type { SqlDatabase, SqlStatement } from '../base/sqlite.ts';

export interface HistoryLimits {
  readonly maxValues: number;
  readonly maxAgeMs: number;
}

/** A value that a device has reported. */
export interface Sample {
  readonly property: string;
  /** Milliseconds since the epoch, by the clock of the edge. */
  readonly at: number;
  readonly value: string;
}

export interface HistoryQuery {
  /** At most so many, the oldest first. */
  readonly limit: number;
  /** Only later ones than this number of a sample. */
  readonly after?: number;
  /** Bounds of `at`, both inclusive. */
  readonly since?: number;
  readonly until?: number;
}

export interface HistoryPage {
  readonly samples: readonly { readonly at: number; readonly value: string }[];
  /** Number of the last sample, where there are more. */
  readonly next?: number;
}

export const HISTORY_MIGRATION = `
  CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, property TEXT NOT NULL, UNIQUE (device, property));
  CREATE TABLE samples (
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    number INTEGER NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (series, number)
  ) WITHOUT ROWID`;

interface Statements {
  readonly addSeries: SqlStatement<never>;
  readonly findSeries: SqlStatement<{ id: number }>;
  readonly allSeries: SqlStatement<{ id: number }>;
  readonly lastNumber: SqlStatement<{ last: number | null }>;
  readonly addSample: SqlStatement<never>;
  readonly dropBefore: SqlStatement<never>;
  readonly dropOlder: SqlStatement<never>;
  readonly dropDevice: SqlStatement<never>;
  readonly read: SqlStatement<{ number: number; at: number; value: string }>;
}

/**
 * The last values of every property, bounded by count and age. Nothing is kept in memory, so that a transaction that is
 * rolled back leaves nothing behind. Writes belong into a transaction of the store.
 */
export class History {
  readonly #limits: HistoryLimits;
  readonly #sql: Statements;

  constructor(database: SqlDatabase, limits: HistoryLimits) {
    this.#limits = limits;
    this.#sql = {
      addSeries: database.prepare('INSERT INTO series (device, property) VALUES (?, ?)'),
      findSeries: database.prepare('SELECT id FROM series WHERE device = ? AND property = ?'),
      allSeries: database.prepare('SELECT id FROM series'),
      lastNumber: database.prepare('SELECT max(number) AS last FROM samples WHERE series = ?'),
      addSample: database.prepare('INSERT INTO samples VALUES (?, ?, ?, ?)'),
      dropBefore: database.prepare('DELETE FROM samples WHERE series = ? AND number <= ?'),
      dropOlder: database.prepare('DELETE FROM samples WHERE series = ? AND at < ?'),
      dropDevice: database.prepare('DELETE FROM series WHERE device = ?'),
      read: database.prepare(
        'SELECT number, at, value FROM samples WHERE series = ? AND number > ? AND at BETWEEN ? AND ? ORDER BY number LIMIT ?',
      ),
    };
  }

  add(device: string, { property, at, value }: Sample): void {
    const series = this.#find(device, property) ?? this.#make(device, property);
    // Numbers only grow, so they also are the cursor of readers.
    const number = (this.#sql.lastNumber.get(series)?.last ?? 0) + 1;
    this.#sql.addSample.run(series, number, at, value);
    this.#sql.dropBefore.run(series, number - this.#limits.maxValues);
  }

  forget(device: string): void {
    this.#sql.dropDevice.run(device);
  }

  /** Nothing where the property has never had a value. */
  read(device: string, property: string, query: HistoryQuery, now: number): HistoryPage | undefined {
    const series = this.#find(device, property);
    if (series === undefined) return undefined;
    const { limit, after = 0, since = 0, until = Number.MAX_SAFE_INTEGER } = query;
    const from = Math.max(since, now - this.#limits.maxAgeMs);
    const rows = this.#sql.read.all(series, after, from, until, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      samples: page.map(({ at, value }) => ({ at, value })),
      ...(rows.length > limit && last !== undefined ? { next: last.number } : {}),
    };
  }

  /** What `dropExpired` goes through, one by one. */
  seriesIds(): number[] {
    return this.#sql.allSeries.all().map(({ id }) => id);
  }

  dropExpired(series: number, now: number): void {
    this.#sql.dropOlder.run(series, now - this.#limits.maxAgeMs);
  }

  #find(device: string, property: string): number | undefined {
    return this.#sql.findSeries.get(device, property)?.id;
  }

  #make(device: string, property: string): number {
    this.#sql.addSeries.run(device, property);
    const made = this.#find(device, property);
    if (made === undefined) throw new InvariantError(`no series for ${property} of ${device}`);
    return made;
  }
}
