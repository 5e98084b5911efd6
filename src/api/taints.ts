/** Taints and tolerations: `k8s.io/component-helpers/scheduling/corev1`. */
import type { Taint, Toleration } from './kinds.ts';

export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { effect, key, operator, value } = toleration;
  if (effect !== undefined && effect !== '' && effect !== taint.effect) return false;
  if (key !== undefined && key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  // An empty key needs Exists; `Equal` is the default.
  return key !== undefined && key !== '' && (value ?? '') === (taint.value ?? '');
}

/** The first taint with one of the effects that none of the tolerations allows. */
export function untoleratedTaint(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  effects: readonly TaintEffect[],
): Taint | undefined {
  return taints?.find(
    (taint) =>
      effects.some((effect) => effect === taint.effect) &&
      !tolerations?.some((toleration) => tolerates(toleration, taint)),
  );
}
