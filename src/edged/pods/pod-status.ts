/** A pod's status, from its object and what is known of it here. Pure. */
import type { ContainerStatus, Pod, PodStatus } from '../../api/kinds.ts';
import { containerStatusOf, rfc3339, type StatusContext } from './container-status.ts';
import { liveSandbox } from './observation.ts';
import { conditionsOf } from './pod-conditions.ts';
import { type Ending, endingOf, startTimeOf } from './pod-ending.ts';
import { type Phase, phaseOf } from './pod-phase.ts';
import { appContainersOf, ephemeralContainersOf, initContainersOf, isTerminal } from './pod-view.ts';
import type { PodWorld } from './pod-world.ts';
import { qosClassOf } from './qos-class.ts';

/**
 * `pod.status` is what was last said of it: dates of conditions, and what is gone from the runtime, come from there.
 * `hostIps` are the node's addresses, the first is the main one.
 */
export function statusOf(pod: Pod, world: PodWorld, hostIps: readonly string[], now: number): PodStatus {
  const context: StatusContext = { pod, world, now, ending: endingOf(pod, world, now) };
  const inits = initContainersOf(pod).map((container) => containerStatusOf(context, container));
  const statuses = appContainersOf(pod).map((container) => containerStatusOf(context, container));
  const ephemeral = ephemeralContainersOf(pod).map((container) => containerStatusOf(context, container));
  const phase = phaseOf(pod, statuses, inits, context.ending);
  const podIps = podIpsOf(pod, world, hostIps, context.ending);
  return {
    ...(pod.metadata?.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    conditions: conditionsOf({ pod, world, phase, statuses, inits, now }),
    ...verdictOf(pod, world, phase, context.ending),
    ...addresses('hostIP', 'hostIPs', hostIps),
    ...addresses('podIP', 'podIPs', podIps),
    startTime: rfc3339(startTimeOf(pod, world)),
    ...list('initContainerStatuses', inits),
    ...list('containerStatuses', statuses),
    ...list('ephemeralContainerStatuses', ephemeral),
    qosClass: pod.status?.qosClass ?? qosClassOf(pod),
  };
}

/** Why the node, rather than the containers, has ended the pod. */
function verdictOf(
  pod: Pod,
  world: PodWorld,
  phase: Phase,
  ending: Ending | undefined,
): Pick<PodStatus, 'reason' | 'message'> {
  if (ending === 'evicted') return { reason: 'Evicted', message: world.evicted ?? '' };
  if (ending === 'deadlineExceeded') {
    return { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' };
  }
  const { reason, message } = pod.status ?? {};
  if (!isTerminal(phase) || phase !== pod.status?.phase) return {};
  return { ...(reason === undefined ? {} : { reason }), ...(message === undefined ? {} : { message }) };
}

/** The sandbox's addresses; a pod that ends keeps those that it had. */
function podIpsOf(
  pod: Pod,
  world: PodWorld,
  hostIps: readonly string[],
  ending: Ending | undefined,
): readonly string[] {
  const sandbox = liveSandbox(world.observed);
  if (sandbox !== undefined) return pod.spec?.hostNetwork === true ? hostIps : sandbox.ips;
  return ending === undefined ? [] : (pod.status?.podIPs ?? []).flatMap(({ ip }) => (ip === undefined ? [] : [ip]));
}

function addresses(one: 'hostIP' | 'podIP', all: 'hostIPs' | 'podIPs', ips: readonly string[]): Partial<PodStatus> {
  const [first] = ips;
  return first === undefined ? {} : { [one]: first, [all]: ips.map((ip) => ({ ip })) };
}

function list(name: keyof PodStatus, statuses: readonly ContainerStatus[]): Partial<PodStatus> {
  return statuses.length === 0 ? {} : { [name]: statuses };
}
