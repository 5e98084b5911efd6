import type { Node, NodeCondition, Pod, Taint } from '../../api/kinds.ts';
import { tolerates } from '../../api/taints.ts';
import type { Plan } from '../../client/index.ts';
import { isActive, isReady } from '../pods/pod-state.ts';
import { findCondition, withCondition } from '../runtime/conditions.ts';
import { timeOf, timestamp } from '../runtime/time.ts';
import { followsHealth, changedTaints } from './node-taints.ts';

/** `--node-monitor-grace-period`: so long a node may be silent. */
export const GRACE_MS = 40_000;
const JUDGED_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

export interface NodeState {
  readonly node: Node;
  readonly pods: readonly Pod[];
  /** When this process last saw a sign of life, by its own clock: it trusts no other. */
  readonly heardAt: number;
  /** Nothing that happened before counts: a site that was off is not a node that was silent. */
  readonly startedAt: number;
}

export type NodeAction =
  | { readonly kind: 'status'; readonly reason: string; readonly node: Node }
  | { readonly kind: 'taint'; readonly reason: string; readonly node: Node; readonly taints: readonly Taint[] }
  | { readonly kind: 'pod-not-ready'; readonly reason: string; readonly pod: Pod; readonly at: string }
  | { readonly kind: 'evict'; readonly reason: string; readonly pod: Pod; readonly at: string };

/** The health of a node and what follows from it (upstream `nodelifecycle` and `tainteviction`). */
export function planNode(state: NodeState, now: number): Plan<NodeAction> {
  const { node, pods, heardAt } = state;
  const silentInMs = heardAt + GRACE_MS - now;
  const judged = silentInMs > 0 ? node : silenced(node, now);
  if (judged !== node) {
    return { actions: [{ kind: 'status', reason: `not heard of for ${(now - heardAt) / 1000} s`, node: judged }] };
  }
  const taints = changedTaints(node, now);
  if (taints !== undefined) {
    return { actions: [{ kind: 'taint', reason: 'its conditions changed', node, taints }] };
  }
  const evictions = planEvictions(state, now);
  const ready = findCondition(node.status?.conditions, 'Ready')?.status;
  const marked = ready === undefined || ready === 'True' ? [] : pods.filter((pod) => isReady(pod) && isActive(pod));
  const at = timestamp(now);
  const marks = marked.map((pod): NodeAction => ({ kind: 'pod-not-ready', reason: 'its node is not', pod, at }));
  const waits = [silentInMs, evictions.nextInMs ?? 0].filter((ms) => ms > 0);
  return {
    actions: [...marks, ...evictions.actions],
    ...(waits.length === 0 ? {} : { recheckAfterMs: Math.min(...waits) }),
  };
}

/** What nobody posts any more is unknown; the same node where it is already. */
function silenced(node: Node, now: number): Node {
  const time = timestamp(now);
  let conditions: NodeCondition[] = node.status?.conditions ?? [];
  for (const type of JUDGED_CONDITIONS) {
    const old = findCondition(conditions, type);
    if (old?.status === 'Unknown') continue;
    conditions = withCondition(conditions, {
      type,
      status: 'Unknown',
      reason: old === undefined ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown',
      message: old === undefined ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.',
      lastHeartbeatTime: old?.lastHeartbeatTime ?? node.metadata?.creationTimestamp ?? time,
      lastTransitionTime: time,
    });
  }
  return conditions === node.status?.conditions ? node : { ...node, status: { ...node.status, conditions } };
}

function planEvictions(state: NodeState, now: number): { actions: NodeAction[]; nextInMs: number | undefined } {
  const taints = (state.node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  if (taints.length === 0) return { actions: [], nextInMs: undefined };
  const staying = state.pods.filter((pod) => isActive(pod));
  const due = staying.map((pod) => ({ pod, inMs: evictionAt(pod, taints, state.startedAt) - now }));
  const waits = due.map(({ inMs }) => inMs).filter((ms) => ms > 0 && Number.isFinite(ms));
  return {
    actions: due
      .filter(({ inMs }) => inMs <= 0)
      .map(({ pod }) => ({ kind: 'evict', reason: 'it does not tolerate its node', pod, at: timestamp(now) })),
    nextInMs: waits.length === 0 ? undefined : Math.min(...waits),
  };
}

/** When a pod has to go; infinite where it tolerates all. */
function evictionAt(pod: Pod, taints: readonly Taint[], startedAt: number): number {
  return Math.min(
    ...taints.map((taint) => {
      const since = Math.max(timeOf(taint.timeAdded) ?? startedAt, startedAt);
      const earliest = followsHealth(taint) ? startedAt + GRACE_MS : startedAt;
      const tolerations = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
      if (tolerations.length === 0) return Math.max(since, earliest);
      const seconds = tolerations.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
      if (seconds.length === 0) return Number.POSITIVE_INFINITY;
      return Math.max(since + Math.max(0, Math.min(...seconds)) * 1000, earliest);
    }),
  );
}
