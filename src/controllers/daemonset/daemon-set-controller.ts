import type { ControllerRevision, DaemonSet, Node, Pod } from '../../api/kinds.ts';
import { objectKey } from '../../api/object.ts';
import type { EventRecorder, Executors } from '../../client/index.ts';
import {
  BY_CONTROLLER,
  claimExecutors,
  claimsOf,
  controllerReference,
  ORPHANS,
  ownerKeys,
} from '../ownership/claim.ts';
import { podDeeds } from '../pods/pod-deeds.ts';
import { generateNameOf, podFromTemplate } from '../pods/pod-from-template.ts';
import { REVISION_HASH, revisionExecutors } from '../revisions/revision-history.ts';
import {
  type Controller,
  type ControllerContext,
  onChange,
  onEach,
  reconciling,
  recorderFor,
} from '../runtime/controller.ts';
import { CONTROLLER_REVISIONS, DAEMON_SETS, NODES, PODS } from '../runtime/resources.ts';
import { targetOf } from '../runtime/targets.ts';
import { daemonFit, daemonSpec } from './daemon-node.ts';
import { type DaemonSetAction, type DaemonSetState, planDaemonSet } from './daemon-set-plan.ts';

/** Keeps one pod of a DaemonSet on every node that should have one (upstream `pkg/controller/daemon`). */
export function daemonSetController(context: ControllerContext): Controller {
  const daemonSets = context.informers.for<DaemonSet>(DAEMON_SETS);
  const revisions = context.informers.for<ControllerRevision>(CONTROLLER_REVISIONS);
  const pods = context.informers.for<Pod>(PODS);
  const nodes = context.informers.for<Node>(NODES);
  for (const dependents of [pods, revisions]) {
    dependents.addIndex(BY_CONTROLLER);
    dependents.addIndex(ORPHANS);
  }
  const events = recorderFor(context, 'daemonset-controller');

  const read = (key: string): DaemonSetState | undefined => {
    const daemonSet = daemonSets.objects.get(key);
    if (daemonSet === undefined) return undefined;
    return {
      daemonSet,
      pods: claimsOf(daemonSet, pods),
      history: revisions.objects.by(BY_CONTROLLER, daemonSet.metadata?.uid ?? ''),
      nodes: [...nodes.objects.values()],
    };
  };
  /** Those for which the node has become, or is no longer, a place for a daemon. */
  const concerned = (before: Node | undefined, after: Node | undefined): string[] =>
    [...daemonSets.objects.values()]
      .filter((daemonSet) => fitText(daemonSet, before) !== fitText(daemonSet, after))
      .map((daemonSet) => objectKey(daemonSet));
  return reconciling(
    context,
    { name: 'daemonset', read, plan: planDaemonSet, executors: daemonSetExecutors(context, events) },
    [
      onChange(daemonSets, (object) => [objectKey(object)]),
      onChange(pods, (pod) => ownerKeys(daemonSets, pod)),
      onChange(revisions, (revision) => ownerKeys(daemonSets, revision)),
      onEach(nodes, ({ before, after }) => concerned(before, after)),
    ],
    events,
  );
}

function fitText(daemonSet: DaemonSet, node: Node | undefined): string {
  if (node === undefined) return 'none';
  const { shouldRun, mayStay } = daemonFit(daemonSet, node);
  return `${shouldRun} ${mayStay}`;
}

function daemonSetExecutors({ client }: ControllerContext, events: EventRecorder): Executors<DaemonSetAction> {
  const deeds = podDeeds(client, events);
  return {
    ...claimExecutors(client, PODS),
    ...revisionExecutors(client),
    create: async ({ daemonSet, node, hash }, signal) => {
      const owner = controllerReference(daemonSet, DAEMON_SETS);
      const pod = podFromTemplate(daemonSet.spec?.template, owner, generateNameOf(daemonSet));
      const labels = {
        ...pod.metadata?.labels,
        [REVISION_HASH]: hash,
        'pod-template-generation': String(daemonSet.metadata?.generation ?? 1),
      };
      const daemon: Pod = { ...pod, metadata: { ...pod.metadata, labels }, spec: daemonSpec(daemonSet, node) };
      await deeds.create(daemonSet, daemon, signal);
    },
    delete: async ({ daemonSet, pod }, signal) => {
      if (pod.status?.phase === 'Failed') {
        const { name, namespace } = pod.metadata ?? {};
        const message = `Found failed daemon pod ${namespace}/${name} on node ${pod.spec?.nodeName}, will try to kill it`;
        events.record(daemonSet, 'Warning', 'FailedDaemonPod', message);
      }
      await deeds.delete(daemonSet, pod, signal);
    },
    status: async ({ daemonSet, status }, signal) => {
      const target = { ...targetOf(daemonSet), subresource: 'status' };
      await client.update(DAEMON_SETS, target, { ...daemonSet, status }, signal);
    },
  };
}
