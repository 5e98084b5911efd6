import type { Pod, PodCondition } from '../api/kinds.ts';

/** The strategic patch that says why the pod waits, and where room is made for it; nothing where it says so already. */
export function unschedulableStatus(pod: Pod, message: string, now: number, node?: string): object | undefined {
  const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const nominatedNodeName = node ?? pod.status?.nominatedNodeName;
  const isSaid = old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message;
  if (isSaid && nominatedNodeName === pod.status?.nominatedNodeName) return undefined;
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: old?.status === 'False' && old.lastTransitionTime !== undefined ? old.lastTransitionTime : time,
  };
  return {
    metadata: { uid: pod.metadata?.uid },
    status: { conditions: [condition], ...(node === undefined ? {} : { nominatedNodeName: node }) },
  };
}
