/** The conditions that a node sets on a pod, with kubelet's reasons and texts. Pure. */
import type { ContainerStatus, Pod, PodCondition } from '../../api/kinds.ts';
import { rfc3339 } from './container-status.ts';
import { liveSandbox } from './observation.ts';
import type { Phase } from './pod-phase.ts';
import { initContainersOf } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';

export interface ConditionInput {
  readonly pod: Pod;
  readonly world: PodWorld;
  readonly phase: Phase;
  readonly statuses: readonly ContainerStatus[];
  readonly inits: readonly ContainerStatus[];
  readonly now: number;
}

interface Verdict {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason?: string;
  readonly message?: string;
}

export function conditionsOf(input: ConditionInput): PodCondition[] {
  const containers = containersReady(input);
  const verdicts: Verdict[] = [
    sandboxReady(input),
    initialized(input),
    ready(input, containers),
    containers,
    { type: 'PodScheduled', status: 'True' },
    ...disrupted(input),
  ];
  return verdicts.map((verdict) => dated(verdict, input));
}

function disrupted({ world: { evicted } }: ConditionInput): Verdict[] {
  if (evicted === undefined) return [];
  return [{ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message: evicted }];
}

function sandboxReady({ world, phase }: ConditionInput): Verdict {
  const isUp = liveSandbox(world.observed) !== undefined && !isOver(phase);
  return { type: 'PodReadyToStartContainers', status: isUp ? 'True' : 'False' };
}

function initialized({ pod, phase, statuses, inits }: ConditionInput): Verdict {
  const type = 'Initialized';
  if (phase === 'Succeeded') return { type, status: 'True', reason: 'PodCompleted' };
  const passed = statuses.some(({ containerID = '' }) => containerID !== '');
  const unmet = initContainersOf(pod).filter(({ name, role }) => {
    const status = inits.find((each) => each.name === name);
    if (role === 'sidecar') return !passed && status?.started !== true;
    return !passed && status?.ready !== true;
  });
  if (unmet.length === 0) return { type, status: 'True' };
  const message = `containers with incomplete status: ${names(unmet)}`;
  return { type, status: 'False', reason: 'ContainersNotInitialized', message };
}

function containersReady({ pod, phase, statuses, inits }: ConditionInput): Verdict {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const sidecars = new Set(
    initContainersOf(pod)
      .filter(({ role }) => role === 'sidecar')
      .map(({ name }) => name),
  );
  const unready = [...inits.filter(({ name }) => sidecars.has(name)), ...statuses].filter((status) => !status.ready);
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: ${names(unready)}`,
  };
}

function ready({ pod }: ConditionInput, containers: Verdict): Verdict {
  const type = 'Ready';
  if (containers.status === 'False') return { ...containers, type };
  const problems = (pod.spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status?.conditions?.find((each) => each.type === conditionType);
    if (condition === undefined)
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (condition.status === 'True') return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  if (problems.length === 0) return { type, status: 'True' };
  return { type, status: 'False', reason: 'ReadinessGatesNotReady', message: problems.join(', ') };
}

/** A condition keeps its date until its status changes. */
function dated(verdict: Verdict, { pod, now }: ConditionInput): PodCondition {
  const before = pod.status?.conditions?.find(({ type }) => type === verdict.type);
  const since = before?.status === verdict.status ? before.lastTransitionTime : undefined;
  return { ...verdict, lastTransitionTime: since ?? rfc3339(now) };
}

function isOver(phase: Phase): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

function names(containers: readonly { readonly name: string }[]): string {
  return `[${containers.map(({ name }) => name).join(' ')}]`;
}
