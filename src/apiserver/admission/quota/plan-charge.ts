/** What a write does to a quota: upstream's `CheckRequest`. */
import type { Pod, ResourceQuota } from '../../../api/kinds.ts';
import type { KubeObject } from '../../../api/object.ts';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../api/quantity.ts';
import { type Quantities, quantitiesOf } from '../../../api/quota/pod-amounts.ts';
import { matchesScopes } from '../../../api/quota/scopes.ts';
import { computeUsage, countsResource, usageOf } from '../../../api/quota/usage.ts';

export interface Charge {
  readonly resource: { readonly group: string; readonly plural: string };
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export type ChargePlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'refuse'; readonly why: string }
  /** The new `status.used`. */
  | { readonly kind: 'charge'; readonly used: Record<string, string> };

const NOTHING: ChargePlan = { kind: 'nothing' };
/** What each container has to say of itself where a quota bounds it. */
const MUST_SPECIFY = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);

export function planCharge(quota: ResourceQuota, charge: Charge): ChargePlan {
  const { resource, object } = charge;
  const name = quota.metadata?.name ?? '';
  const isPod = resource.group === '' && resource.plural === 'pods';
  const hard = quantitiesOf(quota.status?.hard);
  const names = Object.keys(quota.spec?.hard ?? {}).filter((each) => countsResource(resource, each));
  if (names.length === 0 || !matchesScopes(quota, isPod, object)) return NOTHING;
  const missing = isPod ? missingAmounts(object, names) : '';
  if (missing !== '') return { kind: 'refuse', why: `failed quota: ${name}: ${missing}` };
  const used = quantitiesOf(quota.status?.used);
  const unknown = names.filter((each) => !used.has(each) || !hard.has(each)).sort();
  if (unknown.length > 0) {
    return { kind: 'refuse', why: `status unknown for quota: ${name}, resources: ${unknown.join(',')}` };
  }
  const requested = requestedOf(charge, names);
  if (requested.size === 0) return NOTHING;
  return settle(name, requested, used, hard);
}

function settle(name: string, requested: Quantities, used: Map<string, Quantity>, hard: Quantities): ChargePlan {
  const before = new Map(used);
  const exceeded: string[] = [];
  for (const [each, amount] of requested) {
    const sum = addQuantities(amountOf(used, each), amount);
    used.set(each, sum);
    if (compareQuantities(sum, amountOf(hard, each)) > 0) exceeded.push(each);
  }
  if (exceeded.length === 0) return { kind: 'charge', used: textsOf(used) };
  const show = (amounts: Quantities): string =>
    exceeded
      .sort()
      .map((each) => `${each}=${formatQuantity(amountOf(amounts, each))}`)
      .join(',');
  const why = `exceeded quota: ${name}, requested: ${show(requested)}, used: ${show(before)}, limited: ${show(hard)}`;
  return { kind: 'refuse', why };
}

/** Only what grows is charged; what shrinks is given back by the controller that counts. */
function requestedOf({ resource, object, oldObject, now }: Charge, names: readonly string[]): Map<string, Quantity> {
  const usage = usageOf(resource, object, now);
  const before = oldObject === undefined ? new Map<string, Quantity>() : usageOf(resource, oldObject, now);
  const requested = new Map<string, Quantity>();
  for (const name of names) {
    const amount = usage.get(name);
    if (amount === undefined) continue;
    const old = before.get(name);
    const more = old === undefined ? amount : subtractQuantities(amount, old);
    if (more.nanos > 0n) requested.set(name, more);
  }
  return requested;
}

function missingAmounts({ spec }: Pod, names: readonly string[]): string {
  if (spec === undefined) return '';
  const ofPod = computeUsage(quantitiesOf(spec.resources?.requests), quantitiesOf(spec.resources?.limits));
  const wanted = names.filter((name) => MUST_SPECIFY.has(name) && !ofPod.has(name)).sort();
  const containers = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name, resources }) => ({
    name,
    given: computeUsage(quantitiesOf(resources?.requests), quantitiesOf(resources?.limits)),
  }));
  const missing = wanted.flatMap((each) => {
    const silent = containers.filter(({ given }) => !given.has(each)).map(({ name }) => name);
    return silent.length === 0 ? [] : [`${each} for: ${silent.sort().join(',')}`];
  });
  return missing.length === 0 ? '' : `must specify ${missing.join('; ')}`;
}

function amountOf(amounts: Quantities, name: string): Quantity {
  return amounts.get(name) ?? { nanos: 0n, format: 'DecimalSI' };
}

function textsOf(amounts: Quantities): Record<string, string> {
  return Object.fromEntries([...amounts].map(([name, quantity]) => [name, formatQuantity(quantity)]));
}
