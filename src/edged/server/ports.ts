/** What the kubelet server asks of the rest of edged. */
import type { Duplex, Readable, Writable } from 'node:stream';
import type { Pod } from '../../api/kinds.ts';
import type { HttpAnswer } from '../../http/index.ts';

/** The pods of this node, each with the status that edged holds now (also what the API has not been told yet). */
export interface PodSource {
  list(): readonly Pod[];
  get(namespace: string, name: string): Pod | undefined;
}

/** Pages of other parts of the site, which the API server's proxy to this node reaches. Read only. */
export interface FurtherPages {
  /** Nothing where there is no such page. Throws StatusError. */
  page(path: string, query: URLSearchParams): HttpAnswer | undefined;
  /** In the text format of Prometheus, for `/metrics`. */
  metrics(): string;
}

export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Absent: all lines. */
  readonly tailLines?: number;
  /** Milliseconds since the epoch. */
  readonly since?: number;
  readonly limitBytes?: number;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
}

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}

/** The ends of a process as the client sees them: only those that it asked for are there. */
export interface ProcessStreams {
  readonly stdin?: Readable;
  readonly stdout?: Writable;
  /** Never with a terminal: that has one output. */
  readonly stderr?: Writable;
  readonly tty: boolean;
  /** Ends with the session. */
  readonly resizes: AsyncIterable<TerminalSize>;
}

/** The runtime's side. Container ids are those of the pod's status without their `docker://`. */
export interface ContainerStreams {
  /** Runs a command beside the container's own; resolves to its exit code once all output is written. */
  exec(containerId: string, command: readonly string[], streams: ProcessStreams, signal: AbortSignal): Promise<number>;
  /** Joins the container's main process; resolves when that ends or the client leaves. */
  attach(containerId: string, streams: ProcessStreams, signal: AbortSignal): Promise<void>;
  /** With `follow` it ends when the container does. */
  logs(containerId: string, query: LogQuery, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** A connection to `port` on the loopback of the pod's network; half-closing works both ways. */
  connect(pod: Pod, port: number, signal: AbortSignal): Promise<Duplex>;
}

export interface CpuUsage {
  /** Milliseconds since the epoch at which it was read. */
  readonly time: number;
  /** Total since the start, in core-nanoseconds. */
  readonly usageCoreNanoSeconds: number;
  /** The rate over the last sample, in nano cores; absent before there are two samples. */
  readonly usageNanoCores?: number;
}

export interface MemoryUsage {
  readonly time: number;
  readonly usageBytes: number;
  /** Usage less the pages that could be dropped at once. */
  readonly workingSetBytes: number;
  readonly rssBytes?: number;
  readonly availableBytes?: number;
}

export interface Usage {
  readonly cpu: CpuUsage;
  readonly memory: MemoryUsage;
}

export interface ContainerUsage extends Usage {
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUid: string;
  /** Empty for the sandbox. */
  readonly container: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface UsageSource {
  node(signal: AbortSignal): Promise<Usage>;
  containers(signal: AbortSignal): Promise<readonly ContainerUsage[]>;
}

/** A volume of a pod and what it holds. */
export interface VolumeUsage {
  readonly name: string;
  /** Where it is a claim's. */
  readonly pvcRef?: { readonly namespace: string; readonly name: string };
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly usedBytes: number;
  readonly inodesUsed: number;
  /** Of the file system that it is on. */
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

export interface VolumeUsageSource {
  /** What is known of those that have been measured. */
  of(pod: Pod): readonly VolumeUsage[];
}
