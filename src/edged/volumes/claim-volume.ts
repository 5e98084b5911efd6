/** Volumes that a claim of the pod is bound to: folders of this machine, named by a persistent volume. */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/kinds.ts';
import { joinKey } from '../../api/object.ts';
import { builtIn } from '../../api/resources.ts';
import { claimNameOf } from '../../api/volumes/claim-name.ts';
import { identityOf } from '../pods/pod-view.ts';
import { giveToGroup } from './fs-group.ts';
import { checkHostPath } from './host-path.ts';
import { found, ownershipOf, type PreparedVolume, type VolumeTask } from './volume-context.ts';

const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const VOLUMES = builtIn('v1', 'persistentvolumes');

/** Also of claims that were made for the pod by a template. */
export async function prepareClaim(task: VolumeTask): Promise<PreparedVolume> {
  const { pod, volume, isKnown } = task;
  const { readOnly = false } = volume.persistentVolumeClaim ?? {};
  const { hostPath, local } = (await boundVolume(task)).spec ?? {};
  const path = hostPath?.path ?? local?.path ?? '';
  await checkHostPath(path, local === undefined ? (hostPath?.type ?? '') : 'Directory');
  const { gid } = ownershipOf(pod);
  // As kubelets have it: a path of the host belongs to the host.
  if (local !== undefined && gid !== undefined && !readOnly && !isKnown) {
    await giveToGroup(path, gid, pod.spec?.securityContext?.fsGroupChangePolicy ?? 'Always', task.signal);
  }
  return { hostPath: path, readOnly };
}

async function boundVolume(task: VolumeTask): Promise<PersistentVolume> {
  const { pod, volume, tools, signal } = task;
  const { namespace, name: podName, uid } = identityOf(pod);
  const claimName = claimNameOf(pod, volume) ?? '';
  const problem = `error processing PVC ${joinKey(namespace, claimName)}`;
  const claim = await found(`${problem}: persistentvolumeclaim "${claimName}" not found`, false, () =>
    tools.objects.get<PersistentVolumeClaim>(CLAIMS, namespace, claimName, signal),
  );
  if (volume.ephemeral !== undefined && claim?.metadata?.ownerReferences?.some((owner) => owner.uid === uid) !== true) {
    throw new Error(`${problem}: PVC was not created for pod ${joinKey(namespace, podName)} (pod is not owner)`);
  }
  const name = claim?.spec?.volumeName ?? '';
  if (name === '' || claim?.status?.phase !== 'Bound') throw new Error(`${problem}: PVC is not bound`);
  const bound = await found(`${problem}: persistentvolume "${name}" not found`, false, () =>
    tools.objects.get<PersistentVolume>(VOLUMES, undefined, name, signal),
  );
  const { claimRef, hostPath, local, volumeMode } = bound?.spec ?? {};
  if (bound === undefined || claimRef?.uid !== claim.metadata?.uid) {
    throw new Error(`${problem}: persistent volume ${name} is bound to another claim`);
  }
  if (hostPath === undefined && local === undefined) {
    throw new Error(`persistent volume ${name} is neither hostPath nor local: other storage is not supported`);
  }
  if (volumeMode === 'Block') {
    throw new Error(`volume ${volume.name} has volumeMode Block, which is not supported`);
  }
  return bound;
}
