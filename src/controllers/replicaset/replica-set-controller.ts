import type { Pod, ReplicaSet } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, Executors } from '../../client/index.ts';
import {
  BY_CONTROLLER,
  claimExecutors,
  claimsOf,
  controllerOf,
  controllerReference,
  ORPHANS,
  ownerKeys,
} from '../ownership/claim.ts';
import { generateNameOf, podFromTemplate } from '../pods/pod-from-template.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { PODS, REPLICA_SETS } from '../runtime/resources.ts';
import { slowStart } from '../runtime/slow-start.ts';
import { planReplicaSet, type ReplicaSetAction, type ReplicaSetState } from './replica-set-plan.ts';

type Failures = Map<string, { reason: string; message: string }>;

/** Keeps as many pods of a ReplicaSet as it asks for (upstream `pkg/controller/replicaset`). */
export function replicaSetController(context: ControllerContext): Controller {
  const replicaSets = context.informers.for<ReplicaSet>(REPLICA_SETS);
  const pods = context.informers.for<Pod>(PODS);
  pods.addIndex(BY_CONTROLLER);
  pods.addIndex(ORPHANS);
  replicaSets.addIndex(BY_CONTROLLER);
  const failures: Failures = new Map();
  const events = recorderFor(context, 'replicaset-controller');

  const familyPods = (replicaSet: ReplicaSet): Pod[] => {
    const family = controllerOf(replicaSet)?.uid;
    const siblings = family === undefined ? [replicaSet] : replicaSets.objects.by(BY_CONTROLLER, family);
    return siblings.flatMap((sibling) => pods.objects.by(BY_CONTROLLER, sibling.metadata?.uid ?? ''));
  };
  const read = (key: string): ReplicaSetState | undefined => {
    const replicaSet = replicaSets.objects.get(key);
    if (replicaSet === undefined) {
      failures.delete(key);
      return undefined;
    }
    return {
      replicaSet,
      pods: claimsOf(replicaSet, pods),
      familyPods: () => familyPods(replicaSet),
      failure: failures.get(key),
    };
  };
  const executors = replicaSetExecutors(context, failures, events);
  return reconciling(
    context,
    { name: 'replicaset', read, plan: planReplicaSet, executors },
    [onChange(replicaSets, (object) => [objectKey(object)]), onChange(pods, (pod) => ownerKeys(replicaSets, pod))],
    events,
  );
}

function replicaSetExecutors(
  { client }: ControllerContext,
  failures: Failures,
  events: EventRecorder,
): Executors<ReplicaSetAction> {
  const remembered = async (replicaSet: ReplicaSet, reason: string, deed: () => Promise<void>) => {
    try {
      await deed();
      failures.delete(objectKey(replicaSet));
    } catch (error) {
      failures.set(objectKey(replicaSet), { reason, message: messageOf(error) });
      throw error;
    }
  };
  const createPod = async (replicaSet: ReplicaSet, signal: AbortSignal) => {
    const owner = controllerReference(replicaSet, REPLICA_SETS);
    const pod = podFromTemplate(replicaSet.spec?.template, owner, generateNameOf(replicaSet));
    try {
      const created = await client.create<Pod>(PODS, { namespace: replicaSet.metadata?.namespace }, pod, signal);
      events.record(replicaSet, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata?.name}`);
    } catch (error) {
      events.record(replicaSet, 'Warning', 'FailedCreate', `Error creating: ${messageOf(error)}`);
      throw error;
    }
  };
  const deletePod = async (replicaSet: ReplicaSet, pod: Pod, signal: AbortSignal) => {
    const { namespace, name = '' } = pod.metadata ?? {};
    try {
      await client.delete(PODS, { namespace, name }, signal);
      events.record(replicaSet, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      events.record(replicaSet, 'Warning', 'FailedDelete', `Error deleting: ${messageOf(error)}`);
      throw error;
    }
  };
  return {
    ...claimExecutors(client, PODS),
    create: ({ replicaSet, count }, signal) =>
      remembered(replicaSet, 'FailedCreate', () => slowStart(count, () => createPod(replicaSet, signal))),
    delete: ({ replicaSet, pods }, signal) =>
      remembered(replicaSet, 'FailedDelete', async () => {
        await Promise.all(pods.map((pod) => deletePod(replicaSet, pod, signal)));
      }),
    status: async ({ replicaSet, status }, signal) => {
      const { namespace, name = '' } = replicaSet.metadata ?? {};
      await client.update(REPLICA_SETS, { namespace, name, subresource: 'status' }, { ...replicaSet, status }, signal);
    },
  };
}
