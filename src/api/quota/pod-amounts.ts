/** What a pod asks for as exact quantities: `component-helpers/resource`. */
import type { PodSpec } from '../kinds.ts';
import { addQuantities, compareQuantities, parseQuantity, type Quantity } from '../quantity.ts';

export type Quantities = ReadonlyMap<string, Quantity>;
type Texts = Readonly<Record<string, string>>;

export function quantitiesOf(texts: Texts | undefined): Map<string, Quantity> {
  return new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, parseQuantity(text)]));
}

export function add(one: Quantities, other: Quantities): Map<string, Quantity> {
  const sum = new Map(one);
  for (const [name, more] of other) {
    const own = sum.get(name);
    sum.set(name, own === undefined ? more : addQuantities(own, more));
  }
  return sum;
}

/** The greater of both, by name. */
function atLeast(one: Quantities, other: Quantities): Map<string, Quantity> {
  const result = new Map(one);
  for (const [name, more] of other) {
    const own = result.get(name);
    if (own === undefined || compareQuantities(own, more) < 0) result.set(name, more);
  }
  return result;
}

/**
 * Containers and sidecars together, or the hungriest of the init containers beside the sidecars before it; the pod's own
 * word goes before that of its containers; overhead on top.
 */
export function podAmounts(spec: PodSpec, kind: 'requests' | 'limits'): Map<string, Quantity> {
  let sum = new Map<string, Quantity>();
  for (const { resources } of spec.containers) sum = add(sum, quantitiesOf(resources?.[kind]));
  let sidecars = new Map<string, Quantity>();
  let start = new Map<string, Quantity>();
  for (const { resources, restartPolicy } of spec.initContainers ?? []) {
    const together = add(sidecars, quantitiesOf(resources?.[kind]));
    if (restartPolicy === 'Always') {
      sidecars = together;
      sum = add(sum, quantitiesOf(resources?.[kind]));
    }
    start = atLeast(start, together);
  }
  sum = atLeast(sum, start);
  for (const [name, quantity] of quantitiesOf(spec.resources?.[kind])) sum.set(name, quantity);
  const overhead = [...quantitiesOf(spec.overhead)].filter(([name]) => kind === 'requests' || sum.has(name));
  return add(sum, new Map(overhead));
}
