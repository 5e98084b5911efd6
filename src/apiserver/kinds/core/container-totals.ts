/** What the containers of a pod take together: upstream `component-helpers/resource`, AggregateContainerRequests. */
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../../../api/quantity.ts';
import type { ContainerDraft, PodSpecDraft } from '../models.ts';

type Amounts = Map<string, Quantity>;

/** Containers and sidecars run at once; the other init containers run one by one beside the sidecars before them. */
export function containerTotals(spec: PodSpecDraft, kind: 'requests' | 'limits'): ReadonlyMap<string, Quantity> {
  const totals: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const peaks: Amounts = new Map();
  for (const container of spec.containers ?? []) add(totals, amountsOf(container, kind));
  for (const container of spec.initContainers ?? []) {
    const amounts = amountsOf(container, kind);
    if (container.restartPolicy === 'Always') {
      add(totals, amounts);
      add(sidecars, amounts);
      raise(peaks, sidecars);
    } else {
      const now = new Map(sidecars);
      add(now, amounts);
      raise(peaks, now);
    }
  }
  raise(totals, peaks);
  return totals;
}

function amountsOf({ resources }: ContainerDraft, kind: 'requests' | 'limits'): Amounts {
  return new Map(Object.entries(resources?.[kind] ?? {}).map(([name, amount]) => [name, parseQuantity(amount)]));
}

function add(sum: Amounts, more: Amounts): void {
  for (const [name, amount] of more) {
    const own = sum.get(name);
    sum.set(name, own === undefined ? amount : addQuantities(own, amount));
  }
}

function raise(highest: Amounts, other: Amounts): void {
  for (const [name, amount] of other) {
    const own = highest.get(name);
    if (own === undefined || compareQuantities(own, amount) < 0) highest.set(name, amount);
  }
}
