/** The Node's status from facts. Pure; reasons and messages as kubelet's `pkg/kubelet/nodestatus/setters.go`. */
import type { NodeCondition, NodeStatus } from '../../api/kinds.ts';
import type { MachineFacts, NodeFacts, NodeImage, NodeSettings } from './node-facts.ts';

/** Kubelet's `nodeStatusMaxImages`, and the names it keeps of each image. */
const MAX_IMAGES = 50;
const MAX_IMAGE_NAMES = 5;

/** Kubelet's default hard eviction thresholds: they are what pods may not have, and what pressure means. */
export const MEMORY_RESERVE_BYTES = 100 * 1024 * 1024;
export const DISK_RESERVE_SHARE = 0.1;
const PID_RESERVE_SHARE = 0.05;

/** `previous` is what the API holds: a condition keeps its transition time while its status stays. `now` in ms. */
export function nodeStatus(
  facts: NodeFacts,
  settings: NodeSettings,
  previous: NodeStatus | undefined,
  now: number,
): NodeStatus {
  const { machine, runtime } = facts;
  const version = runtime.kind === 'up' ? runtime.version : runtimeVersionOf(previous);
  return {
    ...resources(machine, settings),
    conditions: conditions(facts, previous?.conditions ?? [], now),
    addresses: [
      { type: 'InternalIP', address: facts.address },
      { type: 'Hostname', address: settings.nodeName },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: settings.kubeletPort } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `docker://${version}`,
      kubeletVersion: settings.kubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: machine.architecture,
    },
    // While the engine is away its images are unknown, not gone.
    images: runtime.kind === 'up' ? imageList(runtime.images) : (previous?.images ?? []),
  };
}

/** The labels that kubelet gives its node, and the one by which KubeEdge knows an edge node. */
export function nodeLabels(machine: MachineFacts, nodeName: string): Record<string, string> {
  return {
    'beta.kubernetes.io/arch': machine.architecture,
    'beta.kubernetes.io/os': 'linux',
    'kubernetes.io/arch': machine.architecture,
    'kubernetes.io/hostname': nodeName,
    'kubernetes.io/os': 'linux',
    'node-role.kubernetes.io/edge': '',
  };
}

function resources(machine: MachineFacts, settings: NodeSettings): Pick<NodeStatus, 'allocatable' | 'capacity'> {
  const memory = settings.memoryCapacityBytes > 0 ? settings.memoryCapacityBytes : machine.memoryBytes;
  const hugePages = Object.entries(machine.hugePages);
  const hugePageBytes = hugePages.reduce((sum, [, bytes]) => sum + bytes, 0);
  const common = {
    cpu: String(machine.cpuCount),
    pods: String(settings.maxPods),
    ...Object.fromEntries(hugePages.map(([size, bytes]) => [`hugepages-${size}`, kibibytes(bytes)])),
  };
  return {
    capacity: { ...common, memory: kibibytes(memory), 'ephemeral-storage': kibibytes(machine.diskBytes) },
    allocatable: {
      ...common,
      memory: kibibytes(Math.max(0, memory - MEMORY_RESERVE_BYTES - hugePageBytes)),
      'ephemeral-storage': String(Math.floor(machine.diskBytes * (1 - DISK_RESERVE_SHARE))),
    },
  };
}

function kibibytes(bytes: number): string {
  return bytes === 0 ? '0' : `${Math.floor(bytes / 1024)}Ki`;
}

type Finding = Pick<NodeCondition, 'message' | 'reason' | 'status' | 'type'>;

function conditions(facts: NodeFacts, previous: readonly NodeCondition[], now: number): NodeCondition[] {
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
  return findings(facts).map((finding) => {
    const before = previous.find(({ type }) => type === finding.type);
    const since = before?.status === finding.status ? before.lastTransitionTime : undefined;
    return { ...finding, lastHeartbeatTime: time, lastTransitionTime: since ?? time };
  });
}

function findings({ machine, runtime }: NodeFacts): Finding[] {
  return [
    pressure('MemoryPressure', machine.memoryAvailableBytes < MEMORY_RESERVE_BYTES, {
      calm: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
      tight: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    }),
    pressure('DiskPressure', machine.diskAvailableBytes < machine.diskBytes * DISK_RESERVE_SHARE, {
      calm: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
      tight: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
    }),
    pressure('PIDPressure', machine.processes > machine.maxProcesses * (1 - PID_RESERVE_SHARE), {
      calm: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
      tight: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
    }),
    runtime.kind === 'up'
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: runtime.message },
  ];
}

type Wording = readonly [reason: string, message: string];

function pressure(type: string, tight: boolean, wording: { readonly calm: Wording; readonly tight: Wording }): Finding {
  const [reason, message] = tight ? wording.tight : wording.calm;
  return { type, status: tight ? 'True' : 'False', reason, message };
}

/** The largest first, as kubelet lists them. */
function imageList(images: readonly NodeImage[]): NonNullable<NodeStatus['images']> {
  return images
    .map(({ tags, digests, sizeBytes }) => ({ names: [...digests, ...tags].slice(0, MAX_IMAGE_NAMES), sizeBytes }))
    .filter(({ names }) => names.length > 0)
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.names[0] ?? '').localeCompare(b.names[0] ?? ''))
    .slice(0, MAX_IMAGES);
}

function runtimeVersionOf(previous: NodeStatus | undefined): string {
  return previous?.nodeInfo?.containerRuntimeVersion.replace(/^docker:\/\//, '') ?? 'Unknown';
}
