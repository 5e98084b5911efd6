import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/kinds.ts';

/** Claims and volumes at the moment of one decision, with what earlier decisions have set going. */
export interface StorageView {
  /** By `namespace/name`. */
  claim(key: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  storageClass(name: string): StorageClass | undefined;
  /** All that there are, save those that are being bound. */
  volumes(): readonly PersistentVolume[];
  /** The node that a claim's volume is being made for, though the claim does not say so yet. */
  selectedNode(key: string): string | undefined;
}

export const NO_STORAGE: StorageView = {
  claim: () => undefined,
  volume: () => undefined,
  storageClass: () => undefined,
  volumes: () => [],
  selectedNode: () => undefined,
};
