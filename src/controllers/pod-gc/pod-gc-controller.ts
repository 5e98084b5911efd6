import type { Node, Pod } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import type { Executors, IndexDefinition } from '../../client/index.ts';
import { BY_NODE, nodeOf } from '../pods/by-node.ts';
import { isFinished } from '../pods/pod-state.ts';
import { withCondition } from '../runtime/conditions.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { NODES, PODS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { timestamp } from '../runtime/time.ts';
import { needsFailure, type PodGcAction, type PodGcState, planPodGc } from './pod-gc-plan.ts';

/** Keys that cannot be names of nodes. */
const UNSCHEDULED = '#unscheduled';
const FINISHED = '#finished';

const BY_FATE: IndexDefinition<KubeObject> = { name: 'fate', valuesOf: fateOf };

function fateOf(object: KubeObject): string[] {
  const pod = object as Pod;
  if (isFinished(pod)) return [FINISHED];
  return nodeOf(pod) === '' && pod.metadata?.deletionTimestamp !== undefined ? [UNSCHEDULED] : [];
}

export function podGcController(context: ControllerContext): Controller {
  const { informers, clock } = context;
  const nodes = informers.for<Node>(NODES);
  const pods = informers.for<Pod>(PODS);
  pods.addIndex(BY_NODE);
  pods.addIndex(BY_FATE);
  const missing = new Map<string, number>();

  const read = (key: string): PodGcState | undefined => {
    if (key === UNSCHEDULED) return { kind: 'unscheduled', pods: pods.objects.by(BY_FATE, key) };
    if (key === FINISHED) return { kind: 'finished', pods: pods.objects.by(BY_FATE, key) };
    const there = pods.objects.by(BY_NODE, key);
    if (nodes.objects.get(key) !== undefined || there.length === 0) {
      missing.delete(key);
      return undefined;
    }
    const missingSince = missing.get(key) ?? clock.now();
    missing.set(key, missingSince);
    return { kind: 'node', name: key, missingSince, pods: there };
  };
  const keysOf = (pod: Pod): string[] => {
    const name = nodeOf(pod);
    return name !== '' && nodes.objects.get(name) === undefined ? [name, ...fateOf(pod)] : fateOf(pod);
  };
  return reconciling(context, { name: 'pod-gc', read, plan: planPodGc, executors: podGcExecutors(context) }, [
    onChange(nodes, ({ metadata }) => [metadata?.name ?? '']),
    onChange(pods, keysOf),
  ]);
}

function podGcExecutors({ client, clock }: ControllerContext): Executors<PodGcAction> {
  const remove = async (pod: Pod, signal: AbortSignal) => {
    const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata?.uid ?? '' } };
    await unlessGone(client.delete(PODS, targetOf(pod), signal, options));
  };
  const fail = async (pod: Pod, signal: AbortSignal) => {
    const conditions = withCondition(pod.status?.conditions, {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
      lastTransitionTime: timestamp(clock.now()),
    });
    const patch = { metadata: { uid: pod.metadata?.uid }, status: { phase: 'Failed', conditions } };
    await unlessGone(client.patch(PODS, { ...targetOf(pod), subresource: 'status' }, 'merge', patch, signal));
  };
  return {
    remove: ({ pod }, signal) => remove(pod, signal),
    'remove-from-node': async ({ pod, nodeName }, signal) => {
      // It may have come back this very moment.
      if ((await unlessGone(client.get(NODES, { name: nodeName }, signal))) !== undefined) return;
      if (needsFailure(pod)) await fail(pod, signal);
      await remove(pod, signal);
    },
  };
}
