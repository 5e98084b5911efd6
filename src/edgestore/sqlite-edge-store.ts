import type { Clock } from '../base/clock.ts';
import { InvariantError } from '../base/errors.ts';
import { GroupCommit } from '../base/group-commit.ts';
import type { Logger } from '../base/logger.ts';
import { bringUnderKeys, NO_SEALING, type RowSealing } from '../base/row-sealing.ts';
import { openDatabase, type SqlDatabase } from '../base/sqlite.ts';
import type { PersistentVolumeClaim, Pod } from '../api/kinds.ts';
import {
  type Collection,
  collectionKey,
  type EdgeStore,
  type Knowledge,
  type Scope,
  type ScopeContents,
  type StoredDocument,
  type StoredObject,
} from './edge-store.ts';
import { CLAIMS, type Kept, pinnedIds, planEviction, PODS } from './eviction.ts';
import { objectId } from './pod-references.ts';
import { compareRevisions, newerRevision } from './revision.ts';
import { covers, hasSelector, matcher } from './scope.ts';
import { APPLICATION_ID, collectionOf, MIGRATIONS, type ObjectSize, type ScopeRow, Tables } from './tables.ts';

/** Scopes known in full; beyond it the one confirmed longest ago is no longer told apart from "never seen". */
const MAX_SCOPES = 1_000;
/** Times of confirmation are exact to this: disks wear from writing the same thing again and again. */
const CONFIRM_AFTER_MS = 1_000;
/** Room is made down to this share of the limit, so that not every write evicts. */
const EVICT_TO_SHARE = 0.9;

export interface EdgeStoreOptions {
  readonly file: string;
  /** Objects and documents together. What the node itself needs is kept even beyond it. */
  readonly maxBytes: number;
  readonly nodeName: string;
  /** Absent: everything is written as it is. */
  readonly sealing?: RowSealing;
  /** What stays beside it, whole: however full the store is and however long ago it was confirmed. */
  readonly pinned?: { readonly collections: readonly Collection[]; readonly documents: readonly string[] };
}

interface Open {
  readonly database: SqlDatabase;
  readonly tables: Tables;
  readonly commit: GroupCommit;
}

/**
 * Invariant: a scope is in the table only while every object it holds is stored.
 */
export class SqliteEdgeStore implements EdgeStore {
  readonly name = 'edgestore';
  readonly #options: EdgeStoreOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** When objects and documents were last read, by id: for eviction only, so it may be lost. */
  readonly #used = new Map<string, number>();
  #open: Open | undefined;
  #evicting = false;

  constructor(options: EdgeStoreOptions, clock: Clock, logger: Logger) {
    this.#options = options;
    this.#clock = clock;
    this.#logger = logger;
  }

  async start(): Promise<void> {
    const { file, sealing = NO_SEALING } = this.#options;
    const database = openDatabase(file, { applicationId: APPLICATION_ID, migrations: MIGRATIONS });
    const commit = new GroupCommit({ transaction: (body) => database.transaction(body) });
    const tables = new Tables(database, sealing);
    try {
      const count = await bringUnderKeys(database, tables, sealing);
      if (count > 0) this.#logger.info({ count, file }, 'sealed anew what another key or none had written');
    } catch (error) {
      database.close();
      throw error;
    }
    this.#open = { database, tables, commit };
  }

  async close(): Promise<void> {
    await this.#open?.commit.close();
    this.#open?.database.close();
    this.#open = undefined;
  }

  get bytes(): number {
    return this.#tables.bytes();
  }

  get(collection: Collection, namespace: string, name: string): StoredObject | undefined {
    const row = this.#tables.object(collection, namespace, name);
    if (row !== undefined) this.#used.set(objectId(collection, namespace, name), this.#clock.now());
    return row;
  }

  confirmedAt(collection: Collection, namespace: string, name: string): number | undefined {
    const row = this.#tables.object(collection, namespace, name);
    if (row === undefined) return undefined;
    const holders = this.#tables.scopes(collection).filter(({ scope }) => matcher(scope)(row));
    return Math.max(row.storedAt, ...holders.map((each) => each.confirmedAt));
  }

  list(scope: Scope): readonly StoredObject[] {
    const now = this.#clock.now();
    const rows = this.#tables.objects(scope.collection, scope.namespace).filter(matcher(scope));
    for (const row of rows) this.#used.set(objectId(scope.collection, row.namespace, row.name), now);
    return rows;
  }

  knowledge(scope: Scope): Knowledge | undefined {
    return this.#covering(scope).sort((a, b) => b.confirmedAt - a.confirmedAt)[0];
  }

  scope(scope: Scope): Knowledge | undefined {
    return this.#tables.scope(scope);
  }

  remember(collection: Collection, object: StoredObject): Promise<void> {
    return this.#write((tables, now) => {
      const holders = tables.scopes(collection).filter(({ scope }) => matcher(scope)(object));
      const existing = tables.object(collection, object.namespace, object.name);
      const known = existing?.resourceVersion ?? newest(holders);
      const stale = holders.length > 0 && compareRevisions(object.resourceVersion, known) < (existing ? 0 : 1);
      if (stale) return;
      if (existing?.resourceVersion !== object.resourceVersion) this.#put(tables, collection, object, now);
      else if (now - existing.storedAt >= CONFIRM_AFTER_MS) tables.confirmObject(collection, object, now);
    });
  }

  forget(collection: Collection, namespace: string, name: string): Promise<void> {
    return this.#write((tables) => this.#remove(tables, collection, namespace, name));
  }

  replace(scope: Scope, contents: ScopeContents): Promise<void> {
    return this.#write((tables, now) => {
      const { collection } = scope;
      const listed = new Set(contents.objects.map(({ namespace, name }) => `${namespace}/${name}`));
      const isNews = newsFor(contents, tables.scope(scope)?.resourceVersion);
      for (const row of tables.objects(collection, scope.namespace).filter(matcher(scope))) {
        const { namespace, name } = row;
        if (!listed.has(`${namespace}/${name}`) && isNews(row)) this.#remove(tables, collection, namespace, name);
      }
      for (const object of contents.objects) {
        if (isNews(tables.object(collection, object.namespace, object.name)))
          this.#put(tables, collection, object, now);
      }
      tables.putScope(scope, contents.resourceVersion, contents.listKind, now);
      this.#dropScopes(tables);
    });
  }

  apply(scope: Scope, type: 'put' | 'delete', object: StoredObject): Promise<void> {
    return this.#write((tables, now) => {
      const { collection } = scope;
      const existing = tables.object(collection, object.namespace, object.name);
      const passed = tables.scope(scope)?.resourceVersion ?? '0';
      const lead = existing
        ? compareRevisions(object.resourceVersion, existing.resourceVersion)
        : compareRevisions(object.resourceVersion, passed) - 1;
      // With a selector, DELETED also says "no longer selected": then whoever saw the newer object is right.
      if (type === 'put' && lead >= 0) this.#put(tables, collection, object, now);
      if (type === 'delete' && (hasSelector(scope) ? lead > 0 : lead >= 0)) {
        this.#remove(tables, collection, object.namespace, object.name);
      }
      confirm(tables, scope, object.resourceVersion, now);
    });
  }

  confirm(scope: Scope, resourceVersion: string): Promise<void> {
    return this.#write((tables, now) => confirm(tables, scope, resourceVersion, now));
  }

  rewind(): Promise<void> {
    return this.#write((tables) => tables.forgetRevisions());
  }

  document(key: string): StoredDocument | undefined {
    const document = this.#tables.document(key);
    if (document !== undefined) this.#used.set(documentId(key), this.#clock.now());
    return document;
  }

  putDocument(key: string, contentType: string, body: Uint8Array): Promise<void> {
    return this.#write((tables, now) => tables.putDocument(key, contentType, body, now));
  }

  get #tables(): Tables {
    return this.#opened().tables;
  }

  #opened(): Open {
    if (this.#open === undefined)
      throw new InvariantError('the edge store is used before its start or after its close');
    return this.#open;
  }

  #covering(scope: Scope): ScopeRow[] {
    return this.#tables.scopes(scope.collection).filter((row) => covers(row.scope, scope));
  }

  async #write(body: (tables: Tables, now: number) => void): Promise<void> {
    const { tables, commit } = this.#opened();
    await commit.submit(() => body(tables, this.#clock.now()));
    if (!this.#evicting && this.#open !== undefined && tables.bytes() > this.#options.maxBytes) await this.#evict();
  }

  #put(tables: Tables, collection: Collection, object: StoredObject, now: number): void {
    const previous = tables.object(collection, object.namespace, object.name);
    if (previous?.json === object.json) return;
    tables.putObject(collection, object, now);
  }

  #remove(tables: Tables, collection: Collection, namespace: string, name: string): void {
    tables.deleteObject(collection, namespace, name);
    this.#used.delete(objectId(collection, namespace, name));
  }

  #dropScopes(tables: Tables): void {
    const scopes = tables.allScopes().filter(({ scope }) => !this.#isPinned(collectionKey(scope.collection)));
    if (scopes.length <= MAX_SCOPES) return;
    const oldest = scopes.sort((a, b) => a.confirmedAt - b.confirmedAt)[0];
    if (oldest !== undefined) tables.deleteScope(oldest.id);
  }

  /** What goes takes its scopes along: a store that forgot must not say "there is none". */
  async #evict(): Promise<void> {
    this.#evicting = true;
    try {
      await this.#opened().commit.submit(() => this.#makeRoom(this.#tables));
    } finally {
      this.#evicting = false;
    }
  }

  #isPinned(collection: string): boolean {
    return this.#options.pinned?.collections.some((each) => collectionKey(each) === collection) === true;
  }

  #makeRoom(tables: Tables): void {
    const excess = tables.bytes() - this.#options.maxBytes * EVICT_TO_SHARE;
    const pods = tables.objects(PODS, undefined).map((row) => JSON.parse(row.json) as Pod);
    const claims = tables.objects(CLAIMS, undefined).map((row) => JSON.parse(row.json) as PersistentVolumeClaim);
    const objects = new Map<string, ObjectSize>();
    const kept: Kept[] = [];
    for (const size of tables.sizes()) {
      if (this.#isPinned(size.collection)) continue;
      const id = objectId(collectionOf(size.collection), size.namespace, size.name);
      objects.set(id, size);
      kept.push({ id, bytes: size.bytes, usedAt: this.#used.get(id) ?? size.storedAt });
    }
    for (const { key, bytes, storedAt } of tables.documents()) {
      if (this.#options.pinned?.documents.includes(key) === true) continue;
      const id = documentId(key);
      kept.push({ id, bytes, usedAt: this.#used.get(id) ?? storedAt });
    }
    const victims = planEviction(kept, pinnedIds(this.#options.nodeName, pods, claims), excess);
    for (const { id } of victims) {
      const object = objects.get(id);
      if (object === undefined) tables.deleteDocument(id.slice(DOCUMENT_PREFIX.length));
      else evictObject(tables, object);
      this.#used.delete(id);
    }
    this.#logger.info({ evicted: victims.length, excessBytes: Math.round(excess) }, 'edge store full, made room');
  }
}

function evictObject(tables: Tables, { collection: key, namespace, name }: ObjectSize): void {
  const collection = collectionOf(key);
  const object = tables.object(collection, namespace, name);
  if (object === undefined) return;
  tables.deleteObject(collection, namespace, name);
  for (const row of tables.scopes(collection)) if (matcher(row.scope)(object)) tables.deleteScope(row.id);
}

const DOCUMENT_PREFIX = 'document:';

function documentId(key: string): string {
  return `${DOCUMENT_PREFIX}${key}`;
}

function confirm(tables: Tables, scope: Scope, resourceVersion: string, now: number): void {
  const row = tables.scope(scope);
  if (row === undefined) return;
  const newest = newerRevision(resourceVersion, row.resourceVersion);
  if (newest === row.resourceVersion && now - row.confirmedAt < CONFIRM_AFTER_MS) return;
  tables.confirmScope(row.id, newest, now);
}

/**
 * Which kept objects a list may overrule: all but those newer than itself, which a watch saw since. A list that is older
 * than what was known of its scope comes from a server that was set back: it overrules everything.
 */
function newsFor(contents: ScopeContents, known: string | undefined): (kept: StoredObject | undefined) => boolean {
  const setBack = known !== undefined && compareRevisions(contents.resourceVersion, known) < 0;
  return (kept) =>
    setBack || kept === undefined || compareRevisions(kept.resourceVersion, contents.resourceVersion) <= 0;
}

function newest(scopes: readonly ScopeRow[]): string {
  return scopes.map((each) => each.resourceVersion).reduce(newerRevision, '0');
}
