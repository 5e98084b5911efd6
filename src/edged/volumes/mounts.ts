/** What a container mounts: its volumes, and the files that the node gives to every container. */
import { mkdir, realpath } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
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

/** The real path of a part of a volume, which may not lead out of it; made as a folder where it is missing. */
async function below(volumePath: string, subPath: string, volume: string, container: string): Promise<string> {
  const problem = `failed to prepare subPath for volumeMount "${volume}" of container "${container}"`;
  const path = resolve(volumePath, subPath);
  if (subPath.split('/').includes('..')) throw configError(`${problem}: subPath must not contain ".."`);
  const root = await realpath(volumePath);
  const real = await realOrMade(path);
  if (real !== root && !real.startsWith(join(root, '/'))) throw configError(`${problem}: it leads out of the volume`);
  return real;
}

async function realOrMade(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    await mkdir(path, { recursive: true });
    return realpath(path);
  }
}

function configError(message: string): PodProblem {
  return new PodProblem('CreateContainerConfigError', message);
}
