import { objectStoreContract } from '../../../contract/object-store.ts';
import { emptyState, MemoryObjectStore } from '../../../support/memory-object-store.ts';

objectStoreContract('memory', {
  joins: false,
  open: (_t, { limits, now = () => 0 } = {}) => new MemoryObjectStore(emptyState(), now, limits),
  reopen: (_t, store) => Promise.resolve(new MemoryObjectStore((store as MemoryObjectStore).state, () => 0)),
});
