/** What a container mounts: its volumes, and the files that the node gives to every container. */
import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Container, Pod } from '../../api/kinds.ts';
import { errorCode } from '../../base/errors.ts';
import { PodProblem } from '../pod-problem.ts';
import { expand } from '../pods/expand.ts';
import { identityOf } from '../pods/pod-view.ts';
import type { Mount } from '../runtime.ts';
import type { PodVolumes } from './pod-volumes.ts';

const PROPAGATIONS: Readonly<Record<string, Mount['propagation']>> = {
  HostToContainer: 'rslave',
  Bidirectional: 'rshared',
};

const PERMISSIONS = 0o7777;

/** `env` is what `subPathExpr` may name. Throws PodProblem. */
export async function volumeMounts(
  pod: Pod,
  container: Container,
  volumes: PodVolumes,
  env: ReadonlyMap<string, string>,
): Promise<Mount[]> {
  return Promise.all(
    (container.volumeMounts ?? []).map(async (mount) => {
      const volume = volumes.get(identityOf(pod).uid, mount.name);
      if (volume === undefined)
        throw configError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
      const subPath = mount.subPathExpr === undefined ? (mount.subPath ?? '') : expand(mount.subPathExpr, env);
      return {
        hostPath: subPath === '' ? volume.hostPath : await below(volume.hostPath, subPath, mount.name, container.name),
        containerPath: posix.resolve('/', mount.mountPath),
        readOnly: volume.readOnly || mount.readOnly === true,
        propagation: PROPAGATIONS[mount.mountPropagation ?? ''] ?? 'private',
      };
    }),
  );
}

/** The real path of a part of a volume, which may not lead out of it; folders are made where they are missing. */
async function below(volumePath: string, subPath: string, volume: string, container: string): Promise<string> {
  const problem = `failed to prepare subPath for volumeMount "${volume}" of container "${container}"`;
  if (subPath.split('/').includes('..')) throw configError(`${problem}: subPath must not contain ".."`);
  const root = await realpath(volumePath);
  let path = root;
  // Step by step: a link that a container has left must not lead to where folders are made.
  for (const segment of subPath.split('/').filter((each) => each !== '' && each !== '.')) {
    path = await realOrMade(join(path, segment), root);
    if (path !== root && !path.startsWith(join(root, '/'))) throw configError(`${problem}: it leads out of the volume`);
  }
  return path;
}

/** What is made is as open as the volume is. */
async function realOrMade(path: string, root: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(path);
    await chmod(path, (await stat(root)).mode & PERMISSIONS);
    return path;
  }
}

function configError(message: string): PodProblem {
  return new PodProblem('CreateContainerConfigError', message);
}
