import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { loadKeyFile } from './encryption/key-file.ts';
import { AesGcmSealing } from './encryption/sealing.ts';
import type { ApiServerOptions } from './options.ts';
import { SqliteStore, type ObjectStore } from './store/index.ts';

/** Renewed every ten seconds by every node: kept out of the durable path. */
const VOLATILE_RESOURCES = new Set(['leases.coordination.k8s.io']);
const DATABASE = 'api.db';
const KEY_FILE = 'encryption.yaml';

/** The database of the data directory, checked and with every row under the key that writes now. */
export async function openStore(options: ApiServerOptions): Promise<ObjectStore> {
  const { dataDir, encryptionFile = join(dataDir, KEY_FILE), clock, logger } = options;
  const keyFile = await loadKeyFile(encryptionFile, randomBytes);
  if (keyFile.exposed) {
    logger.warn({ file: encryptionFile }, 'others than the owner may read the keys of what is sealed: chmod 600');
  }
  const store = new SqliteStore({
    file: join(dataDir, DATABASE),
    now: () => clock.now(),
    volatileResources: VOLATILE_RESOURCES,
    sealing: new AesGcmSealing(keyFile),
  });
  try {
    store.assertOpens();
    await keyFile.save();
    const count = store.reseal();
    if (count > 0) logger.info({ count, file: encryptionFile }, 'sealed anew what another key or none had written');
  } catch (error) {
    await store.close();
    throw error;
  }
  return store;
}
