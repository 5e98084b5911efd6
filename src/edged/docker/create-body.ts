/** Specifications as bodies of Docker's `POST /containers/create`. Pure. */
import type { ContainerCreateOptions, HostConfig, MountSettings } from 'dockerode';
import type { ContainerSpec, Mount, PortMapping, ResizableLimits, SandboxSpec, SecurityOptions } from '../runtime.ts';
import { commonLabels, LABELS, SANDBOX_NAME } from './labels.ts';

export type CreateBody = ContainerCreateOptions & { readonly HostConfig: HostConfig };

/** As kubelet protects its sandboxes. */
export const SANDBOX_OOM_SCORE_ADJ = -998;
/** The least share that the kernel takes. */
const SANDBOX_CPU_SHARES = 2;
const CPU_PERIOD_US = 100_000;

export interface BodyContext {
  readonly siteId: string;
  readonly network: string;
  readonly sandboxImage: string;
  readonly logMaxSize: string;
  readonly logMaxFiles: number;
  /** Some hosts refuse to protect a process from the OOM killer. */
  readonly negativeOomScores: boolean;
}

export function sandboxBody(spec: SandboxSpec, context: BodyContext): CreateBody {
  const onHost = spec.network === 'host';
  return {
    Image: context.sandboxImage,
    ...(onHost ? {} : { Hostname: spec.hostname }),
    Labels: commonLabels(context.siteId, 'podsandbox', SANDBOX_NAME, spec),
    ...(onHost ? {} : { ExposedPorts: Object.fromEntries(spec.ports.map((port) => [portKey(port), {}])) }),
    HostConfig: {
      NetworkMode: onHost ? 'host' : context.network,
      ...(onHost ? {} : { PortBindings: portBindings(spec.ports) }),
      IpcMode: spec.hostIpc ? 'host' : 'shareable',
      ...(spec.hostPid ? { PidMode: 'host' } : {}),
      ...(onHost ? { UTSMode: 'host' } : {}),
      Sysctls: { ...spec.sysctls },
      SecurityOpt: ['no-new-privileges'],
      CpuShares: SANDBOX_CPU_SHARES,
      ...oomScore(SANDBOX_OOM_SCORE_ADJ, context),
      ...cgroupParent(spec.cgroupParent),
      LogConfig: { Type: 'none', Config: {} },
    },
  };
}

export function containerBody(spec: ContainerSpec, context: BodyContext): CreateBody {
  const sandbox = `container:${spec.sandboxId}`;
  return {
    Image: spec.imageId,
    ...(spec.command.length > 0 ? { Entrypoint: [...spec.command] } : {}),
    ...(spec.args.length > 0 ? { Cmd: [...spec.args] } : {}),
    Env: [...spec.env],
    WorkingDir: spec.workingDir,
    User: spec.security.user,
    Tty: spec.tty,
    OpenStdin: spec.stdin,
    StdinOnce: spec.stdinOnce,
    // Kubernetes has its own probes; the image's health check would only cost.
    Healthcheck: { Test: ['NONE'] },
    Labels: {
      ...commonLabels(context.siteId, 'container', spec.name, spec),
      [LABELS.sandboxId]: spec.sandboxId,
      [LABELS.hash]: spec.hash,
      [LABELS.image]: spec.image,
    },
    HostConfig: {
      NetworkMode: sandbox,
      IpcMode: sandbox,
      ...pidMode(spec),
      Mounts: spec.mounts.map(bindMount),
      ...limitsBody(spec.limits),
      ...oomScore(spec.limits.oomScoreAdj, context),
      ...cgroupParent(spec.cgroupParent),
      ...security(spec.security),
      LogConfig: {
        Type: 'json-file',
        Config: { 'max-size': context.logMaxSize, 'max-file': String(context.logMaxFiles) },
      },
    },
  };
}

/** As they stand in the body of a creation and of an update. */
export function limitsBody({ cpuShares, cpuQuota, memoryBytes }: ResizableLimits): Partial<HostConfig> {
  return {
    CpuShares: cpuShares,
    ...(cpuQuota > 0 ? { CpuPeriod: CPU_PERIOD_US, CpuQuota: cpuQuota } : {}),
    // No swap beyond the memory limit, as kubelets run by default.
    ...(memoryBytes > 0 ? { Memory: memoryBytes, MemorySwap: memoryBytes } : {}),
  };
}

function oomScore(score: number, context: BodyContext): Partial<HostConfig> {
  return score < 0 && !context.negativeOomScores ? {} : { OomScoreAdj: score };
}

function cgroupParent(parent: string): Partial<HostConfig> {
  return parent === '' ? {} : { CgroupParent: parent };
}

function pidMode(spec: ContainerSpec): Partial<HostConfig> {
  if (spec.pid === 'own') return {};
  if (spec.pid === 'host') return { PidMode: 'host' };
  return { PidMode: `container:${spec.pid === 'sandbox' ? spec.sandboxId : spec.pid.containerId}` };
}

function security(options: SecurityOptions): Partial<HostConfig> {
  const { seccomp, apparmor } = options;
  const opts = [
    ...(seccomp === undefined ? [] : [`seccomp=${seccomp}`]),
    ...(apparmor === undefined ? [] : [`apparmor=${apparmor}`]),
    ...options.selinux.map((label) => `label=${label}`),
    ...(options.noNewPrivileges ? ['no-new-privileges'] : []),
  ];
  return {
    Privileged: options.privileged,
    ReadonlyRootfs: options.readOnlyRootFilesystem,
    CapAdd: [...options.addCapabilities],
    CapDrop: [...options.dropCapabilities],
    SecurityOpt: opts,
    GroupAdd: options.supplementalGroups.map(String),
    ...(options.unmaskedProc ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

/** A mount rather than a bind: a path may then hold a colon, and a missing source is an error. */
function bindMount(mount: Mount): MountSettings {
  return {
    Type: 'bind',
    Source: mount.hostPath,
    Target: mount.containerPath,
    ReadOnly: mount.readOnly,
    BindOptions: { Propagation: mount.propagation === 'private' ? 'rprivate' : mount.propagation },
  };
}

function portKey(port: PortMapping): string {
  return `${port.containerPort}/${port.protocol}`;
}

function portBindings(ports: readonly PortMapping[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of ports) {
    (bindings[portKey(port)] ??= []).push({ HostIp: port.hostIp, HostPort: String(port.hostPort) });
  }
  return bindings;
}
