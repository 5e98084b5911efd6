import type { Pod, PodCondition } from '../api/kinds.ts';

/** The strategic patch that says why the pod waits; nothing where it says so already. */
export function unschedulableStatus(pod: Pod, message: string, now: number): object | undefined {
  const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (old?.status === 'False' && old.reason === 'Unschedulable' && old.message === message) return undefined;
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason: 'Unschedulable',
    message,
    lastTransitionTime: old?.status === 'False' && old.lastTransitionTime !== undefined ? old.lastTransitionTime : time,
  };
  return { metadata: { uid: pod.metadata?.uid }, status: { conditions: [condition] } };
}
