/** What a pod asks for: `k8s.io/component-helpers/resource` PodRequests. */
import type { Pod } from './kinds.ts';
import { parseQuantity, quantityMilliValue, quantityValue } from './quantity.ts';

/** Amounts by resource name: CPU in thousandths of a core, all else in its own unit (bytes, pieces). */
export type ResourceAmounts = ReadonlyMap<string, number>;

type QuantityMap = Readonly<Record<string, string>>;

/**
 * Containers and sidecars run side by side, init containers one after another beside the sidecars started before them:
 * the greater need counts, plus the overhead. Requests at pod level go before those of the containers.
 */
export function podRequests(pod: Pod): ResourceAmounts {
  const { spec } = pod;
  const sum = new Map<string, number>();
  for (const { resources } of spec?.containers ?? []) add(sum, amountsOf(resources?.requests));
  const sidecars = new Map<string, number>();
  const startUp = new Map<string, number>();
  for (const { resources, restartPolicy } of spec?.initContainers ?? []) {
    const own = amountsOf(resources?.requests);
    if (restartPolicy === 'Always') {
      add(sum, own);
      add(sidecars, own);
      raise(startUp, sidecars);
    } else {
      const together = new Map(sidecars);
      add(together, own);
      raise(startUp, together);
    }
  }
  raise(sum, startUp);
  for (const [name, amount] of amountsOf(spec?.resources?.requests)) sum.set(name, amount);
  add(sum, amountsOf(spec?.overhead));
  return sum;
}

export function amountsOf(quantities: QuantityMap | undefined): Map<string, number> {
  return new Map(Object.entries(quantities ?? {}).map(([name, text]) => [name, amountOf(name, text)]));
}

export function amountOf(resource: string, quantity: string): number {
  const parsed = parseQuantity(quantity);
  return resource === 'cpu' ? quantityMilliValue(parsed) : quantityValue(parsed);
}

function add(sum: Map<string, number>, more: ResourceAmounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0) + amount);
}

function raise(sum: Map<string, number>, least: ResourceAmounts): void {
  for (const [name, amount] of least) sum.set(name, Math.max(sum.get(name) ?? 0, amount));
}
