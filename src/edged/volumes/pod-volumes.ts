import { rm } from 'node:fs/promises';
import type { Pod, Volume } from '../../api/kinds.ts';
import { messageOf } from '../../base/errors.ts';
import type { PodFolders } from '../pods/pod-folders.ts';
import { identityOf } from '../pods/pod-view.ts';
import { PodProblem } from '../pod-problem.ts';
import type { PodPlace } from './downward.ts';
import { prepareClaim } from './claim-volume.ts';
import { prepareEmptyDir, prepareHostPath } from './local-volumes.ts';
import { prepareConfigMap, prepareDownwardApi, prepareProjected, prepareSecret } from './projected.ts';
import { mountsBelow, unmount } from './tmpfs.ts';
import type { PreparedVolume, VolumeTask, VolumeTools } from './volume-context.ts';

const KINDS = {
  configMap: prepareConfigMap,
  secret: prepareSecret,
  downwardAPI: prepareDownwardApi,
  projected: prepareProjected,
  emptyDir: prepareEmptyDir,
  hostPath: prepareHostPath,
  persistentVolumeClaim: prepareClaim,
  ephemeral: prepareClaim,
} as const satisfies Partial<Record<keyof Volume, (task: VolumeTask) => Promise<PreparedVolume>>>;

type VolumeKind = keyof typeof KINDS;

/** The volumes of the pods of this node, in their folders of the data directory. */
export class PodVolumes {
  readonly #folders: PodFolders;
  readonly #tools: VolumeTools;
  readonly #prepared = new Map<string, ReadonlyMap<string, PreparedVolume>>();

  constructor(folders: PodFolders, tools: VolumeTools) {
    this.#folders = folders;
    this.#tools = tools;
  }

  /**
   * Makes all volumes of the pod ready, or brings their content up to date. Resolves to when to do so again; throws
   * PodProblem with the first volume that cannot be.
   */
  async prepare(pod: Pod, place: PodPlace, signal: AbortSignal): Promise<number | undefined> {
    const { uid } = identityOf(pod);
    const volumes = pod.spec?.volumes ?? [];
    const prepared = await Promise.all(
      volumes.map(async (volume): Promise<[string, PreparedVolume]> => {
        const folder = this.#folders.volume(uid, volume.name);
        const isKnown = this.get(uid, volume.name) !== undefined;
        return [volume.name, await prepareOne({ pod, volume, folder, place, isKnown, tools: this.#tools, signal })];
      }),
    );
    this.#prepared.set(uid, new Map(prepared));
    const times = prepared.flatMap(([, { renewAt }]) => (renewAt === undefined ? [] : [renewAt]));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Undefined for a volume that is not prepared. */
  get(podUid: string, volume: string): PreparedVolume | undefined {
    return this.#prepared.get(podUid)?.get(volume);
  }

  /** Takes the pod's folder away, after whatever is mounted in it. */
  async tearDown(podUid: string): Promise<void> {
    const folder = this.#folders.pod(podUid);
    for (const point of await mountsBelow(folder)) await unmount(point);
    await rm(folder, { recursive: true, force: true });
    this.#prepared.delete(podUid);
    this.#tools.tokens.forget(podUid);
  }
}

async function prepareOne(task: VolumeTask): Promise<PreparedVolume> {
  const { volume, signal } = task;
  const kind = (Object.keys(KINDS) as VolumeKind[]).find((name) => volume[name] !== undefined);
  try {
    if (kind !== undefined) return await KINDS[kind](task);
    throw new Error(`volume type ${Object.keys(volume).find((name) => name !== 'name') ?? 'none'} is not supported`);
  } catch (error) {
    signal.throwIfAborted();
    const text = `MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`;
    throw new PodProblem('FailedMount', text, { cause: error });
  }
}
