import { ManualClock } from '../../../src/base/clock.ts';
import { edgeStoreContract } from '../../contract/edge-store.ts';
import { MemoryEdgeStore } from '../../support/memory-edge-store.ts';

edgeStoreContract('in memory', async () => {
  const clock = new ManualClock(1_000_000);
  return { store: new MemoryEdgeStore(clock), clock, close: async () => {} };
});
