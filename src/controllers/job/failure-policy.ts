import type { Job, Pod } from '../../api/kinds.ts';

type JobSpec = NonNullable<Job['spec']>;
type Rule = NonNullable<JobSpec['podFailurePolicy']>['rules'][number];

/** The first rule of `spec.podFailurePolicy` that speaks of how the pod failed. */
export function ruleFor(pod: Pod, { podFailurePolicy }: JobSpec): Rule | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  return podFailurePolicy?.rules.find((rule) => exitOf(pod, rule) !== undefined || hasCondition(pod, rule));
}

/** Why the job fails at once with this pod, in upstream's words; nothing where it does not. */
export function failureOf(pod: Pod, spec: JobSpec): string | undefined {
  const rule = ruleFor(pod, spec);
  if (rule?.action !== 'FailJob') return undefined;
  const index = spec.podFailurePolicy?.rules.indexOf(rule);
  const { namespace, name } = pod.metadata ?? {};
  const exit = exitOf(pod, rule);
  if (exit === undefined) return `Pod ${namespace}/${name} has condition matching FailJob rule at index ${index}`;
  return (
    `Container ${exit.container} for pod ${namespace}/${name} failed with exit code ${exit.code} ` +
    `matching FailJob rule at index ${index}`
  );
}

function exitOf(pod: Pod, { onExitCodes }: Rule): { container: string; code: number } | undefined {
  if (onExitCodes === undefined) return undefined;
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state } of statuses) {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (onExitCodes.containerName ?? name) !== name) continue;
    if (onExitCodes.values.includes(code) === (onExitCodes.operator === 'In')) return { container: name, code };
  }
  return undefined;
}

function hasCondition(pod: Pod, { onPodConditions = [] }: Rule): boolean {
  return onPodConditions.some((pattern) =>
    pod.status?.conditions?.some(({ type, status }) => type === pattern.type && status === (pattern.status ?? 'True')),
  );
}
