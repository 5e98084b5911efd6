import type { ResizableLimits } from '../runtime.ts';
import type { CrashRecord } from './crash-backoff.ts';
import type { PodObservation } from './observation.ts';
import type { PodAction, Target } from './pod-action.ts';

/** Why an action did not succeed, and when it is tried again. */
export interface Problem {
  readonly action: PodAction['kind'];
  /** As it stands in a container's waiting state: `ErrImagePull`, `CreateContainerConfigError`, … */
  readonly reason: string;
  readonly message: string;
  /** What to say instead once the failure is old news. */
  readonly backOff?: { readonly reason: string; readonly message: string };
  readonly since: number;
  readonly retryAt: number;
  /** How many times in a row. */
  readonly failures: number;
}

export interface ProbeVerdict {
  readonly started: boolean;
  readonly ready: boolean;
  /** Absent while alive; else why the container must be killed, and the probe's own grace period. */
  readonly fatal?: { readonly message: string; readonly graceSeconds?: number };
}

/** All that deciding about one pod rests on, besides its object and the time. */
export interface PodWorld {
  readonly observed: PodObservation;
  readonly volumes: 'unknown' | 'ready' | 'gone';
  /** When their content should be looked after again. */
  readonly renewVolumesAt: number;
  readonly problems: ReadonlyMap<Target, Problem>;
  /** By container name. */
  readonly crashes: ReadonlyMap<string, CrashRecord>;
  /** By container id. A container without an entry was not judged yet. */
  readonly probes: ReadonlyMap<string, ProbeVerdict>;
  readonly inFlight: ReadonlyMap<Target, PodAction>;
  /** Ids of ended containers whose back-off has been told in an event. */
  readonly announced: ReadonlySet<string>;
  /** By container id: what an ended container left to say. */
  readonly terminationMessages: ReadonlyMap<string, string>;
  /** When the pod was first seen here. */
  readonly startedAt: number;
  /** By container id: the limits that it was last given; an engine may not keep to them. */
  readonly resized: ReadonlyMap<string, ResizableLimits>;
  /** Why the node has ended the pod to get its memory back. */
  readonly evicted?: string | undefined;
  /** The API has been told that nothing is left. */
  readonly released: boolean;
  /** The pod is over and the disk is full: nothing of it is kept. */
  readonly discarded?: boolean;
  /** Ended containers that are kept of each, for `--previous` logs. */
  readonly maxDeadContainers: number;
}
