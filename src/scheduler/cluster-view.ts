import type { Namespace, Node, Pod, PodDisruptionBudget } from '../api/kinds.ts';
import { amountsOf, podRequests, type ResourceAmounts } from '../api/pod-resources.ts';
import type { StorageView } from './volumes/storage-view.ts';

/** A node and what runs or is about to run on it. */
export interface NodeView {
  readonly node: Node;
  readonly pods: readonly Pod[];
  /** Pods that room was made for and that do not run yet. */
  readonly nominated: readonly Pod[];
  readonly requested: ResourceAmounts;
  readonly allocatable: ResourceAmounts;
}

/** The whole cluster at the moment of one decision. */
export interface ClusterView {
  readonly nodes: readonly NodeView[];
  readonly storage: StorageView;
  /** How many pods of which kind may go before their time. */
  readonly budgets: readonly PodDisruptionBudget[];
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

export function nodeView(node: Node, pods: readonly Pod[], nominated: readonly Pod[] = []): NodeView {
  const running = pods.filter(({ status }) => status?.phase !== 'Succeeded' && status?.phase !== 'Failed');
  const allocatable = amountsOf(node.status?.allocatable ?? node.status?.capacity);
  return { node, pods: running, nominated, requested: totalOf(running), allocatable };
}

/** The node with these pods instead of its own. */
export function withPods(view: NodeView, pods: readonly Pod[]): NodeView {
  return { ...view, pods, requested: totalOf(pods) };
}

/** The cluster in which the node is as `view` shows it. */
export function replacing(cluster: ClusterView, view: NodeView): ClusterView {
  return { ...cluster, nodes: cluster.nodes.map((each) => (each.node === view.node ? view : each)) };
}

export function priorityOf({ spec }: Pod): number {
  return spec?.priority ?? 0;
}

export function namespaceLabels(namespace: Namespace | undefined): Readonly<Record<string, string>> {
  return namespace?.metadata?.labels ?? {};
}

function totalOf(pods: readonly Pod[]): ResourceAmounts {
  const total = new Map<string, number>();
  for (const pod of pods) {
    for (const [name, amount] of requests(pod)) total.set(name, (total.get(name) ?? 0) + amount);
  }
  return total;
}
