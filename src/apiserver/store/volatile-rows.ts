import { MemoryRows } from './memory-rows.ts';
import type { ListQuery, Stored } from './object-store.ts';
import type { KeyRange, ReadableRows, Rows } from './rows.ts';

/**
 * Rows of resources that need not be durable: in memory, loaded once, saved now and then. After a crash they are what
 * they were at the last save.
 */
export class VolatileRows implements ReadableRows {
  readonly #rows: Rows;
  readonly #resources: ReadonlySet<string>;
  readonly #memory = new MemoryRows();
  readonly #dirty = new Map<string, Set<string>>();

  constructor(rows: Rows, resources: ReadonlySet<string>) {
    this.#rows = rows;
    this.#resources = resources;
    for (const resource of resources) {
      for (const item of rows.page({ resource }).items) this.#memory.put(resource, item);
    }
  }

  get dirty(): boolean {
    return this.#dirty.size > 0;
  }

  has(resource: string): boolean {
    return this.#resources.has(resource);
  }

  get(resource: string, key: string): Stored | undefined {
    return this.#memory.get(resource, key);
  }

  page(query: ListQuery): { items: Stored[]; remaining: number } {
    return this.#memory.page(query);
  }

  count(resource: string, range: KeyRange): number {
    return this.#memory.count(resource, range);
  }

  put(resource: string, stored: Stored): void {
    this.#memory.put(resource, stored);
    this.#mark(resource, stored.key);
  }

  delete(resource: string, key: string): void {
    this.#memory.delete(resource, key);
    this.#mark(resource, key);
  }

  /** Writes what has changed to the disk. */
  save(): void {
    for (const [resource, keys] of this.#dirty) {
      for (const key of keys) {
        const stored = this.get(resource, key);
        if (stored === undefined) this.#rows.delete(resource, key);
        else this.#rows.put(resource, stored, null);
      }
    }
    this.#dirty.clear();
  }

  #mark(resource: string, key: string): void {
    const keys = this.#dirty.get(resource) ?? new Set();
    this.#dirty.set(resource, keys.add(key));
  }
}
