/** Validation of quotas: upstream `pkg/apis/core/validation/validation.go`. */
import { type FieldError, invalid, required } from '../../../api/field-error.ts';
import type { ResourceQuotaDraft } from '../models.ts';
import type { StrategyContext } from '../strategy.ts';
import { goDump } from '../validation/go-dump.ts';
import { amountErrors, resourceNameErrors } from './resources-validation.ts';

type Scoped = NonNullable<ResourceQuotaDraft['spec']>;
type Amounts = Readonly<Record<string, string>>;

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
const NOT_STANDARD = 'must be a standard resource for quota';
const POD_RESOURCES = new Set([
  'pods',
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
]);
/** What each scope can bound: best effort pods ask for nothing, so only their number. */
const SCOPES: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['Terminating', POD_RESOURCES],
  ['NotTerminating', POD_RESOURCES],
  ['BestEffort', new Set(['pods'])],
  ['NotBestEffort', POD_RESOURCES],
  ['PriorityClass', POD_RESOURCES],
  ['CrossNamespacePodAffinity', POD_RESOURCES],
  ['VolumeAttributesClass', new Set(['persistentvolumeclaims', 'requests.storage'])],
]);
/** Scopes that pods are in or not; the others have values to choose from. */
const PLAIN_SCOPES = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'];
const ONLY_EXISTS =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

export function resourceQuotaErrors({ spec = {}, status }: ResourceQuotaDraft): FieldError[] {
  return [...specErrors(spec), ...statusErrors(status)];
}

export function resourceQuotaUpdateErrors(
  quota: ResourceQuotaDraft,
  old: ResourceQuotaDraft,
  { subresource }: StrategyContext,
): FieldError[] {
  if (subresource === 'status') return statusErrors(quota.status);
  const scopes = quota.spec?.scopes ?? [];
  const [now, before] = [new Set(scopes), new Set(old.spec?.scopes ?? [])];
  const same = now.size === before.size && [...now].every((scope) => before.has(scope));
  return [
    ...specErrors(quota.spec ?? {}),
    ...(same ? [] : [invalid('spec.scopes', quota.spec?.scopes ?? null, 'field is immutable')]),
  ];
}

function specErrors(spec: Scoped): FieldError[] {
  return [...hardErrors(spec.hard, 'spec.hard'), ...scopeErrors(spec), ...selectorErrors(spec)];
}

function statusErrors(status: ResourceQuotaDraft['status']): FieldError[] {
  return [...hardErrors(status?.hard, 'status.hard'), ...hardErrors(status?.used, 'status.used')];
}

function hardErrors(amounts: Amounts | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...quotaNameErrors(name, `${path}[${name}]`),
    ...amountErrors(name, amount, `${path}[${name}]`),
  ]);
}

function quotaNameErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  return name.includes('/') || isStandard(name) ? errors : [...errors, invalid(path, name, NOT_STANDARD)];
}

function isStandard(name: string): boolean {
  return QUOTA_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name);
}

function scopeErrors(spec: Scoped): FieldError[] {
  const [path, scopes] = ['spec.scopes', spec.scopes ?? []];
  return [
    ...scopes.flatMap((scope) => [
      ...(SCOPES.has(scope) ? [] : [invalid(path, scopes, 'unsupported scope')]),
      ...unsuited(spec, scope).map(() => invalid(path, scopes, 'unsupported scope applied to resource')),
    ]),
    ...conflicts(scopes).map(() => invalid(path, scopes, 'conflicting scopes')),
  ];
}

/** The bounded resources that `scope` has nothing to do with. Resources beyond the standard ones are not looked at. */
function unsuited({ hard }: Scoped, scope: string): string[] {
  const suited = SCOPES.get(scope);
  return Object.keys(hard ?? {}).filter((name) => isStandard(name) && suited !== undefined && !suited.has(name));
}

function conflicts(scopes: readonly string[]): unknown[] {
  return OPPOSITES.filter((pair) => pair.every((scope) => scopes.includes(scope)));
}

function selectorErrors(spec: Scoped): FieldError[] {
  const path = 'spec.scopeSelector.matchExpressions';
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  const shown = goDump(spec.scopeSelector, 'ScopeSelector');
  const scopes = expressions.map(({ scopeName = '' }) => scopeName);
  return [
    ...expressions.flatMap((expression) => [
      ...(SCOPES.has(expression.scopeName ?? '')
        ? []
        : [invalid(`${path}.scopeName`, expression.scopeName ?? '', 'unsupported scope')]),
      ...unsuited(spec, expression.scopeName ?? '').map(() =>
        invalid(path, shown, 'unsupported scope applied to resource'),
      ),
      ...operatorErrors(expression, path),
    ]),
    // Upstream shows the other list of scopes here, which need not exist.
    ...conflicts(scopes).map(() => invalid(path, spec.scopes ?? null, 'conflicting scopes')),
  ];
}

type Expression = NonNullable<NonNullable<Scoped['scopeSelector']>['matchExpressions']>[number];

function operatorErrors({ scopeName = '', operator = '', values }: Expression, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const count = (values ?? []).length;
  if (PLAIN_SCOPES.includes(scopeName) && operator !== 'Exists') {
    errors.push(invalid(`${path}.operator`, operator, ONLY_EXISTS));
  }
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (count > 0) return errors;
      return [
        ...errors,
        required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"),
      ];
    case 'Exists':
    case 'DoesNotExist':
      if (count === 0) return errors;
      return [
        ...errors,
        invalid(
          `${path}.values`,
          values,
          "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
        ),
      ];
    default:
      return [...errors, invalid(`${path}.operator`, operator, 'not a valid selector operator')];
  }
}
