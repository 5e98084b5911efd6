import type { Service } from '../../api/kinds.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubeClient } from '../../client/index.ts';
import type { PodImages } from '../images/pod-images.ts';
import type { ObjectSource } from '../object-source.ts';
import type { ContainerRuntime, PodNetwork } from '../runtime.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { ClusterDns } from './dns-config.ts';
import type { LifecycleHooks } from './lifecycle-hooks.ts';
import type { PodEvents } from './pod-events.ts';
import type { PodFolders } from './pod-folders.ts';
import type { ApiAddress } from './service-env.ts';
import type { StatusPublisher } from './status-publisher.ts';

export interface PodSettings {
  readonly dns: ClusterDns;
  /** Where pods reach the API. */
  readonly api: ApiAddress;
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly maxDeadContainers: number;
}

/** What the workers of all pods share. */
export interface PodTools {
  readonly settings: PodSettings;
  readonly runtime: ContainerRuntime;
  readonly images: PodImages;
  readonly volumes: PodVolumes;
  readonly folders: PodFolders;
  readonly hooks: LifecycleHooks;
  readonly events: PodEvents;
  readonly statuses: StatusPublisher;
  readonly client: KubeClient;
  readonly objects: ObjectSource;
  /** Of a namespace. */
  readonly services: (namespace: string) => readonly Service[];
  /** The node's addresses, the main one first. */
  readonly hostIps: () => readonly string[];
  /** Told of the pods' network whenever it has been found or made. */
  readonly onPodNetwork: (network: PodNetwork) => void;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
}
