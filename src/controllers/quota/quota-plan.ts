import { equalJson } from '../../api/json.ts';
import type { ResourceQuota } from '../../api/kinds.ts';
import type { KubeObject } from '../../api/object.ts';
import { addQuantities, canonicalQuantity, formatQuantity, type Quantity } from '../../api/quantity.ts';
import { matchesScopes } from '../../api/quota/scopes.ts';
import { countsResource, usageOf } from '../../api/quota/usage.ts';
import type { Plan } from '../../client/index.ts';

/** All objects of one resource in the namespace of the quota. */
export interface Counted {
  readonly resource: { readonly group: string; readonly plural: string };
  readonly objects: readonly KubeObject[];
}

export interface QuotaState {
  readonly quota: ResourceQuota;
  readonly counted: readonly Counted[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface QuotaAction {
  readonly kind: 'status';
  readonly reason: string;
  readonly quota: ResourceQuota;
  readonly status: { readonly hard: Record<string, string>; readonly used: Record<string, string> };
}

const ZERO: Quantity = { nanos: 0n, format: 'DecimalSI' };

/** Counts what a namespace holds against its quota (upstream `pkg/controller/resourcequota`). */
export function planQuota({ quota, counted, now }: QuotaState): Plan<QuotaAction> {
  const hard = Object.fromEntries(
    Object.entries(quota.spec?.hard ?? {}).map(([name, amount]) => [name, canonicalQuantity(amount)]),
  );
  const used = usedOf(quota, Object.keys(hard), counted, now);
  const { hard: oldHard = {}, used: oldUsed = {} } = quota.status ?? {};
  if (equalJson(hard, oldHard) && equalJson(used, oldUsed) && quota.status?.hard !== undefined) return { actions: [] };
  return { actions: [{ kind: 'status', reason: 'the count has changed', quota, status: { hard, used } }] };
}

function usedOf(
  quota: ResourceQuota,
  names: readonly string[],
  counted: readonly Counted[],
  now: number,
): Record<string, string> {
  const sums = new Map(names.map((name) => [name, ZERO]));
  for (const { resource, objects } of counted) {
    const own = names.filter((name) => countsResource(resource, name));
    if (own.length === 0) continue;
    const isPod = resource.group === '' && resource.plural === 'pods';
    for (const object of objects) {
      if (!matchesScopes(quota, isPod, object)) continue;
      const usage = usageOf(resource, object, now);
      for (const name of own) sums.set(name, addQuantities(sums.get(name) ?? ZERO, usage.get(name) ?? ZERO));
    }
  }
  return Object.fromEntries([...sums].map(([name, quantity]) => [name, formatQuantity(quantity)]));
}
