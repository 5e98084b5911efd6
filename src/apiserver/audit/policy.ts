/** `audit.k8s.io/v1` Policy: what of a request is written down. Matching: `apiserver/pkg/audit/policy/checker.go`. */
import { isObject } from '../../api/json.ts';
import type { RequestInfo } from '../../auth/index.ts';
import { messageOf, UserError } from '../../base/errors.ts';
import type { Caller } from '../../client/index.ts';
import { parseYamlBody } from '../schema/index.ts';

const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;

export type Level = (typeof LEVELS)[number];
export type Stage = (typeof STAGES)[number];

interface GroupResources {
  readonly group?: string;
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

interface Rule {
  readonly level: Level;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly GroupResources[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditPolicy {
  readonly rules: readonly Rule[];
  readonly omitStages?: readonly Stage[];
  readonly omitManagedFields?: boolean;
}

/** What becomes of one request. */
export interface AuditDecision {
  readonly level: Level;
  readonly omits: (stage: Stage) => boolean;
  readonly omitManagedFields: boolean;
}

/** Throws UserError, naming the file and the rule. */
export function parsePolicy(text: string, file: string): AuditPolicy {
  const wrong = (why: string, cause?: unknown): UserError =>
    new UserError(`apiserver.audit-policy-file: ${file} is no audit policy: ${why}.`, { cause });
  let value: unknown;
  try {
    ({ value } = parseYamlBody(Buffer.from(text)));
  } catch (error) {
    throw wrong(messageOf(error), error);
  }
  if (!isObject(value) || value.kind !== 'Policy' || value.apiVersion !== 'audit.k8s.io/v1') {
    throw wrong('it must be of kind Policy in audit.k8s.io/v1');
  }
  const { rules, omitStages } = value;
  if (!Array.isArray(rules) || rules.length === 0) throw wrong('it has no rules');
  rules.forEach((rule, index) => {
    const problem = isObject(rule) ? ruleProblem(rule) : 'it must be an object';
    if (problem !== undefined) throw wrong(`rules[${index}]: ${problem}`);
  });
  if (unknownStage(omitStages) !== undefined) throw wrong(`omitStages: ${unknownStage(omitStages)} is no stage`);
  // Checked member by member above.
  return value as unknown as AuditPolicy;
}

function ruleProblem({ level, omitStages, nonResourceURLs, resources, namespaces }: Partial<Rule>): string | undefined {
  if (level === undefined || !LEVELS.includes(level)) return `level must be one of ${LEVELS.join(', ')}`;
  const stage = unknownStage(omitStages);
  if (stage !== undefined) return `omitStages: ${stage} is no stage`;
  if (nonResourceURLs !== undefined && (resources !== undefined || namespaces !== undefined)) {
    return 'rules cannot apply to both regular resources and non-resource URLs';
  }
  return undefined;
}

function unknownStage(stages: unknown): string | undefined {
  if (stages === undefined) return undefined;
  if (!Array.isArray(stages)) return JSON.stringify(stages);
  const found = stages.find((each) => !(STAGES as readonly unknown[]).includes(each));
  return found === undefined ? undefined : String(found);
}

/** The first rule that is about the request decides; without one nothing is written. */
export function decideAudit(policy: AuditPolicy, caller: Caller, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((each) => isAbout(each, caller, info));
  const omitted = new Set([...(policy.omitStages ?? []), ...(rule?.omitStages ?? [])]);
  return {
    level: rule?.level ?? 'None',
    omits: (stage) => omitted.has(stage),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function isAbout(rule: Rule, caller: Caller, info: RequestInfo): boolean {
  const { users = [], userGroups = [], verbs = [], namespaces = [], resources = [], nonResourceURLs = [] } = rule;
  if (users.length > 0 && !users.includes(caller.name)) return false;
  if (userGroups.length > 0 && !userGroups.some((group) => caller.groups.includes(group))) return false;
  if (verbs.length > 0 && !verbs.includes(info.verb)) return false;
  if (namespaces.length > 0 || resources.length > 0) {
    if (!info.isResource || (namespaces.length > 0 && !namespaces.includes(info.namespace))) return false;
    return resources.length === 0 || resources.some((each) => covers(each, info));
  }
  if (nonResourceURLs.length === 0) return true;
  return !info.isResource && nonResourceURLs.some((pattern) => pathMatches(info.path, pattern));
}

function covers({ group = '', resources = [], resourceNames = [] }: GroupResources, info: RequestInfo): boolean {
  if (group !== info.group) return false;
  if (resources.length === 0) return true;
  if (resourceNames.length > 0 && !resourceNames.includes(info.name)) return false;
  const { resource, subresource } = info;
  const whole = subresource === '' ? resource : `${resource}/${subresource}`;
  return resources.some(
    (each) =>
      each === whole ||
      each === '*' ||
      (subresource !== '' && each === `*/${subresource}`) ||
      (each.endsWith('/*') && each.slice(0, -2) === resource),
  );
}

function pathMatches(path: string, pattern: string): boolean {
  if (pattern === '*' || pattern === path) return true;
  return pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1));
}
