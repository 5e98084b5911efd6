/** Which requests a rule of a webhook or of an admission policy is about: upstream's `admission/plugin/webhook/predicates`. */
import type { ResourceInfo } from '../../../api/resources.ts';
import type { AdmissionRequest } from '../admission.ts';

/** `RuleWithOperations`, and `NamedRuleWithOperations` of policies. */
export interface ResourceRule {
  readonly operations?: readonly string[] | undefined;
  readonly apiGroups?: readonly string[] | undefined;
  readonly apiVersions?: readonly string[] | undefined;
  /** `pods`, `pods/status`, `pods/*`, `*`: a resource without a slash means none of its subresources. */
  readonly resources?: readonly string[] | undefined;
  readonly scope?: string | undefined;
  /** Empty: all. */
  readonly resourceNames?: readonly string[] | undefined;
}

/** What of a request rules look at. */
export type RuleTarget = Pick<AdmissionRequest, 'operation' | 'resource' | 'subresource' | 'namespace' | 'name'>;

/** The namespace as rules and selectors see it: that of a Namespace is itself. */
export function namespaceOf({ operation, resource, namespace, name }: RuleTarget): string {
  return isNamespace(resource) && operation !== 'CREATE' ? name : namespace;
}

export function isNamespace({ group, plural }: ResourceInfo): boolean {
  return group === '' && plural === 'namespaces';
}

/**
 * The first of the versions that a rule names: first the request's own, then (`matchPolicy: Equivalent`) the others in
 * which the same object is served. Undefined where no rule is about the request.
 */
export function matchRules<T extends ResourceInfo>(
  rules: readonly ResourceRule[],
  target: RuleTarget & { readonly resource: T },
  equivalents: readonly T[],
): T | undefined {
  if (rules.some((rule) => ruleMatches(rule, target))) return target.resource;
  for (const rule of rules) {
    const found = equivalents.find((resource) => ruleMatches(rule, { ...target, resource }));
    if (found !== undefined) return found;
  }
  return undefined;
}

export function ruleMatches(rule: ResourceRule, target: RuleTarget): boolean {
  const { resource, operation, name } = target;
  return (
    inScope(rule.scope ?? '*', target) &&
    named(rule.operations, operation) &&
    named(rule.apiGroups, resource.group) &&
    named(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((pattern) => resourceMatches(pattern, resource.plural, target.subresource)) &&
    ((rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(name) === true)
  );
}

function inScope(scope: string, target: RuleTarget): boolean {
  if (scope === '*') return true;
  const clusterWide = isNamespace(target.resource) || target.namespace === '';
  return scope === 'Cluster' ? clusterWide : scope === 'Namespaced' && !clusterWide;
}

function named(patterns: readonly string[] | undefined, value: string): boolean {
  return patterns !== undefined && (patterns.includes('*') || patterns.includes(value));
}

function resourceMatches(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf('/');
  const resource = slash < 0 ? pattern : pattern.slice(0, slash);
  const part = slash < 0 ? '' : pattern.slice(slash + 1);
  return (resource === '*' || resource === plural) && (part === '*' || part === subresource);
}
