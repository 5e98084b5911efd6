/** How a pod fares when memory runs short: upstream's `qos.ComputePodQOS` and `qos.GetContainerOOMScoreAdjust`. Pure. */
import type { Container, Pod } from '../../api/kinds.ts';
import { parseQuantity, quantityMilliValue } from '../../api/quantity.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const COUNTED = ['cpu', 'memory'] as const;
const GUARANTEED_OOM_SCORE_ADJ = -997;
const BEST_EFFORT_OOM_SCORE_ADJ = 1000;

export function qosClassOf(pod: Pod): QosClass {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const amounts = containers.flatMap((container) => COUNTED.map((name) => amountsOf(container, name)));
  if (amounts.every(({ request, limit }) => request === 0 && limit === 0)) return 'BestEffort';
  return amounts.every(({ request, limit }) => limit > 0 && request === limit) ? 'Guaranteed' : 'Burstable';
}

/** `memoryCapacityBytes` of the machine: the more of it a container asks for, the later it is killed. */
export function oomScoreAdjOf(pod: Pod, container: Container, memoryCapacityBytes: number): number {
  const qosClass = qosClassOf(pod);
  if (qosClass === 'Guaranteed') return GUARANTEED_OOM_SCORE_ADJ;
  if (qosClass === 'BestEffort') return BEST_EFFORT_OOM_SCORE_ADJ;
  const { request } = amountsOf(container, 'memory');
  const score = 1000 - Math.floor((1000 * request) / memoryCapacityBytes);
  return Math.min(BEST_EFFORT_OOM_SCORE_ADJ - 1, Math.max(1000 + GUARANTEED_OOM_SCORE_ADJ, score));
}

/** A limit without a request is its own request, as the API defaults it. */
function amountsOf(container: Container, name: (typeof COUNTED)[number]): { request: number; limit: number } {
  const limit = amount(container.resources?.limits?.[name]);
  const request = container.resources?.requests?.[name];
  return { limit, request: request === undefined ? limit : amount(request) };
}

/** In whole units with thousandths: `500m` of a core is not nothing. */
function amount(text: string | undefined): number {
  return text === undefined ? 0 : quantityMilliValue(parseQuantity(text)) / 1000;
}
