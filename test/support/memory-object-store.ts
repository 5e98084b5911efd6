import { DEFAULT_RING_LIMITS, type RingLimits } from '../../src/apiserver/store/event-ring.ts';
import { History } from '../../src/apiserver/store/history.ts';
import { pageAt } from '../../src/apiserver/store/history-page.ts';
import { MemoryRows } from '../../src/apiserver/store/memory-rows.ts';
import {
  type ListPage,
  type ListQuery,
  type ObjectStore,
  type Render,
  type Stored,
  type StoreEvent,
  type WatchListener,
  WriteConflictError,
  type WriteExtras,
} from '../../src/apiserver/store/index.ts';

/** What outlives a store in memory: hand it to the next one for a restart. */
export interface MemoryState {
  readonly rows: MemoryRows;
  readonly expiries: Map<string, { resource: string; key: string; at: number }>;
  revision: number;
}

export function emptyState(): MemoryState {
  return { rows: new MemoryRows(), expiries: new Map(), revision: 0 };
}

/** The object store without a disk: shows that the contract does not lean on SQLite. */
export class MemoryObjectStore implements ObjectStore {
  readonly state: MemoryState;
  readonly #now: () => number;
  readonly #history: History;

  constructor(state: MemoryState, now: () => number, limits: RingLimits = DEFAULT_RING_LIMITS) {
    this.state = state;
    this.#now = now;
    this.#history = new History(state.revision, limits);
  }

  get revision(): number {
    return this.state.revision;
  }

  async get(resource: string, key: string): Promise<Stored | undefined> {
    return this.state.rows.get(resource, key);
  }

  async list(query: ListQuery): Promise<ListPage> {
    const { rows } = this.state;
    const revision = query.revision ?? this.revision;
    if (revision >= this.revision) return { ...rows.page(query), revision: this.revision };
    return pageAt(query, this.#history.stateAt(query.resource, revision), rows, revision);
  }

  async joined(): Promise<undefined> {
    return undefined;
  }

  async create(resource: string, key: string, render: Render, extras?: WriteExtras): Promise<Stored> {
    const current = this.state.rows.get(resource, key);
    if (current !== undefined) throw new WriteConflictError(resource, key, current);
    return this.#put('ADDED', resource, key, undefined, render, extras);
  }

  async update(resource: string, key: string, expected: number, render: Render, extras?: WriteExtras): Promise<Stored> {
    return this.#put('MODIFIED', resource, key, this.#expect(resource, key, expected), render, extras);
  }

  async delete(resource: string, key: string, expected: number, render: Render): Promise<Stored> {
    return this.#put('DELETED', resource, key, this.#expect(resource, key, expected), render, undefined);
  }

  watch(resource: string, since: number, listener: WatchListener): () => void {
    return this.#history.watch(resource, since, listener);
  }

  replay(resource: string, since: number, limit: number): readonly StoreEvent[] {
    return this.#history.replay(resource, since, limit);
  }

  async expire(now: number, render: (stored: Stored, revision: number) => Uint8Array): Promise<number> {
    this.#history.trim(now);
    const due = [...this.state.expiries.values()].filter(({ at }) => at <= now);
    for (const { resource, key } of due) {
      const stored = this.state.rows.get(resource, key);
      if (stored === undefined) continue;
      this.#put('DELETED', resource, key, stored, (revision) => render(stored, revision), undefined);
    }
    return due.length;
  }

  async flush(): Promise<void> {}

  async close(): Promise<void> {}

  #expect(resource: string, key: string, expected: number): Stored {
    const current = this.state.rows.get(resource, key);
    if (current?.revision !== expected) throw new WriteConflictError(resource, key, current);
    return current;
  }

  #put(
    type: StoreEvent['type'],
    resource: string,
    key: string,
    previous: Stored | undefined,
    render: Render,
    extras: WriteExtras | undefined,
  ): Stored {
    const { rows, expiries } = this.state;
    const revision = this.revision + 1;
    const stored = { key, revision, bytes: render(revision) };
    const id = `${resource}/${key}`;
    if (type === 'DELETED') rows.delete(resource, key);
    else rows.put(resource, stored);
    if (type !== 'DELETED' && extras?.expiresAt !== undefined)
      expiries.set(id, { resource, key, at: extras.expiresAt });
    else expiries.delete(id);
    this.state.revision = revision;
    const event = { ...stored, type, resource, ...(previous === undefined ? {} : { previous }) };
    this.#history.publish([event], this.#now());
    return stored;
  }
}
