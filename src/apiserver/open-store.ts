import { join } from 'node:path';
import type { ApiServerOptions } from './options.ts';
import { SqliteStore, type ObjectStore } from './store/index.ts';

/** Renewed every ten seconds by every node: kept out of the durable path. */
const VOLATILE_RESOURCES = new Set(['leases.coordination.k8s.io']);
const DATABASE = 'api.db';

/** The database of the data directory, checked and with every row under the key that writes now. */
export async function openStore({ dataDir, sealing, clock, logger }: ApiServerOptions): Promise<ObjectStore> {
  const file = join(dataDir, DATABASE);
  const store = new SqliteStore({ file, now: () => clock.now(), volatileResources: VOLATILE_RESOURCES, sealing });
  try {
    const count = await store.bringUnderKeys();
    if (count > 0) logger.info({ count, file }, 'sealed anew what another key or none had written');
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
