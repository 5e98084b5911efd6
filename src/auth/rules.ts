/** Rules of RBAC: which requests one covers, and which rules cover others. `pkg/registry/rbac/validation`. */
import type { Attributes } from './attributes.ts';

/** `rbac.authorization.k8s.io/v1` PolicyRule. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

const ALL = '*';

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if (!attributes.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, attributes.path));
  return (
    has(rule.apiGroups, attributes.group) &&
    resourceMatches(rule.resources ?? [], attributes.resource, attributes.subresource) &&
    (empty(rule.resourceNames) || rule.resourceNames?.includes(attributes.name) === true)
  );
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(ALL) || list.includes(value));
}

function empty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function resourceMatches(resources: readonly string[], resource: string, subresource: string): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (each) => each === ALL || each === combined || (subresource !== '' && each === `*/${subresource}`),
  );
}

function urlMatches(pattern: string, path: string): boolean {
  if (pattern === ALL || pattern === path) return true;
  return pattern.endsWith(ALL) && path.startsWith(pattern.slice(0, -1));
}

/** What of `wanted` the rules `held` do not cover, in single grants. */
export function missingRules(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(singleGrants).filter((grant) => !held.some((rule) => covers(rule, grant)));
}

/** One grant for each verb on each resource (or URL), with at most one name. */
function singleGrants(rule: PolicyRule): PolicyRule[] {
  const names = empty(rule.resourceNames) ? [undefined] : (rule.resourceNames ?? []);
  const onResources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      rule.verbs.flatMap((verb) =>
        names.map((name) => ({
          apiGroups: [group],
          resources: [resource],
          ...(name === undefined ? {} : { resourceNames: [name] }),
          verbs: [verb],
        })),
      ),
    ),
  );
  const onPaths = (rule.nonResourceURLs ?? []).flatMap((url) =>
    rule.verbs.map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })),
  );
  return [...onResources, ...onPaths];
}

function covers(held: PolicyRule, grant: PolicyRule): boolean {
  if (!grant.verbs.every((verb) => has(held.verbs, verb))) return false;
  const urls = grant.nonResourceURLs ?? [];
  if (urls.length > 0) {
    return urls.every((url) => (held.nonResourceURLs ?? []).some((pattern) => urlMatches(pattern, url)));
  }
  const names = grant.resourceNames ?? [];
  const namesCovered = names.length > 0 && names.every((name) => held.resourceNames?.includes(name) === true);
  return (
    (grant.apiGroups ?? []).every((group) => has(held.apiGroups, group)) &&
    (grant.resources ?? []).every((resource) => resourceCovered(held.resources ?? [], resource)) &&
    (empty(held.resourceNames) || namesCovered)
  );
}

function resourceCovered(held: readonly string[], resource: string): boolean {
  if (held.includes(ALL) || held.includes(resource)) return true;
  const slash = resource.indexOf('/');
  return slash >= 0 && held.includes(`*${resource.slice(slash)}`);
}

/** Single grants drawn together where only the verbs differ: how refusals list them. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const groups = Map.groupBy(rules, ({ verbs: _verbs, ...target }) => JSON.stringify(target));
  return [...groups.values()].flatMap(([first, ...others]) =>
    first === undefined ? [] : [{ ...first, verbs: [first, ...others].flatMap(({ verbs }) => verbs) }],
  );
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export function ruleText(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ];
  const shown = parts.filter(([, list]) => !empty(list)).map(([name, list = []]) => `${name}:${quotedList(list)}`);
  return `{${shown.join(', ')}}`;
}

/** `["a" "b"]`: a list as Go's `%q` prints it. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(' ')}]`;
}
