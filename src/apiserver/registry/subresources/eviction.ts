/** `pods/eviction`: a delete that asks the disruption budgets first. */
import type { KubeObject } from '../../../api/object.ts';
import type { Pod } from '../../../api/kinds.ts';
import { LabelSelector, type LabelSelectorObject } from '../../../api/selectors.ts';
import { StatusError } from '../../../api/status-error.ts';
import type { ApiResponse } from '../../../client/index.ts';
import { decodeBody } from '../body.ts';
import type { ResourceCall } from '../call.ts';
import { contextOf } from '../endpoint.ts';
import { timestamp } from '../metadata.ts';
import { checkedDeletion, writeOptions, type DeleteOptionsBody } from '../write-options.ts';
import { admitCreation } from './admit.ts';
import { created, type SubresourceParts } from './parts.ts';

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' };

interface Eviction extends KubeObject {
  deleteOptions?: DeleteOptionsBody;
}

interface Budget extends KubeObject {
  spec?: { selector?: LabelSelectorObject };
  status?: {
    disruptionsAllowed?: number;
    desiredHealthy?: number;
    currentHealthy?: number;
    observedGeneration?: number;
    disruptedPods?: Record<string, string>;
    conditions?: readonly BudgetCondition[];
  };
}

export async function evictPod(parts: SubresourceParts, call: ResourceCall, now: number): Promise<ApiResponse> {
  const { info, served } = call;
  const options = writeOptions('CreateOptions', call.query, call.request.headers['user-agent'] ?? '');
  const eviction: Eviction = decodeBody(parts.decoder, call, EVICTION, options.fieldValidation);
  const deletion = checkedDeletion(eviction.deleteOptions ?? {});
  const dryRun = options.dryRun || deletion.dryRun;
  await admitCreation(parts.admission, call, eviction, contextOf(call, { ...options, dryRun }, 'CreateOptions'));
  const pod = (await parts.reader.getObject(served, info.namespace, info.name)) as Pod;
  if (!goesFreely(pod)) await spend(parts, call, pod, now, dryRun);
  const context = { ...contextOf(call, { ...options, dryRun }, 'DeleteOptions'), subresource: '' };
  await parts.deleter.delete(context, info.name, deletion);
  return created(call);
}

/** A pod that does not run takes nothing from a budget. */
function goesFreely({ metadata, status }: Pod): boolean {
  const phase = status?.phase ?? 'Pending';
  return metadata?.deletionTimestamp !== undefined || ['Succeeded', 'Failed', 'Pending'].includes(phase);
}

async function spend(
  parts: SubresourceParts,
  call: ResourceCall,
  pod: Pod,
  now: number,
  dryRun: boolean,
): Promise<void> {
  const { namespace } = call.info;
  const budgets = (await parts.list('poddisruptionbudgets', namespace)) as Budget[];
  const [budget, second] = budgets.filter((each) =>
    LabelSelector.from(each.spec?.selector).matches(pod.metadata?.labels),
  );
  if (second !== undefined) {
    throw new StatusError(
      '',
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  }
  const served = parts.catalog.find('policy', 'v1', 'poddisruptionbudgets');
  if (budget === undefined || served === undefined) return;
  const options = { dryRun, fieldManager: 'kube-apiserver', fieldValidation: 'Warn' } as const;
  const context = contextOf({ ...call, served }, options, 'UpdateOptions');
  await parts.writer.update({ ...context, subresource: 'status' }, budget.metadata?.name ?? '', (current) =>
    decremented(current, pod.metadata?.name ?? '', now),
  );
}

function decremented(budget: Budget, pod: string, now: number): KubeObject {
  const { name, generation = 0 } = budget.metadata ?? {};
  const status = budget.status ?? {};
  const { disruptionsAllowed = 0, desiredHealthy = 0, currentHealthy = 0, observedGeneration = 0 } = status;
  if (observedGeneration < generation) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`);
  }
  if (disruptionsAllowed <= 0) {
    throw tooMany(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    );
  }
  const disruptedPods = { ...status.disruptedPods, [pod]: timestamp(now) };
  const left = disruptionsAllowed - 1;
  const conditions = left === 0 ? withSpent(status.conditions ?? [], generation, now) : status.conditions;
  return {
    ...budget,
    status: { ...status, disruptionsAllowed: left, disruptedPods, ...(conditions === undefined ? {} : { conditions }) },
  };
}

interface BudgetCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
}

/** The last allowed disruption is told at once; the controller sets it right when pods are healthy again. */
function withSpent(conditions: readonly BudgetCondition[], generation: number, now: number): BudgetCondition[] {
  const old = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const spent = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration: generation,
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime : timestamp(now),
    reason: 'InsufficientPods',
    message: '',
  };
  return [...conditions.filter(({ type }) => type !== spent.type), spent];
}

function tooMany(message: string): StatusError {
  return new StatusError('TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: { causes: [{ reason: 'DisruptionBudget', message }] },
  });
}
