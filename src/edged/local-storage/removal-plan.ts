/** When a folder goes, and when its volume may. Pure. */
import type { PersistentVolume } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { FINALIZER, isOurs } from './local-volume.ts';

export interface VolumeState {
  readonly node: string;
  readonly volume: PersistentVolume;
}

export type RemovalAction = { readonly reason: string; readonly volume: PersistentVolume } & (
  | { readonly kind: 'remove-folder' }
  /** The folder stays, or is gone: the volume may go. */
  | { readonly kind: 'let-go' }
);

export function planRemoval({ node, volume }: VolumeState): Plan<RemovalAction> {
  const { metadata, spec, status } = volume;
  if (!isOurs(volume, node) || metadata?.finalizers?.includes(FINALIZER) !== true) return { actions: [] };
  const isReleased = status?.phase === 'Released' || status?.phase === 'Failed';
  if (isReleased && spec?.persistentVolumeReclaimPolicy === 'Delete') {
    return { actions: [{ kind: 'remove-folder', reason: 'nobody claims the volume any more', volume }] };
  }
  if (metadata.deletionTimestamp === undefined || status?.phase === 'Bound') return { actions: [] };
  return { actions: [{ kind: 'let-go', reason: 'the volume was deleted, its data is to be kept', volume }] };
}

export function withoutFinalizer(volume: PersistentVolume): PersistentVolume {
  const finalizers = volume.metadata?.finalizers?.filter((each) => each !== FINALIZER) ?? [];
  return { ...volume, metadata: { ...volume.metadata, finalizers } };
}
