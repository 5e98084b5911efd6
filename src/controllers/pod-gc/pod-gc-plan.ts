import type { Pod } from '../../api/kinds.ts';
import type { Plan } from '../../client/index.ts';
import { isFinished } from '../pods/pod-state.ts';
import { byAge } from '../runtime/time.ts';

/** So long a node may be missing: it may only not have been seen yet, or register anew. */
export const QUARANTINE_MS = 40_000;
/** `--terminated-pod-gc-threshold` */
export const MAX_FINISHED = 12_500;

/** Pods in one of the three ways in which nobody looks after them any more. */
export type PodGcState =
  | { readonly kind: 'node'; readonly name: string; readonly missingSince: number; readonly pods: readonly Pod[] }
  /** Deleted before they had a node: no kubelet will confirm their end. */
  | { readonly kind: 'unscheduled'; readonly pods: readonly Pod[] }
  | { readonly kind: 'finished'; readonly pods: readonly Pod[] };

export type PodGcAction =
  | { readonly kind: 'remove'; readonly reason: string; readonly pod: Pod }
  | { readonly kind: 'remove-from-node'; readonly reason: string; readonly pod: Pod; readonly nodeName: string };

/** Upstream `pkg/controller/podgc`. */
export function planPodGc(state: PodGcState, now: number): Plan<PodGcAction> {
  if (state.kind === 'unscheduled') {
    return {
      actions: state.pods.map((pod) => ({ kind: 'remove', reason: 'it was deleted before it had a node', pod })),
    };
  }
  if (state.kind === 'finished') {
    const surplus = [...state.pods].sort(byAge).slice(0, Math.max(0, state.pods.length - MAX_FINISHED));
    return { actions: surplus.map((pod) => ({ kind: 'remove', reason: 'too many finished pods', pod })) };
  }
  const { name: nodeName, missingSince, pods } = state;
  const waitMs = missingSince + QUARANTINE_MS - now;
  if (pods.length > 0 && waitMs > 0) return { actions: [], recheckAfterMs: waitMs };
  const reason = `its node ${nodeName} is gone`;
  return { actions: pods.map((pod) => ({ kind: 'remove-from-node', reason, pod, nodeName })) };
}

/** Whether the pod needs to be marked as failed, so that its owner does not wait for a word from it. */
export function needsFailure(pod: Pod): boolean {
  return !isFinished(pod);
}
