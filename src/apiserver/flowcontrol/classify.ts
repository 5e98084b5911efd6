/** Which flow a request belongs to: `apiserver/pkg/util/flowcontrol/rule.go`. */
import type { FlowSchema } from '../../api/kinds.ts';
import type { Caller } from '../../client/index.ts';

/** What flow schemas look at. */
export interface RequestFacts {
  readonly isResource: boolean;
  readonly verb: string;
  readonly path: string;
  readonly group: string;
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
}

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number];
type Subject = Rule['subjects'][number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number];

/** In the order in which they are asked: by precedence, then by name. */
export function inOrder(schemas: Iterable<FlowSchema>): FlowSchema[] {
  return [...schemas].sort(
    (a, b) =>
      (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
      ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1),
  );
}

export function schemaMatches({ spec }: FlowSchema, caller: Caller, facts: RequestFacts): boolean {
  for (const rule of spec?.rules ?? []) {
    if (!rule.subjects.some((subject) => subjectMatches(subject, caller))) continue;
    if (facts.isResource ? rule.resourceRules?.some((each) => resourceMatches(each, facts)) : false) return true;
    if (!facts.isResource && rule.nonResourceRules?.some((each) => pathMatches(each, facts))) return true;
  }
  return false;
}

/** What tells the flows of one schema apart. */
export function distinguisherOf({ spec }: FlowSchema, caller: Caller, facts: RequestFacts): string {
  switch (spec?.distinguisherMethod?.type) {
    case 'ByUser':
      return caller.name;
    case 'ByNamespace':
      return facts.namespace;
    default:
      return '';
  }
}

function subjectMatches({ kind, user, group, serviceAccount }: Subject, caller: Caller): boolean {
  if (kind === 'User') return user?.name === '*' || user?.name === caller.name;
  if (kind === 'Group') return group?.name === '*' || caller.groups.includes(group?.name ?? '');
  if (serviceAccount === undefined) return false;
  const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
  if (serviceAccount.name === '*') return caller.name.startsWith(prefix);
  return caller.name === `${prefix}${serviceAccount.name}`;
}

function resourceMatches(rule: ResourceRule, { verb, group, resource, subresource, namespace }: RequestFacts): boolean {
  const name = subresource === '' ? resource : `${resource}/${subresource}`;
  if (!holds(rule.verbs, verb) || !holds(rule.apiGroups, group) || !holds(rule.resources, name)) return false;
  return namespace === '' ? rule.clusterScope === true : holds(rule.namespaces ?? [], namespace);
}

function pathMatches(rule: NonResourceRule, { verb, path }: RequestFacts): boolean {
  return holds(rule.verbs, verb) && rule.nonResourceURLs.some((url) => url === path || coversPath(url, path));
}

function coversPath(url: string, path: string): boolean {
  return url.endsWith('*') && path.startsWith(url.slice(0, -1));
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}
