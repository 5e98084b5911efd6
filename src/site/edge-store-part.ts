/** The edge store, from which the site lives while the API is away. */
import { join } from 'node:path';
import { SqliteEdgeStore } from '../edgestore/index.ts';
import { API_KEYS_DOCUMENT, GATE_COLLECTIONS } from '../metaserver/index.ts';
import type { Ground } from './ground.ts';

const BYTES_PER_MIB = 1024 * 1024;

export function edgeStore({ config, dataDir, nodeName, sealing, clock, logger }: Ground): SqliteEdgeStore {
  const file = join(dataDir.path, 'edge.db');
  const maxBytes = config.metamanager['store-max-mib'] * BYTES_PER_MIB;
  const secured = config.featureGates.requireAuthorization;
  // What the metaserver's decisions rest on must not be forgotten, however much is read.
  const pinned = secured ? { collections: GATE_COLLECTIONS, documents: [API_KEYS_DOCUMENT] } : undefined;
  return new SqliteEdgeStore(
    { file, maxBytes, nodeName, sealing, ...(pinned === undefined ? {} : { pinned }) },
    clock,
    logger.child('edgestore'),
  );
}
