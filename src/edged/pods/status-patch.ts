/** The patch that makes the API's status of a pod say what the node says. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { PodCondition, PodStatus } from '../../api/kinds.ts';

/** What only the node writes, and takes away again. */
const OWNED = [
  'observedGeneration',
  'phase',
  'reason',
  'message',
  'hostIP',
  'hostIPs',
  'podIP',
  'podIPs',
  'startTime',
  'qosClass',
  'initContainerStatuses',
  'containerStatuses',
  'ephemeralContainerStatuses',
] as const satisfies readonly (keyof PodStatus)[];

/** A strategic merge patch of `status`; undefined where there is nothing to change. Conditions of others stay. */
export function statusPatch(known: PodStatus, wanted: PodStatus): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  for (const field of OWNED) {
    if (isDeepStrictEqual(known[field], wanted[field])) continue;
    patch[field] = wanted[field] === undefined ? null : replaced(field, known, wanted);
  }
  const conditions = (wanted.conditions ?? []).filter((condition) => !sameCondition(known, condition));
  if (conditions.length > 0) patch['conditions'] = conditions.map((condition) => cleared(known, condition));
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** Addresses are merged by their value unless the patch says that the list is new. */
function replaced(field: (typeof OWNED)[number], known: PodStatus, wanted: PodStatus): unknown {
  const merges = (field === 'podIPs' || field === 'hostIPs') && known[field] !== undefined;
  return merges ? [{ $patch: 'replace' }, ...(wanted[field] ?? [])] : wanted[field];
}

/** Conditions merge field by field: a reason that holds no longer must be taken away by name. */
function cleared(known: PodStatus, wanted: PodCondition): Record<string, unknown> {
  const kept = known.conditions?.find(({ type }) => type === wanted.type);
  const gone = (['reason', 'message'] as const).filter((field) => kept?.[field] && !wanted[field]);
  return { ...wanted, ...Object.fromEntries(gone.map((field) => [field, null])) };
}

function sameCondition(known: PodStatus, wanted: PodCondition): boolean {
  const kept = known.conditions?.find(({ type }) => type === wanted.type);
  const fields = ['status', 'reason', 'message', 'lastTransitionTime'] as const;
  return kept !== undefined && fields.every((field) => (kept[field] ?? '') === (wanted[field] ?? ''));
}

/** What the API says, with what the node says in its place. */
export function mergedStatus(known: PodStatus, own: PodStatus): PodStatus {
  const types = new Set((own.conditions ?? []).map(({ type }) => type));
  const foreign = (known.conditions ?? []).filter(({ type }) => !types.has(type));
  const rest = Object.fromEntries(
    Object.entries(known).filter(([field]) => !(OWNED as readonly string[]).includes(field)),
  );
  return { ...rest, ...own, conditions: [...(own.conditions ?? []), ...foreign] };
}
