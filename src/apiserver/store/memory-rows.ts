import type { ListQuery, Stored } from './object-store.ts';
import { rangeOf, type KeyRange, type ReadableRows } from './rows.ts';

/** Rows of some resources in memory, put in order when they are listed. */
export class MemoryRows implements ReadableRows {
  readonly #tables = new Map<string, Map<string, Stored>>();

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
    const table = this.#tables.get(resource) ?? new Map<string, Stored>();
    this.#tables.set(resource, table.set(stored.key, stored));
  }

  delete(resource: string, key: string): void {
    this.#tables.get(resource)?.delete(key);
  }

  #within(resource: string, { from, to }: KeyRange): Stored[] {
    return [...(this.#tables.get(resource)?.values() ?? [])].filter(({ key }) => key > from && key < to);
  }
}
