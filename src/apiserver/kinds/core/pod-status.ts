/** The quality of service of a pod: upstream `pkg/apis/core/v1/helper/qos`. */
import { compareQuantities, parseQuantity, quantityMilliValue } from '../../../api/quantity.ts';
import type { PodDraft, PodSpecDraft, ResourcesDraft } from '../models.ts';

export type QosClass = 'BestEffort' | 'Burstable' | 'Guaranteed';

const COUNTED = ['cpu', 'memory'] as const;

/** Guaranteed when every container asks for exactly its limits, best effort when none asks for anything. */
export function qosClassOf(spec: PodSpecDraft): QosClass {
  const ownResources = spec.resources;
  const all = hasAny(ownResources)
    ? [ownResources ?? {}]
    : [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  if (!all.some(hasAny)) return 'BestEffort';
  return all.every(isGuaranteed) ? 'Guaranteed' : 'Burstable';
}

export function statusOfNewPod(pod: PodDraft): NonNullable<PodDraft['status']> {
  const gates = pod.spec?.schedulingGates ?? [];
  const gated = {
    lastProbeTime: null as unknown as string,
    lastTransitionTime: null as unknown as string,
    message: 'Scheduling is blocked due to non-empty scheduling gates',
    reason: 'SchedulingGated',
    status: 'False',
    type: 'PodScheduled',
  };
  return {
    phase: 'Pending',
    ...(gates.length === 0 ? {} : { conditions: [gated] }),
    qosClass: qosClassOf(pod.spec ?? {}),
  };
}

function hasAny(resources: ResourcesDraft | undefined): boolean {
  return COUNTED.some((name) => amount(resources?.requests?.[name]) > 0 || amount(resources?.limits?.[name]) > 0);
}

function isGuaranteed({ requests, limits }: ResourcesDraft): boolean {
  return COUNTED.every((name) => {
    const [request, limit] = [requests?.[name], limits?.[name]];
    if (amount(limit) <= 0 || limit === undefined) return false;
    return request === undefined || compareQuantities(parseQuantity(request), parseQuantity(limit)) === 0;
  });
}

function amount(quantity: string | undefined): number {
  return quantity === undefined ? 0 : quantityMilliValue(parseQuantity(quantity));
}
