import type { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '../../api/kinds.ts';
import { joinKey, objectKey } from '../../api/object.ts';
import { hasReason } from '../../api/status-error.ts';
import { messageOf } from '../../base/errors.ts';
import type { EventRecorder, Executors, KubeClient } from '../../client/index.ts';
import { BY_CONTROLLER, claimExecutors, claimsOf, ORPHANS, ownerKeys } from '../ownership/claim.ts';
import { revisionExecutors } from '../revisions/revision-history.ts';
import { type Controller, type ControllerContext, onChange, reconciling, recorderFor } from '../runtime/controller.ts';
import { CONTROLLER_REVISIONS, PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { claimsFor, mayClaim } from './stateful-pod.ts';
import { planStatefulSet, type StatefulSetAction, type StatefulSetState } from './stateful-set-plan.ts';

/** Keeps pods with names and claims of their own (upstream `pkg/controller/statefulset`). */
export function statefulSetController(context: ControllerContext): Controller {
  const sets = context.informers.for<StatefulSet>(STATEFUL_SETS);
  const revisions = context.informers.for<ControllerRevision>(CONTROLLER_REVISIONS);
  const pods = context.informers.for<Pod>(PODS);
  const claims = context.informers.for<PersistentVolumeClaim>(PERSISTENT_VOLUME_CLAIMS);
  for (const dependents of [pods, revisions]) {
    dependents.addIndex(BY_CONTROLLER);
    dependents.addIndex(ORPHANS);
  }
  const events = recorderFor(context, 'statefulset-controller');
  const read = (key: string): StatefulSetState | undefined => {
    const set = sets.objects.get(key);
    if (set === undefined) return undefined;
    const history = revisions.objects.by(BY_CONTROLLER, set.metadata?.uid ?? '');
    const claimOf = (name: string) => claims.objects.get(joinKey(set.metadata?.namespace, name));
    return { set, pods: claimsOf(set, pods), history, claimOf };
  };
  const users = (claim: PersistentVolumeClaim) => {
    const near = sets.objects.inNamespace(claim.metadata?.namespace ?? '');
    return near.filter((set) => mayClaim(set, claim.metadata?.name ?? '')).map(objectKey);
  };
  return reconciling(
    context,
    { name: 'statefulset', read, plan: planStatefulSet, executors: statefulSetExecutors(context.client, events) },
    [
      onChange(sets, (object) => [objectKey(object)]),
      onChange(pods, (pod) => ownerKeys(sets, pod)),
      onChange(revisions, (revision) => ownerKeys(sets, revision)),
      onChange(claims, users),
    ],
    events,
  );
}

function statefulSetExecutors(client: KubeClient, events: EventRecorder): Executors<StatefulSetAction> {
  const told = async (set: StatefulSet, deed: 'Create' | 'Delete', what: string, doing: Promise<unknown>) => {
    const text = `${deed.toLowerCase()} ${what} in StatefulSet ${set.metadata?.name}`;
    try {
      await doing;
      events.record(set, 'Normal', `Successful${deed}`, `${text} successful`);
    } catch (error) {
      events.record(set, 'Warning', `Failed${deed}`, `${text} failed error: ${messageOf(error)}`);
      throw error;
    }
  };
  const createClaims = async (set: StatefulSet, ordinal: number, signal: AbortSignal) => {
    for (const claim of claimsFor(set, ordinal)) {
      try {
        await client.create(PERSISTENT_VOLUME_CLAIMS, { namespace: set.metadata?.namespace }, claim, signal);
        const what = `Claim ${claim.metadata?.name} in StatefulSet ${set.metadata?.name}`;
        events.record(set, 'Normal', 'SuccessfulCreate', `create ${what} success`);
      } catch (error) {
        if (!hasReason(error, 'AlreadyExists')) throw error; // it outlived an earlier pod: that is its purpose
      }
    }
  };
  return {
    ...claimExecutors(client, PODS),
    ...revisionExecutors(client),
    'create-claims': ({ set, ordinal }, signal) => createClaims(set, ordinal, signal),
    'own-claim': async ({ claim, ownerReferences }, signal) => {
      const owned = { ...claim, metadata: { ...claim.metadata, ownerReferences } };
      await unlessGone(client.update(PERSISTENT_VOLUME_CLAIMS, targetOf(claim), owned, signal));
    },
    create: async ({ set, ordinal, pod }, signal) => {
      await createClaims(set, ordinal, signal);
      const creating = client.create(PODS, { namespace: set.metadata?.namespace }, pod, signal);
      await told(set, 'Create', `Pod ${pod.metadata?.name}`, creating);
    },
    delete: async ({ set, pod }, signal) => {
      const deleting = unlessGone(client.delete(PODS, targetOf(pod), signal));
      await told(set, 'Delete', `Pod ${pod.metadata?.name}`, deleting);
    },
    status: async ({ set, status }, signal) => {
      await client.update(STATEFUL_SETS, { ...targetOf(set), subresource: 'status' }, { ...set, status }, signal);
    },
  };
}
