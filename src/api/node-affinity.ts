/** Which nodes a pod may or would rather run on: `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`. */
import type * as models from '@kubernetes/client-node';
import type { Node, Pod, Wire } from './kinds.ts';
import type { LabelOperator } from './label-selector-parser.ts';
import { LabelSelector } from './selectors.ts';

type Term = Wire<models.V1NodeSelectorTerm>;
type Requirement = Wire<models.V1NodeSelectorRequirement>;

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
};

/** Whether the node has the labels of `nodeSelector` and fits one of the required terms. */
export function matchesNodeSelection(pod: Pod, node: Node): boolean {
  const { nodeSelector, affinity } = pod.spec ?? {};
  if (nodeSelector !== undefined && !LabelSelector.ofLabels(nodeSelector).matches(node.metadata?.labels)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Whether the node fits one of the terms. */
export function matchesNodeSelector({ nodeSelectorTerms }: Wire<models.V1NodeSelector>, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** The weights of the preferred terms that the node fits. */
export function preferredNodeWeight(pod: Pod, node: Node): number {
  const preferred = pod.spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return preferred
    .filter(({ preference }) => matchesTerm(preference, node))
    .reduce((sum, { weight }) => sum + weight, 0);
}

/** An empty term matches nothing. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: Term, node: Node): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  const fields = { 'metadata.name': node.metadata?.name ?? '' };
  return selectorOf(matchExpressions).matches(node.metadata?.labels) && selectorOf(matchFields).matches(fields);
}

function selectorOf(requirements: readonly Requirement[]): LabelSelector {
  const known = requirements.flatMap(({ key, operator, values = [] }) => {
    const named = OPERATORS[operator];
    return named === undefined ? [] : [{ key, operator: named, values }];
  });
  return known.length < requirements.length ? LabelSelector.nothing : LabelSelector.of(known);
}
