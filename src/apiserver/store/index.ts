export * from './object-store.ts';
export { DEFAULT_RING_LIMITS, type RingLimits } from './event-ring.ts';
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts';
