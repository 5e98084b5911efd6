/**
 * What edged asks of a container engine. Times are milliseconds since the epoch. Every method rejects with RuntimeError;
 * everything that is made bears the site's mark, and nothing without it is seen.
 */

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export type RuntimeErrorReason =
  /** Nobody answers at the engine's address. */
  | 'Unavailable'
  | 'NotFound'
  /** The name is taken, or the object is in a state that forbids it. */
  | 'Conflict'
  /** The engine refuses what was asked. */
  | 'Refused'
  | 'DeadlineExceeded';

export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly reason: RuntimeErrorReason;

  constructor(reason: RuntimeErrorReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
  }
}

export function isRuntimeError(error: unknown, reason: RuntimeErrorReason): boolean {
  return error instanceof RuntimeError && error.reason === reason;
}

export interface RuntimeVersion {
  /** `docker` */
  readonly name: string;
  /** `20.10.24` */
  readonly version: string;
  readonly architecture: string;
}

/** The life of a container: made, at work, at an end. */
export type ObservedState =
  | { readonly kind: 'created' }
  | { readonly kind: 'running'; readonly startedAt: number }
  | {
      readonly kind: 'exited';
      /** Absent where it never came to run. */
      readonly startedAt?: number;
      readonly finishedAt: number;
      readonly exitCode: number;
      readonly oomKilled: boolean;
      /** What the engine says of a start that failed; else empty. */
      readonly error: string;
    };

interface Observed {
  readonly id: string;
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly createdAt: number;
  readonly state: ObservedState;
  /** Grace period in seconds that the pod had: all that is known of it once its object is gone. */
  readonly graceSeconds: number;
}

export interface ObservedSandbox extends Observed {
  readonly kind: 'sandbox';
  /** Empty on the host's network and when not running. */
  readonly ips: readonly string[];
}

export interface ObservedContainer extends Observed {
  readonly kind: 'container';
  readonly name: string;
  readonly sandboxId: string;
  /** Of the specification that it was made from. */
  readonly hash: string;
  /** As the pod names it. */
  readonly image: string;
  /** `sha256:…` */
  readonly imageId: string;
  /** As the engine holds them now. */
  readonly limits: ResizableLimits;
}

export type ObservedObject = ObservedSandbox | ObservedContainer;

export interface PortMapping {
  /** Empty: all addresses. */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
}

export interface SandboxSpec {
  readonly pod: PodIdentity;
  readonly attempt: number;
  readonly graceSeconds: number;
  readonly hostname: string;
  readonly network: 'host' | 'pod';
  /** Meaningful on the pod network. */
  readonly ports: readonly PortMapping[];
  readonly hostPid: boolean;
  readonly hostIpc: boolean;
  readonly sysctls: Readonly<Record<string, string>>;
  /** Empty: the engine's own. */
  readonly cgroupParent: string;
}

export interface Mount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly: boolean;
  readonly propagation: 'private' | 'rslave' | 'rshared';
}

/** What may change while a container runs. */
export type ResizableLimits = Pick<ResourceLimits, 'cpuShares' | 'cpuQuota' | 'memoryBytes'>;

export interface ResourceLimits {
  readonly cpuShares: number;
  /** Microseconds for each 100 ms period; 0: no limit. */
  readonly cpuQuota: number;
  /** 0: no limit. */
  readonly memoryBytes: number;
  readonly oomScoreAdj: number;
}

export interface SecurityOptions {
  readonly privileged: boolean;
  readonly readOnlyRootFilesystem: boolean;
  readonly addCapabilities: readonly string[];
  readonly dropCapabilities: readonly string[];
  /** `unconfined`, or a profile as JSON; absent: the engine's default. */
  readonly seccomp?: string;
  readonly apparmor?: string;
  readonly selinux: readonly string[];
  readonly noNewPrivileges: boolean;
  /** `uid[:gid]`; empty: as the image says. */
  readonly user: string;
  readonly supplementalGroups: readonly number[];
  /** `/proc` without masks. */
  readonly unmaskedProc: boolean;
}

export interface ContainerSpec {
  readonly pod: PodIdentity;
  readonly name: string;
  readonly attempt: number;
  readonly graceSeconds: number;
  readonly hash: string;
  readonly sandboxId: string;
  /** As the pod names it, and as the engine holds it. */
  readonly image: string;
  readonly imageId: string;
  /** Replaces the image's entry point where not empty. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Empty: as the image says. */
  readonly workingDir: string;
  readonly mounts: readonly Mount[];
  readonly limits: ResourceLimits;
  readonly security: SecurityOptions;
  readonly pid: 'own' | 'sandbox' | 'host' | { readonly containerId: string };
  readonly cgroupParent: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
}

export interface RuntimeImage {
  /** `sha256:…` */
  readonly id: string;
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly sizeBytes: number;
}

/** What the image itself says of its process. */
export interface ImageDetails extends RuntimeImage {
  /** `uid[:gid]` or names; empty: root. */
  readonly user: string;
}

export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
  readonly registryToken?: string;
  readonly serverAddress: string;
}

/** The bridge that the site's pods are on. */
export interface PodNetwork {
  readonly name: string;
  /** `172.18.0.0/16` */
  readonly subnet: string;
  readonly gateway: string;
}

/** Something happened to a pod's containers: look again. Never the truth itself. */
export interface RuntimeEvent {
  readonly podUid: string;
  readonly containerId: string;
  /** `start`, `die`, `oom`, `destroy`, …: the engine's own word, for log lines. */
  readonly action: string;
}

export interface ExecResult {
  readonly exitCode: number;
  /** Both outputs, in order, at most `MAX_EXEC_OUTPUT_BYTES`. */
  readonly output: string;
}

export const MAX_EXEC_OUTPUT_BYTES = 10 * 1024;

/** The verbs. Sandboxes and containers are told apart by what they are; ids are the engine's. */
export interface ContainerRuntime {
  version(signal: AbortSignal): Promise<RuntimeVersion>;
  /** Makes ready what all pods of the site need: network and sandbox image. May be called again at any time. */
  prepare(signal: AbortSignal): Promise<PodNetwork>;
  /** All sandboxes and containers of the site, or of one pod, newest first. */
  list(podUid: string | undefined, signal: AbortSignal): Promise<readonly ObservedObject[]>;
  /** What happens after it has resolved is told. The stream ends with the connection. */
  events(signal: AbortSignal): Promise<AsyncIterable<RuntimeEvent>>;

  /** Makes and starts it. A sandbox that cannot start is taken away again. */
  runSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<ObservedSandbox>;
  createContainer(spec: ContainerSpec, signal: AbortSignal): Promise<string>;
  startContainer(id: string, signal: AbortSignal): Promise<void>;
  /** Gives a running container other limits. One that it has cannot be taken away, only changed. */
  resize(id: string, limits: ResizableLimits, signal: AbortSignal): Promise<void>;
  /** Asks with the stop signal, insists after the grace. Succeeds where it has ended or is gone. */
  stop(id: string, graceSeconds: number, signal: AbortSignal): Promise<void>;
  /** Takes away what has ended, its log with it. Succeeds where it is gone. */
  remove(id: string, signal: AbortSignal): Promise<void>;
  /** Runs a command inside; DeadlineExceeded after `timeoutMs`. */
  exec(id: string, command: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<ExecResult>;
  /** The last lines of both outputs. */
  logTail(id: string, lines: number, maxBytes: number, signal: AbortSignal): Promise<string>;

  images(signal: AbortSignal): Promise<readonly RuntimeImage[]>;
  /** What each running or ended container has written beside its image. */
  written(signal: AbortSignal): Promise<readonly { podUid: string; container: string; bytes: number }[]>;
  /** Of the file system that holds the images. */
  disk(signal: AbortSignal): Promise<{ readonly totalBytes: number; readonly usedBytes: number }>;
  /** Undefined where the engine does not hold it. */
  image(reference: string, signal: AbortSignal): Promise<ImageDetails | undefined>;
  pullImage(reference: string, auth: RegistryAuth | undefined, signal: AbortSignal): Promise<void>;
  removeImage(id: string, signal: AbortSignal): Promise<void>;
}
