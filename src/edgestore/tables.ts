/** The SQL of the edge store: rows in, rows out, no decisions. */
import { qualifiedResource } from '../api/status-error.ts';
import type { RowSealing, SealedRow, SealedTable } from '../base/row-sealing.ts';
import type { SqlDatabase } from '../base/sqlite.ts';
import { type Collection, collectionKey, type Scope, type StoredDocument, type StoredObject } from './edge-store.ts';
import { canonical } from './scope.ts';

/** `edge` */
export const APPLICATION_ID = 0x65646765;

export const MIGRATIONS = [
  `CREATE TABLE objects (
     collection TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
     resource_version TEXT NOT NULL, json TEXT NOT NULL, stored_at INTEGER NOT NULL,
     PRIMARY KEY (collection, namespace, name)
   ) WITHOUT ROWID;
   CREATE TABLE scopes (
     collection TEXT NOT NULL, namespace TEXT, labels TEXT NOT NULL, fields TEXT NOT NULL,
     resource_version TEXT NOT NULL, list_kind TEXT NOT NULL, confirmed_at INTEGER NOT NULL
   );
   CREATE UNIQUE INDEX scopes_once ON scopes (collection, coalesce(namespace, '*'), labels, fields);
   CREATE TABLE documents (
     key TEXT PRIMARY KEY, content_type TEXT NOT NULL, body BLOB NOT NULL, stored_at INTEGER NOT NULL
   ) WITHOUT ROWID;
   CREATE TABLE totals (bytes INTEGER NOT NULL);
   INSERT INTO totals VALUES (0);
   CREATE TRIGGER object_in AFTER INSERT ON objects
     BEGIN UPDATE totals SET bytes = bytes + length(new.json); END;
   CREATE TRIGGER object_out AFTER DELETE ON objects
     BEGIN UPDATE totals SET bytes = bytes - length(old.json); END;
   CREATE TRIGGER object_over AFTER UPDATE OF json ON objects
     BEGIN UPDATE totals SET bytes = bytes + length(new.json) - length(old.json); END;
   CREATE TRIGGER document_in AFTER INSERT ON documents
     BEGIN UPDATE totals SET bytes = bytes + length(new.body); END;
   CREATE TRIGGER document_out AFTER DELETE ON documents
     BEGIN UPDATE totals SET bytes = bytes - length(old.body); END;
   CREATE TRIGGER document_over AFTER UPDATE OF body ON documents
     BEGIN UPDATE totals SET bytes = bytes + length(new.body) - length(old.body); END;`,
  'ALTER TABLE totals ADD COLUMN remnants INTEGER NOT NULL DEFAULT 0;',
];

export interface ObjectRow extends StoredObject {
  readonly collection: string;
  readonly storedAt: number;
}

/** `json` is text as it came, or bytes that are sealed. */
type RawObject = Omit<ObjectRow, 'json'> & { readonly json: string | Uint8Array };

interface SealableObject extends SealedRow {
  readonly object: RawObject;
}

export interface ObjectSize {
  readonly collection: string;
  readonly namespace: string;
  readonly name: string;
  readonly bytes: number;
  readonly storedAt: number;
}

export interface ScopeRow {
  readonly id: number;
  readonly scope: Scope;
  readonly resourceVersion: string;
  readonly listKind: string;
  readonly confirmedAt: number;
}

interface RawScope {
  id: number;
  collection: string;
  namespace: string | null;
  labels: string;
  fields: string;
  resourceVersion: string;
  listKind: string;
  confirmedAt: number;
}

const OBJECT_COLUMNS = 'collection, namespace, name, resource_version AS resourceVersion, json, stored_at AS storedAt';
const SCOPE_COLUMNS = `rowid AS id, collection, namespace, labels, fields, resource_version AS resourceVersion,
  list_kind AS listKind, confirmed_at AS confirmedAt`;

export class Tables implements SealedTable<SealableObject> {
  readonly #sealing: RowSealing;
  readonly #statements: ReturnType<typeof prepared>;

  constructor(database: SqlDatabase, sealing: RowSealing) {
    this.#sealing = sealing;
    this.#statements = prepared(database);
  }

  object(collection: Collection, namespace: string, name: string): ObjectRow | undefined {
    const row = this.#statements.object.get(collectionKey(collection), namespace, name);
    return row && this.#opened(row);
  }

  objects(collection: Collection, namespace: string | undefined): ObjectRow[] {
    const rows =
      namespace === undefined
        ? this.#statements.objects.all(collectionKey(collection))
        : this.#statements.objectsOfNamespace.all(collectionKey(collection), namespace);
    return rows.map((row) => this.#opened(row));
  }

  sizes(): IterableIterator<ObjectSize> {
    return this.#statements.sizes.iterate();
  }

  putObject(collection: Collection, object: StoredObject, now: number): void {
    const { namespace, name, resourceVersion, json } = object;
    const resource = qualifiedResource(collection);
    const value = this.#sealing.seals(resource)
      ? this.#sealing.seal(resource, placeOf(object), Buffer.from(json))
      : json;
    this.#statements.putObject.run(collectionKey(collection), namespace, name, resourceVersion, value, now);
  }

  /** The object is still as it was. */
  confirmObject(collection: Collection, object: StoredObject, now: number): void {
    this.#statements.confirmObject.run(now, collectionKey(collection), object.namespace, object.name);
  }

  deleteObject(collection: Collection, namespace: string, name: string): void {
    this.#statements.deleteObject.run(collectionKey(collection), namespace, name);
  }

  scopes(collection: Collection): ScopeRow[] {
    return this.#statements.scopes.all(collectionKey(collection)).map(toScope);
  }

  allScopes(): ScopeRow[] {
    return this.#statements.allScopes.all().map(toScope);
  }

  scope(scope: Scope): ScopeRow | undefined {
    const row = this.#statements.scope.get(...scopeKey(scope));
    return row === undefined ? undefined : toScope(row);
  }

  putScope(scope: Scope, resourceVersion: string, listKind: string, now: number): void {
    const { labelSelector, fieldSelector } = canonical(scope);
    this.#statements.deleteScope.run(...scopeKey(scope));
    this.#statements.putScope.run(
      collectionKey(scope.collection),
      scope.namespace ?? null,
      labelSelector,
      fieldSelector,
      resourceVersion,
      listKind,
      now,
    );
  }

  confirmScope(id: number, resourceVersion: string, now: number): void {
    this.#statements.confirmScope.run(resourceVersion, now, id);
  }

  deleteScope(id: number): void {
    this.#statements.deleteScopeById.run(id);
  }

  /** Everything counts as older than anything to come. */
  forgetRevisions(): void {
    this.#statements.forgetObjectRevisions.run();
    this.#statements.forgetScopeRevisions.run();
  }

  document(key: string): StoredDocument | undefined {
    return this.#statements.document.get(key);
  }

  documents(): { key: string; bytes: number; storedAt: number }[] {
    return this.#statements.documents.all();
  }

  putDocument(key: string, contentType: string, body: Uint8Array, now: number): void {
    this.#statements.putDocument.run(key, contentType, body, now);
  }

  deleteDocument(key: string): void {
    this.#statements.deleteDocument.run(key);
  }

  bytes(): number {
    return this.#statements.bytes.get()?.bytes ?? 0;
  }

  *all(): Iterable<SealableObject> {
    for (const { collection } of this.#statements.collections.all()) {
      const resource = qualifiedResource(collectionOf(collection));
      const rows = this.#sealing.seals(resource) ? this.#statements.objects : this.#statements.sealedObjects;
      for (const object of rows.iterate(collection)) {
        yield { resource, key: placeOf(object), value: Buffer.from(object.json), object };
      }
    }
  }

  rewrite({ object }: SealableObject, content: Uint8Array): void {
    const json = Buffer.from(content).toString();
    this.putObject(collectionOf(object.collection), { ...object, json }, object.storedAt);
  }

  get hasRemnants(): boolean {
    return this.#statements.remnants.get()?.remnants === 1;
  }

  set hasRemnants(value: boolean) {
    this.#statements.setRemnants.run(Number(value));
  }

  #opened(row: RawObject): ObjectRow {
    if (isPlain(row)) return row;
    const resource = qualifiedResource(collectionOf(row.collection));
    const content = this.#sealing.open(resource, placeOf(row), Buffer.from(row.json));
    return { ...row, json: Buffer.from(content).toString() };
  }
}

function isPlain(row: RawObject): row is ObjectRow {
  return typeof row.json === 'string';
}

/** To what a sealed object is bound beside its resource. */
function placeOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function prepared(database: SqlDatabase) {
  const one = 'collection = ? AND namespace = ? AND name = ?';
  const oneScope = "collection = ? AND coalesce(namespace, '*') = ? AND labels = ? AND fields = ?";
  return {
    object: database.prepare<RawObject>(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE ${one}`),
    objects: database.prepare<RawObject>(
      `SELECT ${OBJECT_COLUMNS} FROM objects WHERE collection = ? ORDER BY namespace, name`,
    ),
    objectsOfNamespace: database.prepare<RawObject>(
      `SELECT ${OBJECT_COLUMNS} FROM objects WHERE collection = ? AND namespace = ? ORDER BY name`,
    ),
    sealedObjects: database.prepare<RawObject>(
      `SELECT ${OBJECT_COLUMNS} FROM objects WHERE collection = ? AND typeof(json) = 'blob'`,
    ),
    collections: database.prepare<{ collection: string }>('SELECT DISTINCT collection FROM objects'),
    sizes: database.prepare<ObjectSize>(
      'SELECT collection, namespace, name, length(json) AS bytes, stored_at AS storedAt FROM objects',
    ),
    putObject: database.prepare(
      `INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         resource_version = excluded.resource_version, json = excluded.json, stored_at = excluded.stored_at`,
    ),
    confirmObject: database.prepare(`UPDATE objects SET stored_at = ? WHERE ${one}`),
    deleteObject: database.prepare(`DELETE FROM objects WHERE ${one}`),
    scopes: database.prepare<RawScope>(`SELECT ${SCOPE_COLUMNS} FROM scopes WHERE collection = ?`),
    allScopes: database.prepare<RawScope>(`SELECT ${SCOPE_COLUMNS} FROM scopes`),
    scope: database.prepare<RawScope>(`SELECT ${SCOPE_COLUMNS} FROM scopes WHERE ${oneScope}`),
    putScope: database.prepare('INSERT INTO scopes VALUES (?, ?, ?, ?, ?, ?, ?)'),
    confirmScope: database.prepare('UPDATE scopes SET resource_version = ?, confirmed_at = ? WHERE rowid = ?'),
    deleteScope: database.prepare(`DELETE FROM scopes WHERE ${oneScope}`),
    deleteScopeById: database.prepare('DELETE FROM scopes WHERE rowid = ?'),
    forgetObjectRevisions: database.prepare("UPDATE objects SET resource_version = '0'"),
    forgetScopeRevisions: database.prepare("UPDATE scopes SET resource_version = '0'"),
    document: database.prepare<StoredDocument>(
      'SELECT content_type AS contentType, body, stored_at AS storedAt FROM documents WHERE key = ?',
    ),
    documents: database.prepare<{ key: string; bytes: number; storedAt: number }>(
      'SELECT key, length(body) AS bytes, stored_at AS storedAt FROM documents',
    ),
    putDocument: database.prepare(
      `INSERT INTO documents VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET
         content_type = excluded.content_type, body = excluded.body, stored_at = excluded.stored_at`,
    ),
    deleteDocument: database.prepare('DELETE FROM documents WHERE key = ?'),
    bytes: database.prepare<{ bytes: number }>('SELECT bytes FROM totals'),
    remnants: database.prepare<{ remnants: number }>('SELECT remnants FROM totals'),
    setRemnants: database.prepare('UPDATE totals SET remnants = ?'),
  };
}

function scopeKey(scope: Scope): [string, string, string, string] {
  const { labelSelector, fieldSelector } = canonical(scope);
  return [collectionKey(scope.collection), scope.namespace ?? '*', labelSelector, fieldSelector];
}

function toScope(row: RawScope): ScopeRow {
  return {
    id: row.id,
    scope: {
      collection: collectionOf(row.collection),
      namespace: row.namespace ?? undefined,
      labelSelector: row.labels,
      fieldSelector: row.fields,
    },
    resourceVersion: row.resourceVersion,
    listKind: row.listKind,
    confirmedAt: row.confirmedAt,
  };
}

export function collectionOf(key: string): Collection {
  const [group = '', version = '', plural = ''] = key.split('/');
  return { group, version, plural };
}
