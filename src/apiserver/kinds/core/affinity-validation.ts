/** Validation of where pods may run: upstream `pkg/apis/core/validation/validation.go`. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notSupported,
  required,
} from '../../../api/field-error.ts';
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from '../../../api/names.ts';
import { labelSelectorErrors } from '../../../api/selectors.ts';
import type { PodSpecDraft } from '../models.ts';
import { each, invalidFor, isEmpty, oneOf } from '../validation/checks.ts';

type Affinity = NonNullable<PodSpecDraft['affinity']>;
type NodeSelector = NonNullable<
  NonNullable<Affinity['nodeAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>;
type Term = NonNullable<NodeSelector['nodeSelectorTerms']>[number];
type Requirement = NonNullable<Term['matchExpressions']>[number];
type PodTerm = NonNullable<
  NonNullable<Affinity['podAffinity']>['requiredDuringSchedulingIgnoredDuringExecution']
>[number];
type Toleration = NonNullable<PodSpecDraft['tolerations']>[number];
type Spread = NonNullable<PodSpecDraft['topologySpreadConstraints']>[number];

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

export function affinityErrors(affinity: Affinity | undefined, path: string): FieldError[] {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity ?? {};
  return [
    ...(nodeAffinity?.[REQUIRED] === undefined
      ? []
      : nodeSelectorErrors(nodeAffinity[REQUIRED], `${path}.nodeAffinity.${REQUIRED}`)),
    ...each(nodeAffinity?.[PREFERRED], `${path}.nodeAffinity.${PREFERRED}`, ({ weight, preference }, path) => [
      ...weightErrors(weight, path),
      ...termErrors(preference ?? {}, `${path}.preference`),
    ]),
    ...podAffinityErrors(podAffinity, `${path}.podAffinity`),
    ...podAffinityErrors(podAntiAffinity, `${path}.podAntiAffinity`),
  ];
}

function podAffinityErrors(affinity: Affinity['podAffinity'], path: string): FieldError[] {
  return [
    ...each(affinity?.[REQUIRED], `${path}.${REQUIRED}`, podTermErrors),
    ...each(affinity?.[PREFERRED], `${path}.${PREFERRED}`, ({ weight, podAffinityTerm }, path) => [
      ...weightErrors(weight, path),
      ...podTermErrors(podAffinityTerm ?? {}, `${path}.podAffinityTerm`),
    ]),
  ];
}

function weightErrors(weight: number | undefined, path: string): FieldError[] {
  const value = weight ?? 0;
  return value > 0 && value <= 100 ? [] : [invalid(`${path}.weight`, value, 'must be in the range 1-100')];
}

export function nodeSelectorErrors({ nodeSelectorTerms }: NodeSelector, path: string): FieldError[] {
  const terms = `${path}.nodeSelectorTerms`;
  if ((nodeSelectorTerms ?? []).length === 0) return [required(terms, 'must have at least one node selector term')];
  return each(nodeSelectorTerms, terms, termErrors);
}

function termErrors({ matchExpressions, matchFields }: Term, path: string): FieldError[] {
  return [
    ...each(matchExpressions, `${path}.matchExpressions`, expressionErrors),
    ...each(matchFields, `${path}.matchFields`, fieldErrors),
  ];
}

function expressionErrors({ key, operator, values }: Requirement, path: string): FieldError[] {
  return [...operatorErrors(operator ?? '', (values ?? []).length, path), ...labelNameErrors(key, `${path}.key`)];
}

function operatorErrors(operator: string, count: number, path: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count > 0) return [];
      return [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      if (count === 0) return [];
      return [forbiddenField(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    case 'Gt':
    case 'Lt':
      if (count === 1) return [];
      return [required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'")];
    default:
      return [invalid(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}

function fieldErrors({ key, operator, values }: Requirement, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator'));
  } else if ((values ?? []).length !== 1) {
    const detail = "must be only one value when `operator` is 'In' or 'NotIn' for node field selector";
    errors.push(required(`${path}.values`, detail));
  }
  if (key !== 'metadata.name') return [...errors, invalid(`${path}.key`, key ?? '', 'not a valid field selector key')];
  return [
    ...errors,
    ...each(values, `${path}.values`, (value, path) => invalidFor(path, value, dns1123SubdomainErrors(value))),
  ];
}

function podTermErrors(term: PodTerm, path: string): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces, topologyKey } = term;
  return [
    ...selectorErrors(labelSelector, `${path}.labelSelector`),
    ...selectorErrors(namespaceSelector, `${path}.namespaceSelector`),
    ...(namespaces ?? []).flatMap((name) => invalidFor(`${path}.namespace`, name, dns1123LabelErrors(name))),
    ...(isEmpty(topologyKey) ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...labelNameErrors(topologyKey, `${path}.topologyKey`),
  ];
}

function selectorErrors(selector: object | undefined, path: string): FieldError[] {
  return selector === undefined ? [] : labelSelectorErrors(selector, path);
}

function labelNameErrors(name: string | undefined, path: string): FieldError[] {
  return invalidFor(path, name ?? '', qualifiedNameErrors(name ?? ''));
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function tolerationErrors(tolerations: readonly Toleration[] | undefined, path: string): FieldError[] {
  return each(tolerations, path, ({ key, operator, value, effect, tolerationSeconds }, path) => [
    ...(isEmpty(key) ? [] : labelNameErrors(key, `${path}.key`)),
    ...(isEmpty(key) && operator !== 'Exists'
      ? [
          invalid(
            `${path}.operator`,
            operator ?? '',
            'operator must be Exists when `key` is empty, which means "match all values and all keys"',
          ),
        ]
      : []),
    ...(tolerationSeconds !== undefined && effect !== 'NoExecute'
      ? [invalid(`${path}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set")]
      : []),
    ...tolerationOperatorErrors(operator ?? '', value ?? '', path),
    ...oneOf(`${path}.effect`, effect, EFFECTS),
  ]);
}

function tolerationOperatorErrors(operator: string, value: string, path: string): FieldError[] {
  if (operator === '' || operator === 'Equal') {
    const errors = labelValueErrors(value);
    return errors.length === 0 ? [] : [invalid(`${path}.operator`, value, errors.join(';'))];
  }
  if (operator !== 'Exists') return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])];
  if (value === '') return [];
  return [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")];
}

const WHEN_UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES = ['Honor', 'Ignore'];

export function spreadErrors(constraints: readonly Spread[] | undefined, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(constraints, path, (spread, path) => {
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = spread;
    const pair = `{${topologyKey}, ${whenUnsatisfiable}}`;
    const repeated = seen.has(pair);
    seen.add(pair);
    return [
      ...(maxSkew <= 0 ? [invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
      ...(topologyKey === ''
        ? [required(`${path}.topologyKey`, 'can not be empty')]
        : labelNameErrors(topologyKey, `${path}.topologyKey`)),
      ...oneOf(`${path}.whenUnsatisfiable`, whenUnsatisfiable, WHEN_UNSATISFIABLE, 'unsupported'),
      ...(repeated ? [duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair)] : []),
      ...minDomainsErrors(spread, path),
      ...oneOf(`${path}.nodeAffinityPolicy`, spread.nodeAffinityPolicy, NODE_POLICIES),
      ...oneOf(`${path}.nodeTaintsPolicy`, spread.nodeTaintsPolicy, NODE_POLICIES),
      ...selectorErrors(spread.labelSelector, `${path}.labelSelector`),
    ];
  });
}

function minDomainsErrors({ minDomains, whenUnsatisfiable }: Spread, path: string): FieldError[] {
  if (minDomains === undefined) return [];
  if (minDomains <= 0) return [invalid(`${path}.minDomains`, minDomains, 'must be greater than zero')];
  if (whenUnsatisfiable === 'DoNotSchedule') return [];
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
  return [invalid(`${path}.minDomains`, minDomains, detail)];
}
