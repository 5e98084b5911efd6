/** Which pod has to go when the node runs short of something: kubelet's `pkg/kubelet/eviction`. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { formatQuantity, parseQuantity, quantityValue } from '../../api/quantity.ts';
import { isTerminal } from '../pods/pod-view.ts';

export interface Eviction {
  readonly podUid: string;
  /** As it stands in the pod's status and event. */
  readonly message: string;
}

export interface Shortage {
  /** As containers request it. */
  readonly resource: 'memory' | 'ephemeral-storage';
  readonly availableBytes: number;
  readonly thresholdBytes: number;
}

/** What a container uses, or its pod beside its containers. */
export interface Share {
  readonly podUid: string;
  /** Empty for the pod's own. */
  readonly container: string;
  readonly bytes: number;
}

/** `system-cluster-critical` and above: the node is worth nothing without them. */
const CRITICAL_PRIORITY = 2_000_000_000;
const NANOS = 1_000_000_000n;

interface Candidate {
  readonly pod: Pod;
  readonly usedBytes: number;
  readonly requestedBytes: number;
  readonly shares: readonly Share[];
}

/** Those first that use more than they asked for, then the less important, then those that exceed it the most. */
export function planEviction(pods: readonly Pod[], shares: readonly Share[], shortage: Shortage): Eviction | undefined {
  const [first] = pods
    .filter(mayGo)
    .map((pod) => candidateOf(pod, shares, shortage))
    .filter(({ usedBytes }) => usedBytes > 0)
    .sort(byRank);
  if (first === undefined) return undefined;
  return { podUid: first.pod.metadata?.uid ?? '', message: messageOf(first, shortage) };
}

function mayGo({ metadata, spec, status }: Pod): boolean {
  const isGoing = metadata?.deletionTimestamp !== undefined || isTerminal(status?.phase);
  return !isGoing && (spec?.priority ?? 0) < CRITICAL_PRIORITY;
}

function candidateOf(pod: Pod, all: readonly Share[], { resource }: Shortage): Candidate {
  const shares = all.filter(({ podUid }) => podUid === pod.metadata?.uid);
  return {
    pod,
    shares,
    usedBytes: shares.reduce((sum, { bytes }) => sum + bytes, 0),
    requestedBytes: (pod.spec?.containers ?? []).reduce((sum, { name }) => sum + requestOf(pod, name, resource), 0),
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

function requestOf({ spec }: Pod, container: string, resource: Shortage['resource']): number {
  const all = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const request = all.find(({ name }) => name === container)?.resources?.requests?.[resource];
  return request === undefined ? 0 : quantityValue(parseQuantity(request));
}

function messageOf({ pod, shares }: Candidate, { resource, availableBytes, thresholdBytes }: Shortage): string {
  const quantities = `Threshold quantity: ${text(thresholdBytes)}, available: ${text(availableBytes)}. `;
  const blamed = shares
    .filter(({ container, bytes }) => container !== '' && bytes > requestOf(pod, container, resource))
    .map(({ container, bytes }) => {
      const amounts = `was using ${text(bytes)}, request is ${text(requestOf(pod, container, resource))}`;
      return `Container ${container} ${amounts}, has larger consumption of ${resource}. `;
    });
  return `The node was low on resource: ${resource}. ${quantities}${blamed.join('')}`;
}

function text(bytes: number): string {
  return formatQuantity({ nanos: BigInt(Math.round(bytes)) * NANOS, format: 'BinarySI' });
}
