import type { Deployment, Pod, ReplicaSet } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import { conflict, hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, Executors } from '../../client/index.ts';
import { BY_CONTROLLER, claimExecutors, claimsOf, controllerOf, ORPHANS, ownerKeys } from '../ownership/claim.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '../runtime/resources.ts';
import { planDeployment } from './deployment-plan.ts';
import {
  type DeploymentAction,
  type DeploymentState,
  newReplicaSet,
  replicasOf,
  REVISION,
} from './deployment-state.ts';

/** Rolls a template out over replica sets (upstream `pkg/controller/deployment`). */
export function deploymentController(context: ControllerContext): Controller {
  const deployments = context.informers.for<Deployment>(DEPLOYMENTS);
  const replicaSets = context.informers.for<ReplicaSet>(REPLICA_SETS);
  const pods = context.informers.for<Pod>(PODS);
  replicaSets.addIndex(BY_CONTROLLER);
  replicaSets.addIndex(ORPHANS);
  pods.addIndex(BY_CONTROLLER);
  const events = recorderFor(context, 'deployment-controller');

  const read = (key: string): DeploymentState | undefined => {
    const deployment = deployments.objects.get(key);
    if (deployment === undefined) return undefined;
    const claims = claimsOf(deployment, replicaSets);
    const owned = claims.owned.flatMap(({ metadata }) => pods.objects.by(BY_CONTROLLER, metadata?.uid ?? ''));
    return { deployment, replicaSets: claims, pods: owned };
  };
  /** Only Recreate waits for pods, and only for their end. */
  const waitingFor = (pod: Pod): string[] => {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'ReplicaSet') return [];
    const replicaSet = replicaSets.objects.get(`${pod.metadata?.namespace}/${owner.name}`);
    const keys = replicaSet === undefined ? [] : ownerKeys(deployments, replicaSet);
    return keys.filter((key) => deployments.objects.get(key)?.spec?.strategy?.type === 'Recreate');
  };
  return reconciling(
    context,
    { name: 'deployment', read, plan: planDeployment, executors: deploymentExecutors(context, events) },
    [
      onChange(deployments, (object) => [objectKey(object)]),
      onChange(replicaSets, (object) => ownerKeys(deployments, object)),
      onChange(pods, waitingFor),
    ],
    events,
  );
}

function deploymentExecutors({ client }: ControllerContext, events: EventRecorder): Executors<DeploymentAction> {
  return {
    ...claimExecutors(client, REPLICA_SETS),
    'create-replica-set': async ({ deployment, replicaSet }, signal) => {
      const { namespace, name = '' } = replicaSet.metadata ?? {};
      try {
        await client.create(REPLICA_SETS, { namespace }, replicaSet, signal);
      } catch (error) {
        if (hasReason(error, 'AlreadyExists')) {
          const other = await client.get<ReplicaSet>(REPLICA_SETS, { namespace, name }, signal);
          if (isOurs(deployment, other)) return;
          await countCollision(deployment, signal);
          throw conflict(REPLICA_SETS, name, 'the hash of the template collides with another');
        }
        events.record(
          deployment,
          'Warning',
          'ReplicaSetCreateError',
          `Failed to create new replica set "${name}": ${messageOf(error)}`,
        );
        throw error;
      }
      const size = replicasOf(replicaSet);
      if (size > 0)
        events.record(deployment, 'Normal', 'ScalingReplicaSet', `Scaled up replica set ${name} from 0 to ${size}`);
    },
    'patch-replica-set': async ({ replicaSet, patch }, signal) => {
      const { namespace, name = '' } = replicaSet.metadata ?? {};
      await client.patch(REPLICA_SETS, { namespace, name }, 'merge', patch, signal);
    },
    scale: async ({ deployment, replicaSet, replicas, annotations }, signal) => {
      const { namespace, name = '', resourceVersion } = replicaSet.metadata ?? {};
      const patch = { metadata: { resourceVersion, annotations }, spec: { replicas } };
      await client.patch(REPLICA_SETS, { namespace, name }, 'merge', patch, signal);
      const before = replicasOf(replicaSet);
      const message = `Scaled ${before < replicas ? 'up' : 'down'} replica set ${name} from ${before} to ${replicas}`;
      events.record(deployment, 'Normal', 'ScalingReplicaSet', message);
    },
    'delete-replica-set': async ({ replicaSet }, signal) => {
      const { namespace, name = '', uid = '', resourceVersion = '' } = replicaSet.metadata ?? {};
      const preconditions = { uid, resourceVersion };
      await client.delete(REPLICA_SETS, { namespace, name }, signal, {
        preconditions,
        propagationPolicy: 'Background',
      });
    },
    'set-revision': async ({ deployment, revision }, signal) => {
      const { namespace, name = '' } = deployment.metadata ?? {};
      const patch = { metadata: { annotations: { [REVISION]: revision } } };
      // Through the status, so that the revision does not count as a change of the deployment.
      await client.patch(DEPLOYMENTS, { namespace, name, subresource: 'status' }, 'merge', patch, signal);
    },
    status: async ({ deployment, status }, signal) => {
      const { namespace, name = '' } = deployment.metadata ?? {};
      await client.update(DEPLOYMENTS, { namespace, name, subresource: 'status' }, { ...deployment, status }, signal);
    },
  };

  function isOurs(deployment: Deployment, other: ReplicaSet): boolean {
    return controllerOf(other)?.uid === deployment.metadata?.uid && newReplicaSet(deployment, [other]) !== undefined;
  }

  async function countCollision(deployment: Deployment, signal: AbortSignal): Promise<void> {
    const { namespace, name = '', resourceVersion } = deployment.metadata ?? {};
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const patch = { metadata: { resourceVersion }, status: { collisionCount } };
    await client.patch(DEPLOYMENTS, { namespace, name, subresource: 'status' }, 'merge', patch, signal);
  }
}
