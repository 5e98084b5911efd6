import { equalJson } from '../api/json.ts';
import type { Namespace, Node, Pod } from '../api/kinds.ts';

/** Whether a node's change may make it fit for a pod: heartbeats do not. */
export function nodeChanged(before: Node | undefined, after: Node | undefined): boolean {
  return after !== undefined && !equalJson(ofNode(before), ofNode(after));
}

function ofNode(node: Node | undefined): unknown[] {
  const { taints, unschedulable } = node?.spec ?? {};
  return [taints ?? [], unschedulable ?? false, node?.metadata?.labels ?? {}, node?.status?.allocatable ?? {}];
}

/** Whether a pod's change may matter to a decision, about it or about others: its status (but for its end) does not. */
export function podChanged(before: Pod | undefined, after: Pod | undefined): boolean {
  return !equalJson(ofPod(before), ofPod(after));
}

function ofPod(pod: Pod | undefined): unknown[] {
  if (pod === undefined) return [];
  const finished = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
  return [pod.metadata?.uid, pod.metadata?.labels, pod.spec, finished];
}

/** Whether a term that selects namespaces may now select another set of them. */
export function labelsChanged(before: Namespace | undefined, after: Namespace | undefined): boolean {
  return !equalJson(before?.metadata?.labels ?? {}, after?.metadata?.labels ?? {});
}
