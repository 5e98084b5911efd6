export { type CachedRead, CachedReader, isAway } from './cached-reader.ts';
export * from './edge-store.ts';
export { storedFrom } from './stored-object.ts';
