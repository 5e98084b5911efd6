/** Validation of resource names, amounts and requirements: upstream `pkg/apis/core/validation/validation.go`. */
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalid,
  notFoundField,
  required,
} from '../../../api/field-error.ts';
import { dns1123LabelErrors, qualifiedNameErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity, quantityMilliValue } from '../../../api/quantity.ts';
import type { ResourcesDraft } from '../models.ts';
import { each, invalidFor, isEmpty } from '../validation/checks.ts';

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage']);
const INTEGER_RESOURCES = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);
const STANDARD_RESOURCES = new Set([
  ...INTEGER_RESOURCES,
  ...CONTAINER_RESOURCES,
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
]);

const HUGE_PAGES_PREFIX = 'hugepages-';

type Amounts = Readonly<Record<string, string>>;
type NameErrors = (name: string, path: string) => FieldError[];

export function requirementsErrors(
  resources: ResourcesDraft | undefined,
  claimNames: ReadonlySet<string>,
  path: string,
  nameErrors: NameErrors = containerResourceErrors,
): FieldError[] {
  const limits: Amounts = resources?.limits ?? {};
  const requests: Amounts = resources?.requests ?? {};
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  return [
    ...Object.entries(limits).flatMap(([name, amount]) => [
      ...nameErrors(name, `${path}.limits[${name}]`),
      ...amountErrors(name, amount, `${path}.limits[${name}]`),
      ...hugePageErrors(name, amount, `${path}.limits[${name}]`),
    ]),
    ...Object.entries(requests).flatMap(([name, amount]) => [
      ...nameErrors(name, `${path}.requests[${name}]`),
      ...amountErrors(name, amount, `${path}.requests[${name}]`),
      ...requestErrors(name, amount, limits[name], path),
      ...hugePageErrors(name, amount, `${path}.requests[${name}]`),
    ]),
    ...(names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')
      ? [forbiddenField(path, 'HugePages require cpu or memory')]
      : []),
    ...claimErrors(resources, claimNames, `${path}.claims`),
  ];
}

function requestErrors(name: string, amount: string, limit: string | undefined, path: string): FieldError[] {
  if (limit === undefined) {
    if (isOvercommittable(name)) return [];
    return [required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const order = compareQuantities(parseQuantity(amount), parseQuantity(limit));
  const field = `${path}.requests`;
  if (order !== 0 && !isOvercommittable(name))
    return [invalid(field, amount, `must be equal to ${name} limit of ${limit}`)];
  return order <= 0 ? [] : [invalid(field, amount, `must be less than or equal to ${name} limit of ${limit}`)];
}

/** Whole pages only. */
function hugePageErrors(name: string, amount: string, path: string): FieldError[] {
  if (!isHugePages(name)) return [];
  const size = pageSize(name);
  const { nanos } = parseQuantity(amount);
  if (size === undefined || nanos % size === 0n) return [];
  return [invalid(path, amount, `${amount} is not positive integer multiple of ${name}`)];
}

function pageSize(name: string): bigint | undefined {
  try {
    const { nanos } = parseQuantity(name.slice(HUGE_PAGES_PREFIX.length));
    return nanos > 0n ? nanos : undefined;
  } catch {
    return undefined;
  }
}

/** Each claim, or each request of a claim, is named once. */
function claimErrors(resources: ResourcesDraft | undefined, names: ReadonlySet<string>, path: string): FieldError[] {
  const seen = new Set<string>();
  return each(resources?.claims, path, ({ name, request }, path) => {
    if (isEmpty(name)) return [required(path)];
    const errors: FieldError[] = [];
    const key = isEmpty(request) ? name : `${name}/${request}`;
    if (seen.has(name)) errors.push(duplicate(path, name));
    else {
      if (!isEmpty(request)) errors.push(...invalidFor(`${path}.request`, request, dns1123LabelErrors(request)));
      if (seen.has(key)) errors.push(duplicate(path, key));
      else if (key === name) {
        errors.push(...[...seen].filter((each) => each.startsWith(`${name}/`)).map(() => duplicate(path, name)));
      }
      seen.add(key);
    }
    return names.has(name) ? errors : [...errors, unknownClaim(name, names, path)];
  });
}

function unknownClaim(name: string, names: ReadonlySet<string>, path: string): FieldError {
  const rest = names.size === 0 ? ' which is empty' : `: ${[...names].sort().join(', ')}`;
  const error = notFoundField(path, name);
  return { ...error, message: `${error.message}: must be one of the names in pod.spec.resourceClaims${rest}` };
}

/** Fractions may be shared among more than there are; whole devices may not. */
export function isOvercommittable(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES_PREFIX);
}

export function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
}

export function resourceNameErrors(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, qualifiedNameErrors(name));
  const standard = STANDARD_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name);
  if (errors.length > 0 || name.includes('/') || standard) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

export function containerResourceErrors(name: string, path: string): FieldError[] {
  const errors = resourceNameErrors(name, path);
  if (!name.includes('/')) {
    if (CONTAINER_RESOURCES.has(name) || isHugePages(name)) return errors;
    return [...errors, invalid(path, name, 'must be a standard resource for containers')];
  }
  if (isNative(name) || isExtended(name)) return errors;
  return [...errors, invalid(path, name, "doesn't follow extended resource name standard")];
}

/** Amounts are not negative, and whole where only whole things are counted. */
export function amountErrors(name: string, amount: string, path: string): FieldError[] {
  const errors = amountSignErrors(amount, path);
  const whole = INTEGER_RESOURCES.has(name) || isExtended(name);
  if (!whole || quantityMilliValue(parseQuantity(amount)) % 1000 === 0) return errors;
  return [...errors, invalid(path, amount, 'must be an integer')];
}

export function amountSignErrors(amount: string, path: string): FieldError[] {
  return parseQuantity(amount).nanos < 0n ? [invalid(path, amount, 'must be greater than or equal to 0')] : [];
}
