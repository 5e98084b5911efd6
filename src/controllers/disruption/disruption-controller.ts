import type { Deployment, Pod, PodDisruptionBudget, ReplicaSet, StatefulSet } from '../../api/kinds.ts';
import { type KubeObject, objectKey } from '../../api/object.ts';
import { LabelSelector } from '../../api/selectors.ts';
import type { Informer } from '../../client/index.ts';
import { controllerOf } from '../ownership/claim.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { DEPLOYMENTS, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';
import { type DisruptionAction, type DisruptionState, planDisruption, type Scale } from './disruption-plan.ts';

type Scalable = Deployment | ReplicaSet | StatefulSet;

export function disruptionController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const budgets = informers.for<PodDisruptionBudget>(POD_DISRUPTION_BUDGETS);
  const pods = informers.for<Pod>(PODS);
  const workloads: Informer<Scalable>[] = [DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS].map((each) => informers.for(each));
  const selects = ({ spec }: PodDisruptionBudget, pod: Pod) =>
    LabelSelector.from(spec?.selector).matches(pod.metadata?.labels);

  /** The workload at the top: of a replica set its deployment. */
  const scaleOf = (object: KubeObject): Scale | undefined => {
    const reference = controllerOf(object);
    const informer = workloads.find(({ resource }) => resource.kind === reference?.kind);
    const owner = informer?.objects.get(`${object.metadata?.namespace}/${reference?.name}`);
    if (owner === undefined || owner.metadata?.uid !== reference?.uid) return undefined;
    return scaleOf(owner) ?? { uid: owner.metadata?.uid ?? '', replicas: owner.spec?.replicas ?? 1 };
  };
  const read = (key: string): DisruptionState | undefined => {
    const budget = budgets.objects.get(key);
    if (budget === undefined) return undefined;
    const there = pods.objects.inNamespace(budget.metadata?.namespace ?? '');
    return { budget, pods: there.filter((pod) => selects(budget, pod)), scaleOf };
  };
  const status = async ({ budget, status: next }: DisruptionAction, signal: AbortSignal) => {
    const target = { ...targetOf(budget), subresource: 'status' };
    await unlessGone(client.update(POD_DISRUPTION_BUDGETS, target, { ...budget, status: next }, signal));
  };
  const budgetsIn = (namespace: string | undefined) => budgets.objects.inNamespace(namespace ?? '');
  return reconciling(context, { name: 'disruption', read, plan: planDisruption, executors: { status } }, [
    onChange(budgets, (budget) => [objectKey(budget)]),
    onChange(pods, (pod) =>
      budgetsIn(pod.metadata?.namespace)
        .filter((budget) => selects(budget, pod))
        .map((budget) => objectKey(budget)),
    ),
    ...workloads.map((informer) =>
      onChange(informer, ({ metadata }) => budgetsIn(metadata?.namespace).map((budget) => objectKey(budget))),
    ),
  ]);
}
