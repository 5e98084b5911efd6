/** Which storage class a claim or a volume is of, and what that means for it. Pure. */
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../kinds.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Empty: of none. The older annotation wins, as upstream has it. */
export function storageClassOf({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string {
  return metadata?.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';
}

/** Whether volumes of the class wait until a pod that uses them is scheduled. */
export function waitsForConsumer(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

export function isDefaultClass({ metadata }: StorageClass): boolean {
  return metadata?.annotations?.[DEFAULT_CLASS] === 'true';
}
