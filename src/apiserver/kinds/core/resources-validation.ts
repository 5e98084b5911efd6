/** Validation of resource names, amounts and requirements: upstream `pkg/apis/core/validation/validation.go`. */
import { forbiddenField, type FieldError, invalid, required } from '../../../api/field-error.ts';
import { qualifiedNameErrors } from '../../../api/names.ts';
import { compareQuantities, parseQuantity, quantityMilliValue } from '../../../api/quantity.ts';
import type { ResourcesDraft } from '../models.ts';
import { invalidFor, isEmpty } from '../validation/checks.ts';

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

type Amounts = Readonly<Record<string, string>>;

export function requirementsErrors(
  resources: ResourcesDraft | undefined,
  claimNames: ReadonlySet<string>,
  path: string,
): FieldError[] {
  const limits: Amounts = resources?.limits ?? {};
  const requests: Amounts = resources?.requests ?? {};
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  return [
    ...Object.entries(limits).flatMap(([name, amount]) => limitErrors(name, amount, requests, path)),
    ...Object.entries(requests).flatMap(([name, amount]) => requestErrors(name, amount, limits, path)),
    ...(names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')
      ? [forbiddenField(path, 'HugePages require cpu or memory')]
      : []),
    ...claimErrors(resources, claimNames, `${path}.claims`),
  ];
}

function limitErrors(name: string, amount: string, requests: Amounts, path: string): FieldError[] {
  const key = `${path}.limits[${name}]`;
  const errors = [...containerResourceErrors(name, key), ...amountErrors(name, amount, key)];
  if (isOvercommittable(name) || requests[name] !== undefined) return errors;
  return errors;
}

function requestErrors(name: string, amount: string, limits: Amounts, path: string): FieldError[] {
  const key = `${path}.requests[${name}]`;
  const errors = [...containerResourceErrors(name, key), ...amountErrors(name, amount, key)];
  const limit = limits[name];
  if (limit === undefined) {
    if (isOvercommittable(name)) return errors;
    return [...errors, required(`${path}.limits`, 'Limit must be set for non overcommitable resources')];
  }
  const order = compareQuantities(parseQuantity(amount), parseQuantity(limit));
  if (order !== 0 && !isOvercommittable(name)) {
    return [...errors, invalid(`${path}.requests`, amount, `must be equal to ${name} limit of ${limit}`)];
  }
  if (order <= 0) return errors;
  return [...errors, invalid(`${path}.requests`, amount, `must be less than or equal to ${name} limit of ${limit}`)];
}

function claimErrors(resources: ResourcesDraft | undefined, names: ReadonlySet<string>, path: string): FieldError[] {
  return (resources?.claims ?? []).flatMap(({ name }, index) => {
    if (isEmpty(name)) return [required(`${path}[${index}].name`)];
    if (names.has(name)) return [];
    const shown = JSON.stringify(name);
    return [{ type: 'FieldValueNotFound', field: `${path}[${index}]`, message: `Not found: ${shown}` } as const];
  });
}

/** Fractions may be shared among more than there are; whole devices may not. */
function isOvercommittable(name: string): boolean {
  return isNative(name) && !isHugePages(name);
}

function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/');
}

function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameErrors(`requests.${name}`).length === 0;
}

export function resourceNameErrors(name: string, path: string): FieldError[] {
  const errors = invalidFor(path, name, qualifiedNameErrors(name));
  if (errors.length > 0 || name.includes('/') || STANDARD_RESOURCES.has(name) || isHugePages(name)) return errors;
  return [invalid(path, name, 'must be a standard resource type or fully qualified')];
}

function containerResourceErrors(name: string, path: string): FieldError[] {
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
