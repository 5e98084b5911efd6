/** Conditions of a status, as apimachinery `pkg/api/meta/conditions.go` keeps them. */

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export function findCondition<C extends Condition>(conditions: readonly C[] | undefined, type: string): C | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * The list with this condition in the place of the old one of its type, or behind the others. The time of the last
 * transition moves only when the status does. `time` is RFC 3339.
 */
export function withCondition<C extends Condition>(conditions: readonly C[] | undefined, next: C, time: string): C[] {
  const old = findCondition(conditions, next.type);
  const lastTransitionTime = old?.status === next.status ? (old.lastTransitionTime ?? time) : time;
  const condition = { ...next, lastTransitionTime };
  if (old === undefined) return [...(conditions ?? []), condition];
  return (conditions ?? []).map((each) => (each === old ? condition : each));
}
