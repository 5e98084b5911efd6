import type { PersistentVolume } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import { type Reconciliation, targetOf, unlessGone } from '../../client/index.ts';
import { planRemoval, type RemovalAction, type VolumeState, withoutFinalizer } from './removal-plan.ts';
import { type StorageTools, VOLUMES } from './storage-tools.ts';

/**
 * Removes what nobody claims any more. The finalizer keeps the volume until its folder is gone, so that a crash in between
 * leaves the one who will finish the work.
 */
export function volumeRemover(tools: StorageTools): Reconciliation<VolumeState, RemovalAction> {
  const { client, folders, events, node, volumes } = tools;
  const letGo = async (volume: PersistentVolume, signal: AbortSignal): Promise<void> => {
    await unlessGone(client.update(VOLUMES, targetOf(volume), withoutFinalizer(volume), signal));
  };
  return {
    name: 'local-storage-volumes',
    read: (name) => {
      const volume = volumes.objects.get(name);
      return volume && { node, volume };
    },
    plan: planRemoval,
    executors: {
      'remove-folder': async ({ volume }, signal) => {
        try {
          await folders.remove(volume.spec?.local?.path ?? '');
        } catch (error) {
          events.record(volume, 'Warning', 'VolumeFailedDelete', messageOf(error));
          throw error;
        }
        const preconditions = volume.metadata?.uid === undefined ? {} : { uid: volume.metadata.uid };
        const deleting = client.delete(VOLUMES, targetOf(volume), signal, { preconditions });
        const left: PersistentVolume | undefined = await unlessGone(deleting);
        if (left !== undefined) await letGo(left, signal);
      },
      'let-go': ({ volume }, signal) => letGo(volume, signal),
    },
  };
}
