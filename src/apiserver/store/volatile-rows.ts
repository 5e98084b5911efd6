import type { ListQuery, Stored } from './object-store.ts';
import { rangeOf, type KeyRange, type ReadableRows, type Rows } from './rows.ts';

/**
 * Rows of resources that need not be durable: in memory, loaded once, saved now and then. After a crash they are what
 * they were at the last save.
 */
export class VolatileRows implements ReadableRows {
  readonly #rows: Rows;
  readonly #tables = new Map<string, Map<string, Stored>>();
  readonly #dirty = new Map<string, Set<string>>();

  constructor(rows: Rows, resources: ReadonlySet<string>) {
    this.#rows = rows;
    for (const resource of resources) {
      const { items } = rows.page({ resource });
      this.#tables.set(resource, new Map(items.map((item) => [item.key, item])));
    }
  }

  get dirty(): boolean {
    return this.#dirty.size > 0;
  }

  has(resource: string): boolean {
    return this.#tables.has(resource);
  }

  get(resource: string, key: string): Stored | undefined {
    return this.#tables.get(resource)?.get(key);
  }

  page(query: ListQuery): { items: Stored[]; remaining: number } {
    const all = this.#within(query.resource, rangeOf(query)).sort((a, b) => (a.key < b.key ? -1 : 1));
    const items = query.limit === undefined ? all : all.slice(0, query.limit);
    return { items, remaining: all.length - items.length };
  }

  count(resource: string, range: KeyRange): number {
    return this.#within(resource, range).length;
  }

  put(resource: string, stored: Stored): void {
    this.#tables.get(resource)?.set(stored.key, stored);
    this.#mark(resource, stored.key);
  }

  delete(resource: string, key: string): void {
    this.#tables.get(resource)?.delete(key);
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

  #within(resource: string, { from, to }: KeyRange): Stored[] {
    return [...(this.#tables.get(resource)?.values() ?? [])].filter(({ key }) => key > from && key < to);
  }

  #mark(resource: string, key: string): void {
    const keys = this.#dirty.get(resource) ?? new Set();
    this.#dirty.set(resource, keys.add(key));
  }
}
