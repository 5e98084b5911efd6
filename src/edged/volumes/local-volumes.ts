/** Volumes that are folders of this machine by themselves: emptyDir and hostPath. */
import { chmod, chown, mkdir } from 'node:fs/promises';
import { parseQuantity, quantityValue } from '../../api/quantity.ts';
import { messageOf } from '../../base/errors.ts';
import { checkHostPath } from './host-path.ts';
import { mountsBelow, mountTmpfs } from './tmpfs.ts';
import { ownershipOf, type PreparedVolume, type VolumeTask } from './volume-context.ts';

const EMPTY_DIR_MODE = 0o777;
const SET_GID = 0o2000;

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

async function mountMemory({ folder, tools }: VolumeTask, sizeLimit: string | undefined): Promise<void> {
  if ((await mountsBelow(folder)).length > 0) return;
  try {
    await mountTmpfs(folder, sizeLimit === undefined ? 0 : quantityValue(parseQuantity(sizeLimit)));
  } catch (error) {
    tools.logger.warn({ folder, why: messageOf(error) }, 'emptyDir in memory is not possible here: it is on disk');
  }
}
