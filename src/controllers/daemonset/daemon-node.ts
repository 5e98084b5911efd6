import type { DaemonSet, Node, Pod, PodSpec, Toleration } from '../../api/kinds.ts';
import { matchesNodeSelection } from '../../api/node-affinity.ts';
import { untoleratedTaint } from '../../api/taints.ts';

/** Daemons stay on nodes in trouble, and come up on nodes that are not ready yet (upstream `AddOrUpdateDaemonPodTolerations`). */
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute' },
  { key: 'node.kubernetes.io/disk-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/pid-pressure', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
];
const HOST_NETWORK_TOLERATION: Toleration = {
  key: 'node.kubernetes.io/network-unavailable',
  operator: 'Exists',
  effect: 'NoSchedule',
};

export interface DaemonFit {
  readonly shouldRun: boolean;
  /** False: a daemon that is there must go. */
  readonly mayStay: boolean;
}

/** Whether the node gets a daemon. Room is not asked for here: the scheduler says so on the pod. */
export function daemonFit(daemonSet: DaemonSet, node: Node): DaemonFit {
  const spec = daemonSet.spec?.template?.spec;
  const pod: Pod = { spec: { ...(spec ?? { containers: [] }), tolerations: daemonTolerations(spec) } };
  const named = spec?.nodeName === undefined || spec.nodeName === '' || spec.nodeName === node.metadata?.name;
  if (!named || !matchesNodeSelection(pod, node)) return { shouldRun: false, mayStay: false };
  const blocked = (...effects: ('NoSchedule' | 'NoExecute')[]) =>
    untoleratedTaint(node.spec?.taints, pod.spec?.tolerations, effects) !== undefined;
  return { shouldRun: !blocked('NoSchedule', 'NoExecute'), mayStay: !blocked('NoExecute') };
}

/** The spec of the daemon of one node: bound to it by affinity, so that the scheduler still checks for room. */
export function daemonSpec(daemonSet: DaemonSet, node: string): PodSpec {
  const spec = daemonSet.spec?.template?.spec ?? { containers: [] };
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const here = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  const terms = required?.nodeSelectorTerms ?? [{}];
  return {
    ...spec,
    tolerations: daemonTolerations(spec),
    affinity: {
      ...spec.affinity,
      nodeAffinity: {
        ...spec.affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((term) => ({ ...term, matchFields: here })),
        },
      },
    },
  };
}

/** The node that a daemon runs on or is meant for. */
export function nodeOfDaemon({ spec }: Pod): string | undefined {
  if (spec?.nodeName !== undefined && spec.nodeName !== '') return spec.nodeName;
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const field = terms?.[0]?.matchFields?.find(({ key, operator }) => key === 'metadata.name' && operator === 'In');
  return field?.values?.[0];
}

function daemonTolerations(spec: PodSpec | undefined): Toleration[] {
  const own = spec?.tolerations ?? [];
  const wanted = spec?.hostNetwork === true ? [...DAEMON_TOLERATIONS, HOST_NETWORK_TOLERATION] : DAEMON_TOLERATIONS;
  const missing = wanted.filter(
    ({ key, effect }) => !own.some((each) => each.key === key && each.effect === effect && each.operator === 'Exists'),
  );
  return [...own, ...missing];
}
