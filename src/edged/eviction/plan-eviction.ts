/** Which pod has to go when the node runs out of memory: kubelet's `pkg/kubelet/eviction`. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { formatQuantity, parseQuantity, quantityValue } from '../../api/quantity.ts';
import { isTerminal } from '../pods/pod-view.ts';
import type { ContainerUsage } from '../server/ports.ts';

export interface Eviction {
  readonly podUid: string;
  /** As it stands in the pod's status and event. */
  readonly message: string;
}

export interface MemoryState {
  readonly availableBytes: number;
  readonly thresholdBytes: number;
}

/** `system-cluster-critical` and above: the node is worth nothing without them. */
const CRITICAL_PRIORITY = 2_000_000_000;
const NANOS = 1_000_000_000n;

interface Candidate {
  readonly pod: Pod;
  readonly usedBytes: number;
  readonly requestedBytes: number;
  readonly containers: readonly ContainerUsage[];
}

/** Those first that use more than they asked for, then the less important, then those that exceed it the most. */
export function planEviction(
  pods: readonly Pod[],
  usages: readonly ContainerUsage[],
  memory: MemoryState,
): Eviction | undefined {
  if (memory.availableBytes >= memory.thresholdBytes) return undefined;
  const [first] = pods
    .filter(mayGo)
    .map((pod) => candidateOf(pod, usages))
    .filter(({ usedBytes }) => usedBytes > 0)
    .sort(byRank);
  if (first === undefined) return undefined;
  return { podUid: first.pod.metadata?.uid ?? '', message: messageOf(first, memory) };
}

function mayGo({ metadata, spec, status }: Pod): boolean {
  const isGoing = metadata?.deletionTimestamp !== undefined || isTerminal(status?.phase);
  return !isGoing && (spec?.priority ?? 0) < CRITICAL_PRIORITY;
}

function candidateOf(pod: Pod, usages: readonly ContainerUsage[]): Candidate {
  const containers = usages.filter(({ podUid }) => podUid === pod.metadata?.uid);
  return {
    pod,
    containers,
    usedBytes: containers.reduce((sum, { memory }) => sum + memory.workingSetBytes, 0),
    requestedBytes: (pod.spec?.containers ?? []).reduce((sum, { name }) => sum + requestOf(pod, name), 0),
  };
}

function byRank(one: Candidate, other: Candidate): number {
  return (
    Number(exceeds(other)) - Number(exceeds(one)) ||
    (one.pod.spec?.priority ?? 0) - (other.pod.spec?.priority ?? 0) ||
    other.usedBytes - other.requestedBytes - (one.usedBytes - one.requestedBytes)
  );
}

function exceeds({ usedBytes, requestedBytes }: Candidate): boolean {
  return usedBytes > requestedBytes;
}

function requestOf({ spec }: Pod, container: string): number {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const request = all.find(({ name }) => name === container)?.resources?.requests?.['memory'];
  return request === undefined ? 0 : quantityValue(parseQuantity(request));
}

function messageOf({ pod, containers }: Candidate, { availableBytes, thresholdBytes }: MemoryState): string {
  const quantities = `Threshold quantity: ${text(thresholdBytes)}, available: ${text(availableBytes)}. `;
  const blamed = containers
    .filter(({ container, memory }) => container !== '' && memory.workingSetBytes > requestOf(pod, container))
    .map(({ container, memory }) => {
      const amounts = `was using ${text(memory.workingSetBytes)}, request is ${text(requestOf(pod, container))}`;
      return `Container ${container} ${amounts}, has larger consumption of memory. `;
    });
  return `The node was low on resource: memory. ${quantities}${blamed.join('')}`;
}

function text(bytes: number): string {
  return formatQuantity({ nanos: BigInt(bytes) * NANOS, format: 'BinarySI' });
}
