import { equalJson } from '../../api/json.ts';
import type { ClusterRole } from '../../api/kinds.ts';
import { LabelSelector } from '../../api/selectors.ts';
import type { Plan } from '../../client/index.ts';
import { type Controller, type ControllerContext, onChange, reconciling } from '../runtime/controller.ts';
import { CLUSTER_ROLES } from '../runtime/resources.ts';
import { targetOf, unlessGone } from '../runtime/targets.ts';

type Rule = NonNullable<ClusterRole['rules']>[number];

export interface AggregationState {
  readonly role: ClusterRole;
  readonly all: readonly ClusterRole[];
}

export interface AggregationAction {
  readonly kind: 'set-rules';
  readonly reason: string;
  readonly role: ClusterRole;
  readonly rules: readonly Rule[];
}

/** An aggregated role has the rules of all that its selectors find, in the order of their names. */
export function planAggregation({ role, all }: AggregationState): Plan<AggregationAction> {
  const selectors = role.aggregationRule?.clusterRoleSelectors?.map((each) => LabelSelector.from(each));
  if (selectors === undefined) return { actions: [] };
  const nameOf = ({ metadata }: ClusterRole) => metadata?.name ?? '';
  const others = all.filter((each) => nameOf(each) !== nameOf(role)).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const rules: Rule[] = [];
  for (const selector of selectors) {
    for (const { rules: more } of others.filter(({ metadata }) => selector.matches(metadata?.labels))) {
      for (const rule of more ?? []) if (!rules.some((each) => equalJson(each, rule))) rules.push(rule);
    }
  }
  if (equalJson(rules, role.rules ?? [])) return { actions: [] };
  return { actions: [{ kind: 'set-rules', reason: 'the roles that it takes in changed', role, rules }] };
}

export function clusterRoleAggregationController(context: ControllerContext): Controller {
  const { client, informers } = context;
  const roles = informers.for<ClusterRole>(CLUSTER_ROLES);
  const read = (name: string): AggregationState | undefined => {
    const role = roles.objects.get(name);
    return role && { role, all: [...roles.objects.values()] };
  };
  const setRules = async ({ role, rules }: AggregationAction, signal: AbortSignal) => {
    const patch = { metadata: { resourceVersion: role.metadata?.resourceVersion }, rules };
    await unlessGone(client.patch(CLUSTER_ROLES, targetOf(role), 'merge', patch, signal));
  };
  const aggregated = () => {
    const taking = [...roles.objects.values()].filter(({ aggregationRule }) => aggregationRule !== undefined);
    return taking.map(({ metadata }) => metadata?.name ?? '');
  };
  return reconciling(
    context,
    { name: 'clusterrole-aggregation', read, plan: planAggregation, executors: { 'set-rules': setRules } },
    [onChange(roles, aggregated)],
  );
}
