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
      ...termErrors(preference ?? {}, `${path}.preference`, { checkValues: false }),
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
  return each(nodeSelectorTerms, terms, (term, path) => termErrors(term, path, { checkValues: true }));
}

/** What is only preferred may ask for values that no label can have. */
function termErrors(
  { matchExpressions, matchFields }: Term,
  path: string,
  { checkValues }: { readonly checkValues: boolean },
): FieldError[] {
  return [
    ...each(matchExpressions, `${path}.matchExpressions`, ({ key, operator, values }, path) => [
      ...operatorErrors(operator ?? '', (values ?? []).length, path),
      ...labelNameErrors(key, `${path}.key`),
      ...each(checkValues ? values : [], `${path}.values`, (value, path) =>
        invalidFor(path, value, labelValueErrors(value)),
      ),
    ]),
    ...each(matchFields, `${path}.matchFields`, fieldErrors),
  ];
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
    ...matchKeyErrors(term, path),
    ...(isEmpty(topologyKey) ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
    ...labelNameErrors(topologyKey, `${path}.topologyKey`),
  ];
}

interface MatchKeys {
  readonly labelSelector?: Spread['labelSelector'];
  readonly matchLabelKeys?: readonly string[];
  readonly mismatchLabelKeys?: readonly string[];
}

/** Keys whose values come from the pod's own labels: by now they stand in the selector too. */
function matchKeyErrors(keys: MatchKeys, path: string): FieldError[] {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = keys;
  const taken = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  const repeated = (labelSelector?.matchExpressions ?? []).flatMap(({ key = '' }) => {
    const index = matchLabelKeys.lastIndexOf(key);
    const again = index >= 0 && taken.has(key);
    taken.add(key);
    return again ? [invalid(`${path}[${index}]`, key, 'exists in both matchLabelKeys and labelSelector')] : [];
  });
  return [
    ...labelKeyErrors(matchLabelKeys, labelSelector, `${path}.matchLabelKeys`),
    ...labelKeyErrors(mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`),
    ...repeated,
    ...each(matchLabelKeys, `${path}.matchLabelKeys`, (key, path) =>
      mismatchLabelKeys.includes(key)
        ? [invalid(path, key, 'exists in both matchLabelKeys and mismatchLabelKeys')]
        : [],
    ),
  ];
}

function labelKeyErrors(keys: readonly string[], selector: MatchKeys['labelSelector'], path: string): FieldError[] {
  if (keys.length > 0 && selector === undefined) {
    return [forbiddenField(path, 'must not be specified when labelSelector is not set')];
  }
  return each(keys, path, (key, path) => labelNameErrors(key, path));
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
  // Comparisons are known and off by default.
  if (operator === 'Lt' || operator === 'Gt') {
    return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists', 'Lt', 'Gt'])];
  }
  if (operator !== 'Exists') return [notSupported(`${path}.operator`, operator, ['Equal', 'Exists'])];
  if (value === '') return [];
  return [invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'")];
}

const WHEN_UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];
const NODE_POLICIES = ['Honor', 'Ignore'];

export function spreadErrors(constraints: readonly Spread[] | undefined, path: string): FieldError[] {
  const pairs = (constraints ?? []).map(
    ({ topologyKey = '', whenUnsatisfiable = '' }) => `{${topologyKey}, ${whenUnsatisfiable}}`,
  );
  return each(constraints, path, (spread, path, index) => {
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable = '' } = spread;
    const pair = pairs[index] ?? '';
    const repeated = pairs.includes(pair, index + 1);
    return [
      ...(maxSkew <= 0 ? [invalid(`${path}.maxSkew`, maxSkew, 'must be greater than zero')] : []),
      ...(topologyKey === '' ? [required(`${path}.topologyKey`, 'can not be empty')] : []),
      ...oneOf(`${path}.whenUnsatisfiable`, whenUnsatisfiable, WHEN_UNSATISFIABLE, 'unsupported'),
      ...(repeated ? [duplicate(`${path}.{topologyKey, whenUnsatisfiable}`, pair)] : []),
      ...minDomainsErrors(spread, path),
      ...oneOf(`${path}.nodeAffinityPolicy`, spread.nodeAffinityPolicy, NODE_POLICIES),
      ...oneOf(`${path}.nodeTaintsPolicy`, spread.nodeTaintsPolicy, NODE_POLICIES),
      ...matchKeyErrors(spread, path),
      ...selectorErrors(spread.labelSelector, `${path}.labelSelector`),
    ];
  });
}

function minDomainsErrors({ minDomains, whenUnsatisfiable }: Spread, path: string): FieldError[] {
  if (minDomains === undefined) return [];
  const field = `${path}.minDomains`;
  const errors = minDomains <= 0 ? [invalid(field, minDomains, 'must be greater than zero')] : [];
  if (whenUnsatisfiable === 'DoNotSchedule') return errors;
  const detail = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable ?? ''}`;
  return [...errors, invalid(field, minDomains, detail)];
}
