/** What to do about the Node object. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Node, NodeStatus } from '../../api/kinds.ts';
import { nodeLabels, nodeStatus } from './node-status.ts';
import type { NodeFacts, NodeSettings } from './node-facts.ts';

/** Without a change the status is reported this often, as kubelet's `nodeStatusReportFrequency`. */
export const STATUS_REPORT_PERIOD_MS = 5 * 60_000;

export type NodeAction =
  | { readonly kind: 'create'; readonly reason: string; readonly node: Node }
  | { readonly kind: 'label'; readonly reason: string; readonly labels: Readonly<Record<string, string>> }
  | { readonly kind: 'report'; readonly reason: string; readonly status: NodeStatus }
  /** Somebody else has to make the Node. */
  | { readonly kind: 'wait'; readonly reason: string };

/** `observed` is the Node as the API holds it, however it came to be. */
export function planNode(
  facts: NodeFacts,
  settings: NodeSettings,
  observed: Node | undefined,
  now: number,
): NodeAction[] {
  const labels = nodeLabels(facts.machine, settings.nodeName);
  const status = nodeStatus(facts, settings, observed?.status, now);
  if (observed === undefined) return [absent(settings, labels, status)];
  const actions: NodeAction[] = [];
  const missing = Object.entries(labels).filter(([key, value]) => observed.metadata?.labels?.[key] !== value);
  if (missing.length > 0) {
    const keys = missing.map(([key]) => key).join(', ');
    actions.push({ kind: 'label', reason: `labels missing: ${keys}`, labels: Object.fromEntries(missing) });
  }
  const reason = reportReason(status, observed.status, now);
  if (reason !== undefined) actions.push({ kind: 'report', reason, status });
  return actions;
}

/** The strategic merge patch that makes `status` the Node's; conditions of other types stay. */
export function statusPatch(status: NodeStatus): { status: object } {
  return {
    status: {
      ...status,
      // Two addresses may share a type, by which the patch would join them: replaced as a whole, as kubelet does.
      addresses: [...(status.addresses ?? []), { $patch: 'replace' }],
    },
  };
}

function absent(settings: NodeSettings, labels: Record<string, string>, status: NodeStatus): NodeAction {
  const { nodeName: name, register } = settings;
  if (!register) return { kind: 'wait', reason: `register-node is off and there is no node "${name}" yet` };
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, spec: {}, status };
  return { kind: 'create', reason: `there is no node "${name}" yet`, node };
}

function reportReason(status: NodeStatus, observed: NodeStatus | undefined, now: number): string | undefined {
  for (const { type, status: value } of status.conditions ?? []) {
    const before = observed?.conditions?.find((condition) => condition.type === type);
    if (before?.status !== value) return `${type} becomes ${value}`;
  }
  if (!isDeepStrictEqual(lasting(status), lasting(ownPart(status, observed)))) return 'the status has changed';
  const heartbeat = observed?.conditions?.find(({ type }) => type === 'Ready')?.lastHeartbeatTime;
  return now - Date.parse(heartbeat ?? '') < STATUS_REPORT_PERIOD_MS ? undefined : 'time for a report';
}

/** What `observed` says of the things that `status` speaks of. */
function ownPart(status: NodeStatus, observed: NodeStatus | undefined): NodeStatus {
  const own = Object.fromEntries(Object.keys(status).map((key) => [key, observed?.[key as keyof NodeStatus]]));
  const types = new Set(status.conditions?.map(({ type }) => type));
  const conditions = observed?.conditions?.filter(({ type }) => types.has(type)) ?? [];
  return { ...own, conditions: sorted(conditions) };
}

/** Without the times, which change by themselves. */
function lasting(status: NodeStatus): unknown {
  const conditions = sorted(status.conditions ?? []).map(({ type, reason, message }) => ({ type, reason, message }));
  // Through JSON, so that an absent member and an undefined one are the same.
  return JSON.parse(JSON.stringify({ ...status, conditions }));
}

function sorted<T extends { type: string }>(conditions: readonly T[]): T[] {
  return [...conditions].sort((a, b) => a.type.localeCompare(b.type));
}
