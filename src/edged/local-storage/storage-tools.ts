import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import type { EventRecorder, Informer, KubeClient } from '../../client/index.ts';
import type { VolumeFolders } from './volume-folders.ts';

export const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
export const VOLUMES = builtIn('v1', 'persistentvolumes');
export const CLASSES = builtIn('storage.k8s.io/v1', 'storageclasses');

/** What both halves of the provisioner work with. */
export interface StorageTools {
  readonly node: string;
  /** Its own writes are read back at once from the informers. */
  readonly client: KubeClient;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly classes: Informer<StorageClass>;
  readonly folders: VolumeFolders;
  readonly events: EventRecorder;
}
