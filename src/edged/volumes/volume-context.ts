import type { Container, ConfigMap, Pod, Secret, Volume } from '../../api/kinds.ts';
import { builtIn } from '../../api/resources.ts';
import { hasReason } from '../../api/status-error.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ObjectSource } from '../object-source.ts';
import { allContainersOf, identityOf } from '../pods/pod-view.ts';
import type { Ownership } from './atomic-writer.ts';
import type { PodPlace } from './downward.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

/** A volume as containers can mount it. */
export interface PreparedVolume {
  readonly hostPath: string;
  /** Whatever the container asks for. */
  readonly readOnly: boolean;
  /** When its content should be looked after again; absent: it changes only with the objects it comes from. */
  readonly renewAt?: number;
}

export interface VolumeTools {
  readonly objects: ObjectSource;
  readonly tokens: ServiceAccountTokens;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One volume of one pod on its way to be prepared. */
export interface VolumeTask {
  readonly pod: Pod;
  readonly volume: Volume;
  /** The volume's own folder in the data directory. */
  readonly folder: string;
  readonly place: PodPlace;
  /** It was prepared before and is only looked after. */
  readonly isKnown: boolean;
  readonly tools: VolumeTools;
  readonly signal: AbortSignal;
}

const CONFIG_MAPS = builtIn('v1', 'configmaps');
const SECRETS = builtIn('v1', 'secrets');

export function readConfigMap(task: VolumeTask, name: string, optional: boolean): Promise<ConfigMap | undefined> {
  return found(`configmap "${name}" not found`, optional, () =>
    task.tools.objects.get<ConfigMap>(CONFIG_MAPS, identityOf(task.pod).namespace, name, task.signal),
  );
}

export function readSecret(task: VolumeTask, name: string, optional: boolean): Promise<Secret | undefined> {
  return found(`secret "${name}" not found`, optional, () =>
    task.tools.objects.get<Secret>(SECRETS, identityOf(task.pod).namespace, name, task.signal),
  );
}

/** Undefined for what is missing and may be; worded as kubelet where it may not. */
export async function found<T>(
  missing: string,
  optional: boolean,
  get: () => Promise<{ readonly object: T }>,
): Promise<T | undefined> {
  try {
    return (await get()).object;
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
    if (optional) return undefined;
    throw new Error(missing, { cause: error });
  }
}

/** Who may read files that come from the API. */
export function ownershipOf(pod: Pod): Ownership {
  return { gid: pod.spec?.securityContext?.fsGroup };
}

/** The one user that all containers run as, if there is one. */
export function commonUser(pod: Pod): number | undefined {
  const users = allContainersOf(pod).map(({ spec }) => userOf(pod, spec));
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}

function userOf(pod: Pod, container: Container): number | undefined {
  return container.securityContext?.runAsUser ?? pod.spec?.securityContext?.runAsUser;
}
