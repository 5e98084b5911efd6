/** A condition as most kinds have it. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export function findCondition<C extends { type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** The conditions with this one set; its transition time stays while its status does. */
export function withCondition<C extends Condition>(conditions: readonly C[] | undefined, next: C): C[] {
  const old = findCondition(conditions, next.type);
  const kept = old?.status === next.status && old.lastTransitionTime !== undefined;
  const settled = kept ? { ...next, lastTransitionTime: old.lastTransitionTime } : next;
  if (old === undefined) return [...(conditions ?? []), settled];
  return (conditions ?? []).map((condition) => (condition === old ? settled : condition));
}

export function withoutCondition<C extends { type: string }>(conditions: readonly C[] | undefined, type: string): C[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
