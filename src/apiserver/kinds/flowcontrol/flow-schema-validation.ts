/** Validation of FlowSchemas: upstream `pkg/apis/flowcontrol/validation/validation.go`. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
} from '../../../api/field-error.ts';
import { equalJson } from '../../../api/json.ts';
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../api/names.ts';
import { defaultFlowSchemas } from '../../flowcontrol/default-objects.ts';
import type { FlowSchemaDraft } from '../models.ts';
import { writesStatus } from '../status-rules.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, invalidFor, isEmpty, optionalText, requiredText } from '../validation/checks.ts';
import { goDump } from '../validation/go-dump.ts';

type Spec = NonNullable<FlowSchemaDraft['spec']>;
type Rule = NonNullable<Spec['rules']>[number];
type Subject = NonNullable<Rule['subjects']>[number];
type ResourceRule = NonNullable<Rule['resourceRules']>[number];
type NonResourceRule = NonNullable<Rule['nonResourceRules']>[number];

const MAX_PRECEDENCE = 10_000;
const DISTINGUISHERS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
/** Each kind of subject and the member that describes it. */
const SUBJECT_MEMBERS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;
const MANDATORY = ['catch-all', 'exempt'];

export function flowSchemaErrors({ metadata, spec = {}, status }: FlowSchemaDraft): FieldError[] {
  const name = metadata?.name ?? '';
  return [
    ...precedenceErrors(name, spec.matchingPrecedence ?? 0),
    ...distinguisherErrors(spec),
    ...levelReferenceErrors(spec.priorityLevelConfiguration?.name),
    ...each(spec.rules, 'spec.rules', ruleErrors),
    ...mandatoryErrors(name, spec),
    ...flowConditionErrors(status?.conditions),
  ];
}

export function flowSchemaUpdateErrors(
  object: FlowSchemaDraft,
  _old: FlowSchemaDraft,
  context: StrategyContext,
): FieldError[] {
  return writesStatus(context) ? flowConditionErrors(object.status?.conditions) : flowSchemaErrors(object);
}

function precedenceErrors(name: string, precedence: number): FieldError[] {
  const path = 'spec.matchingPrecedence';
  if (precedence <= 0) return [invalid(path, precedence, 'must be a positive value')];
  if (precedence > MAX_PRECEDENCE) return [invalid(path, precedence, `must not be greater than ${MAX_PRECEDENCE}`)];
  if (precedence > 1 || name === 'exempt') return [];
  return [invalid(path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1")];
}

function distinguisherErrors({ distinguisherMethod }: Spec): FieldError[] {
  if (distinguisherMethod === undefined || DISTINGUISHERS.includes(distinguisherMethod.type ?? '')) return [];
  const shown = goDump(distinguisherMethod, 'FlowDistinguisherMethod');
  return [notSupported('spec.distinguisherMethod.type', shown, DISTINGUISHERS)];
}

function levelReferenceErrors(name: string | undefined): FieldError[] {
  const path = 'spec.priorityLevelConfiguration.name';
  if (isEmpty(name)) return [required(path, 'must reference a priority level')];
  return invalidFor(path, name, dns1123SubdomainErrors(name));
}

function ruleErrors({ subjects, resourceRules, nonResourceRules }: Rule, path: string): FieldError[] {
  const isEmptyRule = (resourceRules ?? []).length === 0 && (nonResourceRules ?? []).length === 0;
  return [
    ...((subjects ?? []).length === 0
      ? [required(`${path}.subjects`, 'subjects must contain at least one value')]
      : each(subjects, `${path}.subjects`, subjectErrors)),
    ...(isEmptyRule ? [required(path, 'at least one of resourceRules and nonResourceRules has to be non-empty')] : []),
    ...each(resourceRules, `${path}.resourceRules`, resourceRuleErrors),
    ...each(nonResourceRules, `${path}.nonResourceRules`, nonResourceRuleErrors),
  ];
}

function subjectErrors(subject: Subject, path: string): FieldError[] {
  const kind = subject.kind ?? '';
  if (!Object.hasOwn(SUBJECT_MEMBERS, kind)) {
    return [notSupported(`${path}.kind`, kind, Object.keys(SUBJECT_MEMBERS))];
  }
  const own = SUBJECT_MEMBERS[kind as keyof typeof SUBJECT_MEMBERS];
  const others = Object.entries(SUBJECT_MEMBERS).filter(
    ([, member]) => member !== own && subject[member] !== undefined,
  );
  return [
    ...(subject[own] === undefined
      ? [required(`${path}.${own}`, `${own} is required when subject kind is '${kind}'`)]
      : own === 'serviceAccount'
        ? accountErrors(subject.serviceAccount ?? {}, `${path}.serviceAccount`)
        : requiredText(`${path}.${own}.name`, subject[own]?.name)),
    ...others.map(([otherKind, member]) =>
      forbiddenField(`${path}.${member}`, `${member} is forbidden when subject kind is not '${otherKind}'`),
    ),
  ];
}

function accountErrors({ name, namespace }: NonNullable<Subject['serviceAccount']>, path: string): FieldError[] {
  return [
    ...requiredText(`${path}.name`, name, (text) => (text === '*' ? [] : dns1123SubdomainErrors(text))),
    ...(isEmpty(namespace) ? [required(`${path}.namespace`, 'must specify namespace for service account')] : []),
    ...optionalText(`${path}.namespace`, namespace, dns1123LabelErrors),
  ];
}

function resourceRuleErrors(rule: ResourceRule, path: string): FieldError[] {
  const { namespaces, clusterScope } = rule;
  const unscoped = 'resource rules that are not cluster scoped must supply at least one namespace';
  return [
    ...verbErrors(rule.verbs, `${path}.verbs`),
    ...listErrors(
      `${path}.apiGroups`,
      rule.apiGroups,
      'api groups',
      'resource rules must supply at least one api group',
    ),
    ...listErrors(`${path}.resources`, rule.resources, 'resources', 'resource rules must supply at least one resource'),
    ...((namespaces ?? []).length === 0 && clusterScope === true
      ? []
      : listErrors(`${path}.namespaces`, namespaces, 'namespaces', unscoped)),
    ...(namespaces?.includes('*') === true ? [] : each(namespaces, `${path}.namespaces`, namespaceErrors)),
  ];
}

function namespaceErrors(name: string, path: string): FieldError[] {
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  return dns1123LabelErrors(name).map((detail) => invalid(path, name, intro + detail));
}

function nonResourceRuleErrors({ verbs, nonResourceURLs }: NonResourceRule, path: string): FieldError[] {
  const urls = `${path}.nonResourceURLs`;
  return [
    ...verbErrors(verbs, `${path}.verbs`),
    ...listErrors(urls, nonResourceURLs, 'non-resource URLs', 'nonResourceURLs must contain at least one value'),
    ...(nonResourceURLs?.includes('*') === true ? [] : each(nonResourceURLs, urls, urlErrors)),
  ];
}

/** At least one member; a wildcard stands alone. */
function listErrors(path: string, list: readonly string[] | undefined, what: string, missing: string): FieldError[] {
  if (list === undefined || list.length === 0) return [required(path, missing)];
  if (list.length === 1 || !list.includes('*')) return [];
  return [invalid(path, list, `if '*' is present, must not specify other ${what}`)];
}

function verbErrors(verbs: readonly string[] | undefined, path: string): FieldError[] {
  const errors = listErrors(path, verbs, 'verbs', 'verbs must contain at least one value');
  const known = verbs?.includes('*') === true || (verbs ?? []).every((verb) => VERBS.includes(verb));
  return known ? errors : [notSupported(path, verbs, VERBS)];
}

function urlErrors(url: string, path: string): FieldError[] {
  const detail = urlDetail(url);
  return detail === undefined ? [] : [invalid(path, url, detail)];
}

function urlDetail(url: string): string | undefined {
  if (url === '') return 'must not be empty';
  if (!url.startsWith('/')) return 'must start with slash';
  if (url.includes(' ')) return 'must not contain white-space';
  if (url.includes('//')) return 'must not contain double slash';
  const wildcard = url.indexOf('*');
  const isSuffix = wildcard === url.length - 1 && url.endsWith('/*');
  return wildcard === -1 || isSuffix ? undefined : 'wildcard can only do suffix matching';
}

/** The two schemas that flow control cannot do without keep the spec they were made with. */
function mandatoryErrors(name: string, spec: Spec): FieldError[] {
  if (!MANDATORY.includes(name)) return [];
  const fixed = defaultFlowSchemas().find(({ metadata }) => metadata?.name === name)?.spec;
  if (equalJson(spec, fixed)) return [];
  return [invalid('spec', goDump(spec, 'FlowSchemaSpec'), `spec of '${name}' must equal the fixed value`)];
}

/** Conditions of FlowSchemas and PriorityLevelConfigurations: a list by type. */
export function flowConditionErrors(conditions: readonly { type?: string }[] | undefined): FieldError[] {
  const seen = new Set<string>();
  return each(conditions, 'status.conditions', ({ type = '' }, path) => {
    const repeated = seen.has(type);
    seen.add(type);
    return [
      ...(repeated ? [duplicate(`${path}.type`, type)] : []),
      ...(type === '' ? [required(`${path}.type`, 'must not be empty')] : []),
    ];
  });
}
