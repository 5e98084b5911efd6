export { type CachedRead, CachedReader, isAway } from './cached-reader.ts';
export * from './edge-store.ts';
export { storedFrom } from './stored-object.ts';
export { InformerSnapshot, type SnapshotScope } from './informer-snapshot.ts';
export { compareRevisions, newerRevision } from './revision.ts';
export { canonicalKey, covers, holds, matcher } from './scope.ts';
export { type EdgeStoreOptions, SqliteEdgeStore } from './sqlite-edge-store.ts';
