import type { Namespace, Node, Pod } from '../api/kinds.ts';
import { amountsOf, podRequests, type ResourceAmounts } from '../api/pod-resources.ts';

/** A node and what runs or is about to run on it. */
export interface NodeView {
  readonly node: Node;
  readonly pods: readonly Pod[];
  readonly requested: ResourceAmounts;
  readonly allocatable: ResourceAmounts;
}

/** The whole cluster at the moment of one decision. */
export interface ClusterView {
  readonly nodes: readonly NodeView[];
  /** Labels of a namespace, for affinity terms that select namespaces. */
  namespaceLabels(name: string): Readonly<Record<string, string>>;
}

/** Pods are never changed in place, so what each asks for is computed once. */
const requestsOf = new WeakMap<Pod, ResourceAmounts>();

export function requests(pod: Pod): ResourceAmounts {
  let amounts = requestsOf.get(pod);
  if (amounts === undefined) {
    amounts = podRequests(pod);
    requestsOf.set(pod, amounts);
  }
  return amounts;
}

export function nodeView(node: Node, pods: readonly Pod[]): NodeView {
  const running = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const requested = new Map<string, number>();
  for (const pod of running) {
    for (const [name, amount] of requests(pod)) requested.set(name, (requested.get(name) ?? 0) + amount);
  }
  return { node, pods: running, requested, allocatable: amountsOf(node.status?.allocatable ?? node.status?.capacity) };
}

export function namespaceLabels(namespace: Namespace | undefined): Readonly<Record<string, string>> {
  return namespace?.metadata?.labels ?? {};
}
