/** Why a pod runs nowhere, worded as upstream's `FitError` (`framework/types.go`). Pure. */

export const HELPLESS = 'Preemption is not helpful for scheduling';
export const NO_VICTIMS = 'No preemption victims found for incoming pod';

/** `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`; one list of reasons for each node. */
export function unavailable(reasons: readonly (readonly string[])[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const tally = [...counts].map(([reason, count]) => `${count} ${reason}`).sort();
  return `0/${reasons.length} nodes are available: ${tally.join(', ')}.`;
}

/** Of a pod that fits nowhere, whatever the node. */
export function unavailableAtAll(nodes: number, why: string): string {
  return `0/${nodes} nodes are available: ${why}. preemption: ${unavailable(Array.from({ length: nodes }, () => [HELPLESS]))}`;
}
