/** Volumes on this node: the class that claims name, and who makes them. */
import { join, resolve } from 'node:path';
import type { StorageClass } from '../api/kinds.ts';
import type { KubeObject } from '../api/object.ts';
import { builtIn } from '../api/resources.ts';
import { hasReason } from '../api/status-error.ts';
import { isDefaultClass } from '../api/volumes/storage-class.ts';
import { AUTHENTICATED } from '../auth/index.ts';
import { createKubeClient } from '../client/index.ts';
import { LOCAL_STORAGE_PROVISIONER, LocalStorage } from '../edged/index.ts';
import type { ApiAccess } from './api-access.ts';
import type { Ground } from './ground.ts';

const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');
const DEFAULT = { 'storageclass.kubernetes.io/is-default-class': 'true' };

export function localStorage(ground: Ground, access: ApiAccess): LocalStorage {
  const { config, dataDir, nodeName, clock, random, logger } = ground;
  const transport = access.transportAs({ name: 'system:edgesite:local-storage', groups: [AUTHENTICATED] });
  const path = config.edged['local-storage-path'];
  return new LocalStorage({
    client: createKubeClient(transport),
    nodeName,
    root: path === '' ? join(dataDir.path, 'storage') : resolve(path),
    clock,
    random,
    logger: logger.child('local-storage'),
  });
}

/** The class by which claims ask for such volumes, where there is none: what a user has changed of it stays. */
export async function offerLocalPath(access: ApiAccess, signal: AbortSignal): Promise<void> {
  const client = createKubeClient(
    access.transportAs({ name: 'system:edgesite:manifests', groups: ['system:masters', AUTHENTICATED] }),
  );
  const { items } = await client.list<StorageClass>(CLASSES, {}, signal);
  const object: KubeObject = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'local-path', ...(items.some(isDefaultClass) ? {} : { annotations: DEFAULT }) },
    provisioner: LOCAL_STORAGE_PROVISIONER,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'WaitForFirstConsumer',
    allowVolumeExpansion: true,
  };
  try {
    await client.create(CLASSES, {}, object, signal);
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
}
