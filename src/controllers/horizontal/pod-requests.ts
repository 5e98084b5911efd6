/** What pods, or one container of each, request of a resource: upstream `replica_calculator.go` calculateRequests. Pure. */
import type { Pod } from '../../api/kinds.ts';
import { parseQuantity, quantityMilliValue } from '../../api/quantity.ts';
import type { Problem } from './pod-proposal.ts';

/** In thousandths by the name of the pod. `container`: empty for whole pods. */
export function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string,
): ReadonlyMap<string, number> | Problem {
  const requests = new Map<string, number>();
  for (const pod of pods) {
    const request = requestOf(pod, resource, container);
    if (typeof request !== 'number') return request;
    requests.set(pod.metadata?.name ?? '', request);
  }
  return requests;
}

function requestOf({ metadata, spec }: Pod, resource: string, container: string): number | Problem {
  const whole = spec?.resources?.requests?.[resource];
  if (container === '' && whole !== undefined) return milli(whole);
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const all = [...(spec?.containers ?? []), ...sidecars];
  const meant = container === '' ? all : all.filter(({ name }) => name === container);
  if (meant.length === 0) return { problem: `container ${container} not found in Pod ${metadata?.name}` };
  let total = 0;
  for (const { name, resources } of meant) {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      return { problem: `missing request for ${resource} in container ${name} of Pod ${metadata?.name}` };
    }
    total += milli(request);
  }
  return total;
}

function milli(quantity: string): number {
  return quantityMilliValue(parseQuantity(quantity));
}
