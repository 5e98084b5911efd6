import { BoundedCache } from '../../base/bounded-cache.ts';
import type { Stored } from './object-store.ts';

const MAX_OBJECT_BYTES = 4 * 1024 * 1024;
const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** Short lists, which admission asks for with every write: quotas, limits, classes. */
const MAX_PAGE_BYTES = 1024 * 1024;
/** What an entry weighs beside its bytes. */
const ENTRY_BYTES = 200;

interface Cached<T> {
  readonly value: T;
  readonly weight: number;
  /** Of the resource, when the list was made. */
  readonly generation: number;
}

/**
 * What was lately read or written: objects are read several times around each write, and informers list the same again and
 * again. Told of every write before anybody reads.
 */
export class RowCache {
  readonly #objects = new BoundedCache<string, Stored>(MAX_OBJECT_BYTES, ({ bytes }) => bytes.byteLength + ENTRY_BYTES);
  readonly #lists = new BoundedCache<string, Cached<Uint8Array>>(MAX_LIST_BYTES, ({ weight }) => weight);
  readonly #pages = new BoundedCache<string, Cached<readonly Stored[]>>(MAX_PAGE_BYTES, ({ weight }) => weight);
  /** Rises with each write of the resource: lists of an older one are out of date. */
  readonly #generations = new Map<string, number>();

  get(resource: string, key: string): Stored | undefined {
    return this.#objects.get(objectId(resource, key));
  }

  /** As it was read. */
  keep(resource: string, stored: Stored): void {
    this.#objects.set(objectId(resource, stored.key), stored);
  }

  /** Written, or gone. */
  changed(resource: string, key: string, stored: Stored | undefined): void {
    this.#generations.set(resource, this.#generationOf(resource) + 1);
    if (stored === undefined) this.#objects.delete(objectId(resource, key));
    else this.keep(resource, stored);
  }

  /** The list under this name, where nothing of the resource has been written since; else it is made. */
  list(resource: string, name: string, make: () => Uint8Array): Uint8Array {
    return this.#fresh(this.#lists, resource, name, make, ({ byteLength }) => byteLength);
  }

  /** The objects of a list, in the same way. */
  page(resource: string, name: string, make: () => readonly Stored[]): readonly Stored[] {
    return this.#fresh(this.#pages, resource, name, make, (items) =>
      items.reduce((sum, { bytes }) => sum + bytes.byteLength + ENTRY_BYTES, 0),
    );
  }

  /** After a rollback: what was written is not there. */
  clear(): void {
    this.#objects.clear();
    this.#lists.clear();
    this.#pages.clear();
  }

  #fresh<T>(
    cache: BoundedCache<string, Cached<T>>,
    resource: string,
    name: string,
    make: () => T,
    weigh: (value: T) => number,
  ): T {
    const id = objectId(resource, name);
    const generation = this.#generationOf(resource);
    const known = cache.get(id);
    if (known?.generation === generation) return known.value;
    const value = make();
    cache.set(id, { value, weight: weigh(value) + ENTRY_BYTES, generation });
    return value;
  }

  #generationOf(resource: string): number {
    return this.#generations.get(resource) ?? 0;
  }
}

/** A resource has no space in its name. */
function objectId(resource: string, key: string): string {
  return `${resource} ${key}`;
}
