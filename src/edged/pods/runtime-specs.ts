/** A pod and its containers as the runtime takes them. Pure. */
import type { Container, Pod } from '../../api/kinds.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from '../../api/quantity.ts';
import type {
  ContainerSpec,
  ImageDetails,
  Mount,
  PortMapping,
  ResizableLimits,
  SandboxSpec,
  SecurityOptions,
} from '../runtime.ts';
import { containerHash } from './container-hash.ts';
import { hostnameOf } from './dns-config.ts';
import { expand } from './expand.ts';
import { appContainersOf, graceSecondsOf, identityOf, initContainersOf, type PodContainer } from './pod-view.ts';
import { oomScoreAdjOf } from './qos-class.ts';

const SHARES_PER_CORE = 1024;
const MIN_SHARES = 2;
/** Microseconds of each 100 ms that a thousandth of a core gives. */
const QUOTA_PER_MILLI = 100;
const MIN_QUOTA_US = 1000;

export function sandboxSpecOf(pod: Pod, attempt: number): SandboxSpec {
  const { hostNetwork = false, hostPID = false, hostIPC = false, securityContext } = pod.spec ?? {};
  return {
    pod: identityOf(pod),
    attempt,
    graceSeconds: graceSecondsOf(pod),
    hostname: hostnameOf(pod),
    network: hostNetwork ? 'host' : 'pod',
    ports: hostNetwork ? [] : hostPortsOf(pod),
    hostPid: hostPID,
    hostIpc: hostIPC,
    sysctls: Object.fromEntries((securityContext?.sysctls ?? []).map(({ name, value }) => [name, value])),
    cgroupParent: '',
  };
}

export interface ContainerParts {
  readonly pod: Pod;
  readonly container: PodContainer;
  readonly attempt: number;
  readonly sandboxId: string;
  readonly image: ImageDetails;
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly security: SecurityOptions;
  readonly memoryCapacityBytes: number;
  /** Of an ephemeral container: the container whose processes it sees. */
  readonly targetId?: string | undefined;
}

export function containerSpecOf(parts: ContainerParts): ContainerSpec {
  const { pod, container, env } = parts;
  const { spec } = container;
  return {
    pod: identityOf(pod),
    name: container.name,
    attempt: parts.attempt,
    graceSeconds: graceSecondsOf(pod),
    hash: containerHash(spec),
    sandboxId: parts.sandboxId,
    image: spec.image ?? '',
    imageId: parts.image.id,
    command: (spec.command ?? []).map((word) => expand(word, env)),
    args: (spec.args ?? []).map((word) => expand(word, env)),
    env: [...env].map(([name, value]) => `${name}=${value}`),
    workingDir: spec.workingDir ?? '',
    mounts: parts.mounts,
    limits: { ...limitsOf(spec), oomScoreAdj: oomScoreAdjOf(pod, spec, parts.memoryCapacityBytes) },
    security: parts.security,
    pid: pidOf(parts),
    cgroupParent: '',
    tty: spec.tty === true,
    stdin: spec.stdin === true,
    stdinOnce: spec.stdinOnce === true,
  };
}

function pidOf({ pod, targetId }: ContainerParts): ContainerSpec['pid'] {
  if (pod.spec?.hostPID === true) return 'host';
  if (targetId !== undefined) return { containerId: targetId };
  return pod.spec?.shareProcessNamespace === true ? 'sandbox' : 'own';
}

export function limitsOf(container: Container): ResizableLimits {
  const { limits = {}, requests = {} } = container.resources ?? {};
  const request = requests['cpu'] ?? limits['cpu'];
  const limit = milli(limits['cpu']);
  const memory = limits['memory'];
  return {
    cpuShares: Math.max(MIN_SHARES, Math.floor((milli(request) * SHARES_PER_CORE) / 1000)),
    cpuQuota: limit === 0 ? 0 : Math.max(MIN_QUOTA_US, limit * QUOTA_PER_MILLI),
    memoryBytes: memory === undefined ? 0 : quantityValue(parseQuantity(memory)),
  };
}

function milli(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityMilliValue(parseQuantity(quantity));
}

function hostPortsOf(pod: Pod): PortMapping[] {
  const ports = [...appContainersOf(pod), ...initContainersOf(pod)].flatMap(({ spec }) => spec.ports ?? []);
  return ports.flatMap(({ hostPort = 0, hostIP = '', containerPort, protocol = 'TCP' }) =>
    hostPort === 0
      ? []
      : [{ hostIp: hostIP, hostPort, containerPort, protocol: protocol.toLowerCase() as PortMapping['protocol'] }],
  );
}
