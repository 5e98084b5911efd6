/** Which objects a quota with scopes is about. */
import type { Pod, PodSpec, ResourceQuota } from '../kinds.ts';
import type { KubeObject } from '../object.ts';

interface Requirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Quotas with scopes count pods only. */
export function matchesScopes({ spec }: ResourceQuota, isPod: boolean, object: KubeObject): boolean {
  const wanted: Requirement[] = [
    ...(spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec?.scopeSelector?.matchExpressions ?? []),
  ];
  if (wanted.length === 0) return true;
  const pod = object as Pod;
  return isPod && pod.spec !== undefined && wanted.every((each) => matches(each, pod.spec as PodSpec));
}

function matches({ scopeName, operator, values = [] }: Requirement, spec: PodSpec): boolean {
  switch (scopeName) {
    case 'Terminating':
      return spec.activeDeadlineSeconds !== undefined;
    case 'NotTerminating':
      return spec.activeDeadlineSeconds === undefined;
    case 'BestEffort':
      return isBestEffort(spec);
    case 'NotBestEffort':
      return !isBestEffort(spec);
    case 'PriorityClass':
      return holds(operator, values, spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(spec);
    default:
      return false;
  }
}

function holds(operator: string, values: readonly string[], value: string): boolean {
  if (operator === 'Exists') return value !== '';
  if (operator === 'DoesNotExist') return value === '';
  return values.includes(value) === (operator === 'In');
}

function isBestEffort(spec: PodSpec): boolean {
  const asks = [spec, ...spec.containers, ...(spec.initContainers ?? [])];
  return asks.every(({ resources }) =>
    [...Object.keys(resources?.requests ?? {}), ...Object.keys(resources?.limits ?? {})].every(
      (name) => name !== 'cpu' && name !== 'memory',
    ),
  );
}

function crossesNamespaces({ affinity }: PodSpec): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((rules) => {
    const weighted = rules?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const terms = [
      ...(rules?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...weighted.map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    return terms.some(
      ({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
    );
  });
}
