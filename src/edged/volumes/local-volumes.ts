/** Volumes that are folders of this machine: emptyDir, hostPath, and claims bound to such. */
import { chmod, chown, mkdir } from 'node:fs/promises';
import type * as models from '@kubernetes/client-node';
import type { Wire } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { parseQuantity, quantityValue } from '../../api/quantity.ts';
import { builtIn } from '../../api/resources.ts';
import { messageOf } from '../../base/errors.ts';
import { identityOf } from '../pods/pod-view.ts';
import { checkHostPath } from './host-path.ts';
import { mountsBelow, mountTmpfs } from './tmpfs.ts';
import { found, ownershipOf, type PreparedVolume, type VolumeTask } from './volume-context.ts';

const EMPTY_DIR_MODE = 0o777;
const SET_GID = 0o2000;
const CLAIMS = builtIn('v1', 'persistentvolumeclaims');
const VOLUMES = builtIn('v1', 'persistentvolumes');

type Claim = KubeObject & { spec?: Wire<models.V1PersistentVolumeClaimSpec>; status?: { phase?: string } };
type PersistentVolume = KubeObject & { spec?: Wire<models.V1PersistentVolumeSpec> };

export async function prepareEmptyDir(task: VolumeTask): Promise<PreparedVolume> {
  const { folder, volume, pod } = task;
  await mkdir(folder, { recursive: true });
  if (volume.emptyDir?.medium === 'Memory') await mountMemory(task, volume.emptyDir.sizeLimit);
  const { gid } = ownershipOf(pod);
  if (gid !== undefined) await chown(folder, 0, gid);
  await chmod(folder, gid === undefined ? EMPTY_DIR_MODE : EMPTY_DIR_MODE | SET_GID);
  return { hostPath: folder, readOnly: false };
}

export async function prepareHostPath({ volume }: VolumeTask): Promise<PreparedVolume> {
  const { path = '', type = '' } = volume.hostPath ?? {};
  await checkHostPath(path, type);
  return { hostPath: path, readOnly: false };
}

export async function prepareClaim(task: VolumeTask): Promise<PreparedVolume> {
  const { claimName = '', readOnly = false } = task.volume.persistentVolumeClaim ?? {};
  const { namespace } = identityOf(task.pod);
  const claim = await found(`persistentvolumeclaim "${claimName}" not found`, false, () =>
    task.tools.objects.get<Claim>(CLAIMS, namespace, claimName, task.signal),
  );
  const name = claim?.spec?.volumeName;
  if (name === undefined || name === '') throw new Error(`PVC ${namespace}/${claimName} is not bound yet`);
  const bound = await found(`persistentvolume "${name}" not found`, false, () =>
    task.tools.objects.get<PersistentVolume>(VOLUMES, undefined, name, task.signal),
  );
  const { hostPath, local } = bound?.spec ?? {};
  const path = hostPath?.path ?? local?.path;
  if (path === undefined) throw new Error(`persistent volume ${name} is neither hostPath nor local`);
  await checkHostPath(path, hostPath?.type ?? (local === undefined ? '' : 'Directory'));
  return { hostPath: path, readOnly };
}

async function mountMemory({ folder, tools }: VolumeTask, sizeLimit: string | undefined): Promise<void> {
  if ((await mountsBelow(folder)).length > 0) return;
  try {
    await mountTmpfs(folder, sizeLimit === undefined ? 0 : quantityValue(parseQuantity(sizeLimit)));
  } catch (error) {
    tools.logger.warn({ folder, why: messageOf(error) }, 'emptyDir in memory is not possible here: it is on disk');
  }
}
