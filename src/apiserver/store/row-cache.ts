import { BoundedCache } from '../../base/bounded-cache.ts';
import type { Stored } from './object-store.ts';

const MAX_OBJECT_BYTES = 4 * 1024 * 1024;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
/** What an entry weighs beside its bytes. */
const ENTRY_BYTES = 200;

interface CachedList {
  readonly bytes: Uint8Array;
  /** Of the resource, when the list was made. */
  readonly generation: number;
}

/**
 * What was lately read or written: objects are read several times around each write, and informers list the same again and
 * again. Told of every write before anybody reads.
 */
export class RowCache {
  readonly #objects = new BoundedCache<string, Stored>(MAX_OBJECT_BYTES, ({ bytes }) => bytes.byteLength + ENTRY_BYTES);
  readonly #lists = new BoundedCache<string, CachedList>(MAX_LIST_BYTES, ({ bytes }) => bytes.byteLength + ENTRY_BYTES);
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
    const id = objectId(resource, name);
    const generation = this.#generationOf(resource);
    const known = this.#lists.get(id);
    if (known?.generation === generation) return known.bytes;
    const bytes = make();
    this.#lists.set(id, { bytes, generation });
    return bytes;
  }

  /** After a rollback: what was written is not there. */
  clear(): void {
    this.#objects.clear();
    this.#lists.clear();
  }

  #generationOf(resource: string): number {
    return this.#generations.get(resource) ?? 0;
  }
}

/** A resource has no space in its name. */
function objectId(resource: string, key: string): string {
  return `${resource} ${key}`;
}
