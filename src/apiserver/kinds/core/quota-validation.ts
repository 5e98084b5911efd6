/** Validation of quotas and limit ranges: upstream `pkg/apis/core/validation/validation.go`. */
import { duplicate, type FieldError, forbiddenField, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity } from '../../../api/quantity.ts';
import type { LimitRangeDraft, ResourceQuotaDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { each, immutable, invalidFor } from '../validation/checks.ts';
import { amountErrors, resourceNameErrors } from './resources-validation.ts';

type Scoped = NonNullable<ResourceQuotaDraft['spec']>;
type LimitItem = NonNullable<NonNullable<LimitRangeDraft['spec']>['limits']>[number];

const QUOTA_RESOURCES = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
  'services.nodeports',
  'services.loadbalancers',
]);
const SCOPES = [
  'Terminating',
  'NotTerminating',
  'BestEffort',
  'NotBestEffort',
  'PriorityClass',
  'CrossNamespacePodAffinity',
  'VolumeAttributesClass',
];
const POD_RESOURCES = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);
const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

export function resourceQuotaErrors({ spec = {} }: ResourceQuotaDraft): FieldError[] {
  return [
    ...Object.entries(spec.hard ?? {}).flatMap(([name, amount]) => [
      ...quotaNameErrors(name, `spec.hard[${name}]`),
      ...amountErrors(name, amount, `spec.hard[${name}]`),
    ]),
    ...scopeErrors(spec, spec.scopes, 'spec.scopes'),
    ...selectorErrors(spec),
  ];
}

export function resourceQuotaUpdateErrors(
  quota: ResourceQuotaDraft,
  old: ResourceQuotaDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') {
    return (['hard', 'used'] as const).flatMap((member) =>
      Object.entries(quota.status?.[member] ?? {}).flatMap(([name, amount]) => [
        ...quotaNameErrors(name, `status.${member}[${name}]`),
        ...amountErrors(name, amount, `status.${member}[${name}]`),
      ]),
    );
  }
  const scopes = [...(quota.spec?.scopes ?? [])].sort();
  const before = [...(old.spec?.scopes ?? [])].sort();
  return [...resourceQuotaErrors(quota), ...immutable('spec.scopes', scopes, before)];
}

function quotaNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  const own = QUOTA_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name);
  if (name.includes('/') || own || name.startsWith('count/')) return errors;
  return [...errors, invalid(path, name, 'must be a standard resource for quota')];
}

function scopeErrors(spec: Scoped, scopes: readonly string[] | undefined, path: string): FieldError[] {
  const list = scopes ?? [];
  const hard = Object.keys(spec.hard ?? {});
  const errors: FieldError[] = [];
  for (const scope of list) {
    if (!SCOPES.includes(scope)) errors.push(invalid(path, list, 'unsupported scope'));
    errors.push(
      ...hard
        .filter((name) => !suits(scope, name))
        .map(() => invalid(path, list, 'unsupported scope applied to resource')),
    );
  }
  if (OPPOSITES.some((pair) => pair.every((scope) => list.includes(scope)))) {
    errors.push(invalid(path, list, 'conflicting scopes'));
  }
  return errors;
}

/** Best effort pods ask for nothing, so only their number can be bounded. */
function suits(scope: string, resource: string): boolean {
  switch (scope) {
    case 'BestEffort':
      return resource === 'pods';
    case 'Terminating':
    case 'NotTerminating':
    case 'NotBestEffort':
    case 'PriorityClass':
    case 'CrossNamespacePodAffinity':
      return POD_RESOURCES.has(resource) || resource.includes('ephemeral-storage') || resource.includes('/');
    default:
      return true;
  }
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function selectorErrors(spec: Scoped): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  return expressions.flatMap(({ scopeName = '', operator = '', values }) => {
    const errors: FieldError[] = [];
    if (!SCOPES.includes(scopeName)) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'));
    if (!OPERATORS.includes(operator))
      errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    if ((operator === 'In' || operator === 'NotIn') && (values ?? []).length === 0) {
      const detail = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
      errors.push(required(`${path}.values`, detail));
    }
    return errors;
  });
}

const BOUNDS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

export function limitRangeErrors({ spec }: LimitRangeDraft): FieldError[] {
  const seen = new Set<string>();
  return each(spec?.limits, 'spec.limits', (item, path) => {
    const type = item.type ?? '';
    const repeated = seen.has(type);
    seen.add(type);
    return [
      ...typeErrors(type, `${path}.type`),
      ...(repeated ? [duplicate(`${path}.type`, type)] : []),
      ...BOUNDS.flatMap((bound) =>
        Object.keys(item[bound] ?? {}).flatMap((name) => resourceNameErrors(name, `${path}.${bound}[${name}]`)),
      ),
      ...podDefaultErrors(item, path),
      ...orderErrors(item, path),
    ];
  });
}

function typeErrors(type: string, path: string): FieldError[] {
  if (['Pod', 'Container', 'PersistentVolumeClaim'].includes(type)) return [];
  const errors = invalidFor(path, type, qualifiedNameErrors(type));
  if (errors.length > 0 || type.includes('/')) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function podDefaultErrors(item: LimitItem, path: string): FieldError[] {
  if (item.type !== 'Pod') return [];
  return (['default', 'defaultRequest'] as const)
    .filter((bound) => Object.keys(item[bound] ?? {}).length > 0)
    .map((bound) => forbiddenField(`${path}.${bound}`, "may not be specified when `type` is 'Pod'"));
}

/** Each bound and the one that it may not pass. */
const ORDER: readonly (readonly [
  'min' | 'defaultRequest' | 'default',
  'max' | 'default' | 'defaultRequest',
  string,
])[] = [
  ['min', 'max', 'min'],
  ['min', 'defaultRequest', 'min'],
  ['min', 'default', 'min'],
  ['defaultRequest', 'default', 'defaultRequest'],
  ['defaultRequest', 'max', 'defaultRequest'],
  ['default', 'max', 'default'],
];
const BOUND_NAMES = { min: 'min', max: 'max', default: 'default', defaultRequest: 'default request' } as const;

function orderErrors(item: LimitItem, path: string): FieldError[] {
  const names = new Set(BOUNDS.flatMap((bound) => Object.keys(item[bound] ?? {})));
  return [...names].flatMap((name) =>
    ORDER.flatMap(([low, high, shown]) => {
      const [lower, upper] = [item[low]?.[name], item[high]?.[name]];
      if (lower === undefined || upper === undefined) return [];
      if (compareQuantities(parseQuantity(lower), parseQuantity(upper)) <= 0) return [];
      const detail = `${BOUND_NAMES[low]} value ${lower} is greater than ${BOUND_NAMES[high]} value ${upper}`;
      return [invalid(`${path}.${shown}[${name}]`, lower, detail)];
    }),
  );
}
