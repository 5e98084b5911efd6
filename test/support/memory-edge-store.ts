import type { Clock } from '../../src/base/clock.ts';
import {
  type Collection,
  collectionKey,
  type EdgeStore,
  type Knowledge,
  type Scope,
  type ScopeContents,
  type StoredDocument,
  type StoredObject,
} from '../../src/edgestore/index.ts';
import { compareRevisions, newerRevision } from '../../src/edgestore/revision.ts';
import { canonical, covers, hasSelector, matcher } from '../../src/edgestore/scope.ts';

interface Known extends Knowledge {
  readonly scope: Scope;
}

/** The edge store without a disk: for tests of what stands on it. Unbounded. */
export class MemoryEdgeStore implements EdgeStore {
  readonly name = 'edgestore';
  readonly #clock: Clock;
  readonly #objects = new Map<string, { collection: Collection; object: StoredObject; storedAt: number }>();
  readonly #scopes = new Map<string, Known>();
  readonly #documents = new Map<string, StoredDocument>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  start = async () => {};
  close = async () => {};

  get bytes(): number {
    return [...this.#objects.values()].reduce((sum, { object }) => sum + object.json.length, 0);
  }

  get(collection: Collection, namespace: string, name: string): StoredObject | undefined {
    return this.#objects.get(idOf(collection, namespace, name))?.object;
  }

  confirmedAt(collection: Collection, namespace: string, name: string): number | undefined {
    const kept = this.#objects.get(idOf(collection, namespace, name));
    if (kept === undefined) return undefined;
    return Math.max(kept.storedAt, ...this.#holders(collection, kept.object).map((each) => each.confirmedAt));
  }

  list(scope: Scope): readonly StoredObject[] {
    return this.#of(scope.collection)
      .filter(matcher(scope))
      .sort((a, b) => (`${a.namespace}\0${a.name}` < `${b.namespace}\0${b.name}` ? -1 : 1));
  }

  knowledge(scope: Scope): Knowledge | undefined {
    const known = [...this.#scopes.values()].filter((each) => covers(each.scope, scope));
    return known.sort((a, b) => b.confirmedAt - a.confirmedAt)[0];
  }

  scope(scope: Scope): Knowledge | undefined {
    return this.#scopes.get(scopeId(scope));
  }

  async remember(collection: Collection, object: StoredObject): Promise<void> {
    const holders = this.#holders(collection, object);
    const existing = this.get(collection, object.namespace, object.name);
    const known = existing?.resourceVersion ?? holders.map((each) => each.resourceVersion).reduce(newerRevision, '0');
    if (holders.length > 0 && compareRevisions(object.resourceVersion, known) < (existing ? 0 : 1)) return;
    this.#put(collection, object);
  }

  async forget(collection: Collection, namespace: string, name: string): Promise<void> {
    this.#objects.delete(idOf(collection, namespace, name));
  }

  async replace(scope: Scope, { resourceVersion, listKind, objects }: ScopeContents): Promise<void> {
    const listed = new Set(objects.map(({ namespace, name }) => `${namespace}/${name}`));
    const known = this.scope(scope)?.resourceVersion ?? '0';
    const setBack = compareRevisions(resourceVersion, known) < 0;
    const isNews = (kept: StoredObject | undefined): boolean =>
      setBack || kept === undefined || compareRevisions(kept.resourceVersion, resourceVersion) <= 0;
    for (const kept of this.list(scope)) {
      const { namespace, name } = kept;
      if (!listed.has(`${namespace}/${name}`) && isNews(kept)) await this.forget(scope.collection, namespace, name);
    }
    for (const object of objects) {
      if (isNews(this.get(scope.collection, object.namespace, object.name))) this.#put(scope.collection, object);
    }
    this.#scopes.set(scopeId(scope), { scope, resourceVersion, listKind, confirmedAt: this.#clock.now() });
  }

  async apply(scope: Scope, type: 'put' | 'delete', object: StoredObject): Promise<void> {
    const existing = this.get(scope.collection, object.namespace, object.name);
    const passed = this.scope(scope)?.resourceVersion ?? '0';
    const lead = existing
      ? compareRevisions(object.resourceVersion, existing.resourceVersion)
      : compareRevisions(object.resourceVersion, passed) - 1;
    if (type === 'put' && lead >= 0) this.#put(scope.collection, object);
    if (type === 'delete' && (hasSelector(scope) ? lead > 0 : lead >= 0)) {
      await this.forget(scope.collection, object.namespace, object.name);
    }
    await this.confirm(scope, object.resourceVersion);
  }

  async rewind(): Promise<void> {
    for (const kept of this.#objects.values()) kept.object = { ...kept.object, resourceVersion: '0' };
    for (const [key, known] of this.#scopes) this.#scopes.set(key, { ...known, resourceVersion: '0' });
  }

  async confirm(scope: Scope, resourceVersion: string): Promise<void> {
    const known = this.#scopes.get(scopeId(scope));
    if (known === undefined) return;
    const newest = newerRevision(resourceVersion, known.resourceVersion);
    this.#scopes.set(scopeId(scope), { ...known, resourceVersion: newest, confirmedAt: this.#clock.now() });
  }

  document(key: string): StoredDocument | undefined {
    return this.#documents.get(key);
  }

  async putDocument(key: string, contentType: string, body: Uint8Array): Promise<void> {
    this.#documents.set(key, { contentType, body, storedAt: this.#clock.now() });
  }

  #of(collection: Collection): StoredObject[] {
    const key = collectionKey(collection);
    return [...this.#objects.values()].filter((e) => collectionKey(e.collection) === key).map(({ object }) => object);
  }

  #holders(collection: Collection, object: StoredObject): Known[] {
    const key = collectionKey(collection);
    return [...this.#scopes.values()].filter(
      ({ scope }) => collectionKey(scope.collection) === key && matcher(scope)(object),
    );
  }

  #put(collection: Collection, object: StoredObject): void {
    const id = idOf(collection, object.namespace, object.name);
    this.#objects.set(id, { collection, object, storedAt: this.#clock.now() });
  }
}

function idOf(collection: Collection, namespace: string, name: string): string {
  return `${collectionKey(collection)}/${namespace}/${name}`;
}

function scopeId(scope: Scope): string {
  const { labelSelector, fieldSelector } = canonical(scope);
  return JSON.stringify([collectionKey(scope.collection), scope.namespace, labelSelector, fieldSelector]);
}
