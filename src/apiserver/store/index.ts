export * from './object-store.ts';
export type { RingLimits } from './event-ring.ts';
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
