import type { Lease, Node, Pod, PodCondition } from '../../api/kinds.ts';
import { findCondition, withCondition } from '../runtime/conditions.ts';
import type { EventRecorder, Executors } from '../../client/index.ts';
import { BY_NODE, nodeOf } from '../pods/by-node.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { LEASES, NODES, PODS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { type NodeAction, type NodeState, planNode } from './node-lifecycle-plan.ts';

const LEASE_NAMESPACE = 'kube-node-lease';

interface Heartbeat {
  /** What was seen: times by the node's clock, only ever compared for being the same. */
  readonly sign: string;
  /** When, by ours. */
  readonly at: number;
}

export function nodeLifecycleController(context: ControllerContext): Controller {
  const { informers, clock } = context;
  const nodes = informers.for<Node>(NODES);
  const leases = informers.for<Lease>(LEASES);
  const pods = informers.for<Pod>(PODS);
  pods.addIndex(BY_NODE);
  const startedAt = clock.now();
  const heartbeats = new Map<string, Heartbeat>();
  const events = recorderFor(context, 'node-controller');

  const listen = (name: string): number => {
    const lease = leases.objects.get(`${LEASE_NAMESPACE}/${name}`)?.spec?.renewTime;
    const posted = findCondition(nodes.objects.get(name)?.status?.conditions, 'Ready')?.lastHeartbeatTime;
    const sign = `${lease} ${posted}`;
    const last = heartbeats.get(name);
    const heard = last?.sign === sign ? last : { sign, at: clock.now() };
    heartbeats.set(name, heard);
    return heard.at;
  };
  const read = (name: string): NodeState | undefined => {
    const node = nodes.objects.get(name);
    if (node === undefined) heartbeats.delete(name);
    return node && { node, pods: pods.objects.by(BY_NODE, name), heardAt: listen(name), startedAt };
  };
  /** Renewals come often and change nothing. */
  const renewed = ({ metadata }: Lease): string[] => {
    const name = metadata?.name ?? '';
    if (metadata?.namespace === LEASE_NAMESPACE && nodes.objects.get(name) !== undefined) listen(name);
    return [];
  };
  const onTroubledNode = (pod: Pod): string[] => {
    const node = nodes.objects.get(nodeOf(pod));
    const troubled = node?.spec?.taints?.some(({ effect }) => effect === 'NoExecute');
    return troubled === true ? [nodeOf(pod)] : [];
  };
  return reconciling(
    context,
    { name: 'node-lifecycle', read, plan: planNode, executors: nodeExecutors(context, events) },
    [
      onChange(nodes, ({ metadata }) => [metadata?.name ?? '']),
      onChange(leases, renewed),
      onChange(pods, onTroubledNode),
    ],
    events,
  );
}

function nodeExecutors({ client }: ControllerContext, events: EventRecorder): Executors<NodeAction> {
  const setCondition = async (pod: Pod, condition: PodCondition, signal: AbortSignal) => {
    const conditions = withCondition(pod.status?.conditions, condition);
    const { uid, resourceVersion } = pod.metadata ?? {};
    const patch = { metadata: { uid, resourceVersion }, status: { conditions } };
    await unlessGone(client.patch(PODS, { ...targetOf(pod), subresource: 'status' }, 'merge', patch, signal));
  };
  return {
    status: async ({ node }, signal) => {
      await client.update(NODES, { ...targetOf(node), subresource: 'status' }, node, signal);
      const message = `Node ${node.metadata?.name} status is now: NodeNotReady`;
      events.record(node, 'Normal', 'NodeNotReady', message);
    },
    taint: async ({ node, taints }, signal) => {
      const { uid, resourceVersion } = node.metadata ?? {};
      const patch = { metadata: { uid, resourceVersion }, spec: { taints: taints.length === 0 ? null : taints } };
      await client.patch(NODES, targetOf(node), 'merge', patch, signal);
    },
    'pod-not-ready': async ({ pod, at }, signal) => {
      const old = findCondition(pod.status?.conditions, 'Ready');
      const notReady = { type: 'Ready', status: 'False' };
      await setCondition(pod, { ...old, ...notReady, lastTransitionTime: at }, signal);
      events.record(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    },
    evict: async ({ pod, at }, signal) => {
      const { uid = '' } = pod.metadata ?? {};
      const condition = {
        type: 'DisruptionTarget',
        status: 'True',
        reason: 'DeletionByTaintManager',
        message: 'Taint manager: deleting due to NoExecute taint',
        lastTransitionTime: at,
      };
      const marked = findCondition(pod.status?.conditions, condition.type)?.status === 'True';
      if (!marked) await setCondition(pod, condition, signal);
      await unlessGone(client.delete(PODS, targetOf(pod), signal, { preconditions: { uid } }));
      const { namespace, name } = pod.metadata ?? {};
      events.record(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${namespace}/${name}`);
    },
  };
}
